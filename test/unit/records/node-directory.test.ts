import assert from "node:assert/strict";
import { networkId, sha256, signingDomain } from "../../../src/base/index.ts";
import { clientRequestMessage } from "../../../src/chain/index.ts";
import { Liveness, NodeDirectory, type OpenReplica } from "../../../src/records/index.ts";
import { NodeInfo } from "../../../src/wire/index.ts";
import { genesis, kinds, nodeInfo, TestNetwork, wallet } from "./network.ts";

const idle = { activeTasks: 0, maxTasks: 1, load: 0 };

describe("the node directory", () => {
  let network: TestNetwork;
  let replica: OpenReplica;
  let liveness: Liveness;
  let directory: NodeDirectory;
  beforeEach(async () => {
    network = new TestNetwork();
    replica = await network.replica("alice");
    liveness = new Liveness({ replica, kind: kinds.node, clock: network.clock });
    directory = new NodeDirectory({ replica, kind: kinds.node, liveness, clock: network.clock });
  });
  afterEach(() => {
    directory.stop();
    liveness.stop();
    return network.close();
  });
  const alice = wallet("alice").address;
  const publish = (nodeId: string, models: readonly string[], changes: NodeInfo.$Properties = {}) =>
    replica.publish(kinds.node, nodeId, {
      info: nodeInfo(wallet("alice"), {
        node_id: nodeId,
        supported_models: models.map((model_uuid) => ({ model_uuid, price_wei: "1" })),
        ...changes,
      }),
      roles: ["compute"],
    });
  const idsOf = (nodes: readonly { readonly info: NodeInfo }[]) =>
    nodes.map(({ info }) => info.node_id).sort();
  const heard = (nodeId: string) =>
    liveness.heard({ ...idle, nodeId, wallet: alice, heardMs: network.clock.nowMs() });

  it("finds nodes by id, wallet and model, and follows what their records say", async () => {
    await publish("n1", ["a", "b"]);
    await publish("n2", ["b"]);
    assert.equal(directory.find("n1")?.owner, alice);
    assert.equal(directory.find("n3"), undefined);
    assert.deepEqual(idsOf(directory.byWallet(alice)), ["n1", "n2"]);
    assert.deepEqual(idsOf(directory.serving("b")), ["n1", "n2"]);
    assert.deepEqual([...directory.models()].sort(), [
      ["a", 1],
      ["b", 2],
    ]);
    await publish("n1", ["c"]);
    assert.deepEqual(idsOf(directory.serving("b")), ["n2"]);
    assert.deepEqual(idsOf(directory.serving("c")), ["n1"]);
    await replica.remove(kinds.node, "n1");
    assert.equal(directory.find("n1"), undefined);
    assert.deepEqual(idsOf(directory.byWallet(alice)), ["n2"]);
    assert.deepEqual(directory.serving("c"), []);
  });

  it("knows from the start what the replica holds", async () => {
    await publish("n1", ["a"]);
    const later = new NodeDirectory({ replica, kind: kinds.node, liveness, clock: network.clock });
    assert.deepEqual(idsOf(later.serving("a")), ["n1"]);
    later.stop();
  });

  it("serves live nodes only, and lists offline ones when asked", async () => {
    await publish("n1", ["a"]);
    await publish("n2", ["a"]);
    network.clock.advance(60_000);
    heard("n1");
    assert.deepEqual(idsOf(directory.serving("a")), ["n1"]);
    assert.deepEqual(idsOf(directory.list()), ["n1"]);
    assert.deepEqual(idsOf(directory.list({ includeOffline: true })), ["n1", "n2"]);
    assert.equal(directory.statusOf({ wallet: alice, nodeId: "n2" }), "offline");
    assert.equal(directory.statusOf({ wallet: alice, nodeId: "n1" }), "alive");
    assert.equal(directory.find("n1")?.lastHeartbeatMs, network.clock.nowMs());
    assert.equal(directory.find("n2")?.lastHeartbeatMs, undefined);
  });

  it("lists by role, model, subnet and capabilities together", async () => {
    await publish("n1", ["a"], { capabilities: ["gpu", "big"], subnet_id: 7n });
    await publish("n2", ["a"], { capabilities: ["gpu"] });
    await publish("n3", ["b"], { capabilities: ["gpu", "big"], subnet_id: 7n });
    assert.deepEqual(idsOf(directory.list({ modelUuid: "a", subnetId: 7n, capabilities: ["big", "gpu"] })), [
      "n1",
    ]);
    assert.deepEqual(idsOf(directory.list({ role: "compute", subnetId: 7n })), ["n1", "n3"]);
    assert.deepEqual(idsOf(directory.list({ role: "gateway" })), []);
    assert.deepEqual(idsOf(directory.list({ modelUuid: "none" })), []);
  });

  it("forgets a node whose record has expired", async () => {
    await publish("n1", ["a"]);
    network.clock.set(network.clock.nowMs() + kinds.node.lifeMs);
    heard("n1");
    assert.equal(directory.find("n1"), undefined);
    assert.deepEqual(directory.serving("a"), []);
    assert.deepEqual(directory.list({ includeOffline: true }), []);
  });

  it("keeps two wallets' nodes of one id apart", async () => {
    const bob = await network.replica("bob");
    await publish("same", ["a"]);
    await bob.publish(kinds.node, "same", { info: nodeInfo(wallet("bob"), { node_id: "same" }) });
    await network.spread();
    assert.equal(directory.get(alice, "same")?.wallet, alice);
    assert.equal(directory.get(wallet("bob").address, "same")?.wallet, wallet("bob").address);
    network.clock.advance(60_000);
    liveness.heard({
      ...idle,
      nodeId: "same",
      wallet: wallet("bob").address,
      heardMs: network.clock.nowMs(),
    });
    assert.equal(directory.find("same")?.wallet, wallet("bob").address);
  });

  it("shows one node for several hosts, by its own record first and then by the newest", async () => {
    const worker = wallet("worker");
    const hostedBy = async (host: OpenReplica, price: string) => {
      const info = nodeInfo(worker, {
        node_id: "w",
        supported_models: [{ model_uuid: "m", price_wei: price }],
      });
      const body = NodeInfo.encode(info).finish();
      const nonce = new Uint8Array(32);
      const timestamp = Math.floor(network.clock.nowMs() / 1000);
      const message = clientRequestMessage(signingDomain(genesis, true), {
        network: networkId(genesis),
        operation: "RegisterComputeNode",
        bodyHash: sha256(body),
        timestamp,
        nonce,
      });
      const proof = {
        operation: "RegisterComputeNode",
        body,
        timestamp,
        nonce,
        signature: await worker.signTyped(message),
      };
      await host.publish(kinds.node, "w", { info, proof });
      await network.spread();
    };
    const priceOf = () => directory.find("w")?.info.supported_models[0]?.price_wei;
    const bob = await network.replica("bob");
    await hostedBy(replica, "1");
    network.clock.advance(1_000);
    await hostedBy(bob, "2");
    assert.equal(directory.byWallet(worker.address).length, 1);
    assert.equal(priceOf(), "2");
    assert.equal(directory.find("w")?.owner, wallet("bob").address);
    await bob.remove(kinds.node, "w");
    await network.spread();
    assert.equal(priceOf(), "1");
    // That a host vouches again is no sign of life of the node.
    network.clock.advance(30_000);
    const again = replica.get(kinds.node, alice, "w")?.payload;
    await replica.publish(kinds.node, "w", again ?? {});
    assert.equal(directory.find("w")?.status, "suspect");
    const own = await network.replica("worker");
    await own.publish(kinds.node, "w", { info: nodeInfo(worker, { node_id: "w" }) });
    await network.spread();
    network.clock.advance(1_000);
    await hostedBy(bob, "3");
    assert.equal(priceOf(), "1000");
  });
});
