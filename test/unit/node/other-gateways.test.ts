import assert from "node:assert/strict";
import { otherGateways } from "../../../src/node/other-gateways.ts";
import { Liveness, NodeDirectory, type NodeRecord } from "../../../src/records/index.ts";
import type { OtherGateways } from "../../../src/roles/gateway/index.ts";
import { countersign, type NodeInfo } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { SharedRecords } from "../records/hosting.ts";
import { kinds, nodeInfo, wallet } from "../records/network.ts";

const me = "me";

describe("other gateways, as a gateway's replica knows them", () => {
  let clock: ManualClock;
  let records: SharedRecords;
  let liveness: Liveness;
  let directory: NodeDirectory;
  let others: OtherGateways;
  let sequence: number;

  beforeEach(() => {
    clock = new ManualClock();
    records = new SharedRecords(clock);
    liveness = new Liveness({ replica: records.as(me), kind: kinds.node, clock });
    directory = new NodeDirectory({ replica: records.as(me), kind: kinds.node, liveness, clock });
    sequence = 0;
    const nothing = () => Promise.reject(new Error("not asked here"));
    others = otherGateways({
      directory,
      mesh: {
        request: nothing,
        answer: () => {},
        onPeer: () => () => {},
        peers: () => [
          { peerId: "near", addresses: [], direction: "inbound", score: 0, latencyMs: 7 } as never,
        ],
      },
      wallet: wallet(me).address,
      clock,
    });
    for (const name of [me, "near", "far"]) host(name, "gateway");
    host("registry", "registry");
  });
  afterEach(() => {
    directory.stop();
    liveness.stop();
  });

  const host = (name: string, role: string) => {
    const fields = { node_id: name, node_type: role, peer_id: name, supported_models: [] };
    records.put(wallet(name).address, name, { info: nodeInfo(wallet(name), fields), roles: [role] });
  };
  const address = (name: string) => wallet(name).address;
  /** A host's record of a node, with the host's word that it hears it. */
  const behind = (host: string, name: string, changes: NodeInfo.$Properties = {}) => {
    const info = nodeInfo(wallet(name), { node_id: name, ...changes });
    records.put(address(host), name, { info, roles: ["compute"] } as NodeRecord);
    hear(host);
  };
  const hear = (host: string) => {
    const beat = { node_id: host, wallet: address(host), sequence: ++sequence, time_ms: clock.nowMs() };
    const hosted = { heard: 1, free_slots: 1 };
    const data = countersign.v1.Heartbeat.encode({ ...beat, hosted }).finish();
    assert.notEqual(liveness.onGossip({ author: host, data }), "reject");
    // Answers are remembered for a moment.
    clock.advance(1_000);
  };
  const found = (modelUuid = "model-1", subnetId?: bigint) =>
    others
      .nodesServing(modelUuid, subnetId)
      .map(({ gateway, nodeId }) => [
        [me, "near", "far", "registry"].find((name) => address(name) === gateway),
        nodeId,
      ]);

  it("are those that vouch for a live node; not registries, and not this gateway itself", () => {
    behind("near", "n1");
    behind("far", "n1");
    behind("registry", "n2");
    behind(me, "n3");
    assert.deepEqual(found(), [
      ["near", "n1"],
      ["far", "n1"],
    ]);
    assert.deepEqual(found("unknown"), []);
    const [first, second] = others.nodesServing("model-1", undefined);
    assert.deepEqual([first?.latencyMs, first?.priceWei], [7, 1_000n]);
    assert.equal(second?.latencyMs, undefined);
  });

  it("are no longer, once they are not heard", () => {
    behind("near", "n1");
    clock.advance(120_000);
    assert.deepEqual(found(), []);
    hear("near");
    assert.deepEqual(found(), [["near", "n1"]]);
  });

  it("may compute themselves", () => {
    const info = nodeInfo(wallet("both"), { node_id: "both", peer_id: "both", node_type: "gateway" });
    records.put(address("both"), "both", { info, roles: ["gateway", "compute"] });
    assert.deepEqual(
      others.nodesServing("model-1", undefined).map(({ gateway }) => gateway),
      [address("both")],
    );
  });

  it("are chosen from by subnet and with their cheapest nodes", () => {
    for (let index = 0; index < 40; index++) {
      const price = { model_uuid: "model-1", price_wei: String(1_000 - index) };
      behind("near", `n${index}`, { supported_models: [price], ...(index < 3 ? { subnet_id: 7n } : {}) });
    }
    assert.equal(found().length, 16);
    assert.deepEqual(found()[0], ["near", "n39"]);
    assert.deepEqual(
      found("model-1", 7n).map(([, id]) => id),
      ["n2", "n1", "n0"],
    );
    // A node that the list leaves out can be offered nevertheless.
    const node = { wallet: address("n0"), nodeId: "n0" };
    assert.equal(others.find(address("near"), node, "model-1")?.priceWei, 1_000n);
    assert.equal(others.find(address("far"), node, "model-1"), undefined);
    assert.equal(others.find(address("near"), node, "other"), undefined);
  });

  it("are listed with what they serve", () => {
    behind("near", "n1", { subnet_id: 7n });
    behind("far", "n1", { subnet_id: 7n });
    behind("far", "n2", { supported_models: [{ model_uuid: "model-1", price_wei: "10", name: "M" }] });
    const [model] = others.models();
    assert.deepEqual(
      [model?.model_uuid, model?.name, model?.available_nodes, model?.nodes_elsewhere, model?.min_price_wei],
      ["model-1", "M", 2, 2, "10"],
    );
    assert.deepEqual(model?.subnet_ids, [7n]);
  });

  it("have the peer that their own record names", () => {
    assert.equal(others.peerIdOf(address("near")), "near");
    assert.equal(others.peerIdOf(address("registry")), undefined);
    assert.equal(others.peerIdOf(address("nobody")), undefined);
    // Another's word about a gateway's peer counts for nothing.
    const info = nodeInfo(wallet("near"), { node_id: "near", peer_id: "thief", node_type: "gateway" });
    records.put(address("far"), "near", { info, roles: ["gateway"] });
    assert.equal(others.peerIdOf(address("near")), "near");
  });
});
