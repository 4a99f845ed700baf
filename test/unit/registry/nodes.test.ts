import assert from "node:assert/strict";
import { requestChecks } from "../../../src/operations/requests.ts";
import { NodeInfo } from "../../../src/wire/index.ts";
import {
  anonymous,
  by,
  computeWallet,
  gatewayWallet,
  local,
  never,
  refusal,
  registryWallet,
  signing,
  startRegistry,
  strangerWallet,
  type TestRegistry,
  type TestRegistryOptions,
} from "./network.ts";

describe("the registry's nodes", () => {
  let net: TestRegistry;

  beforeEach(async () => {
    net = await startRegistry();
  });
  afterEach(() => net.stop());

  async function restartWith(options: TestRegistryOptions): Promise<void> {
    await net.stop();
    net = await startRegistry(options);
  }

  const info = (changes: object = {}) =>
    requestChecks.RegisterNode({
      node_id: "node-1",
      node_type: "compute",
      wallet_address: computeWallet.address,
      capabilities: ["gpu", "f16"],
      supported_models: [{ model_uuid: "m-1", price_wei: "10" }],
      subnet_id: 7n,
      ...changes,
    });
  /** Registers as a compute node does: the call's bytes are signed, decoded, checked. */
  async function register(changes: object = {}, signer = computeWallet) {
    const sent = { ...info(), wallet_address: signer.address, ...changes };
    const body = NodeInfo.encode(sent).finish();
    const checked = requestChecks.RegisterNode(NodeInfo.decode(body));
    return net.registry.registerNode(checked, await signing(net, signer, "RegisterNode", body), never);
  }
  const beat = (changes: object = {}) =>
    requestChecks.UpdateNodeHeartbeat({
      node_id: "node-1",
      wallet_address: computeWallet.address,
      ...changes,
    });
  const discover = (changes: object = {}) =>
    net.registry.discoverNodes(requestChecks.DiscoverNodes(changes), anonymous, never);
  const idsOf = async (changes: object = {}) => (await discover(changes)).map((node) => node.node_id);

  it("vouches for a node whose wallet signed the call, with the signed call in the record", async () => {
    const ack = await register();
    assert.equal(ack.success, true);
    const record = net.replica.get(net.kinds.node, registryWallet.address, "node-1");
    assert.equal(record?.payload.info?.wallet_address, computeWallet.address);
    assert.equal(record?.payload.proof?.operation, "RegisterNode");
    assert.deepEqual(record?.payload.roles, ["compute"]);
    assert.deepEqual(
      net.heard.map(({ nodeId, wallet }) => [nodeId, wallet]),
      [["node-1", computeWallet.address]],
    );
  });

  it("refuses a registration that nobody or somebody else signed", async () => {
    assert.equal(
      (await refusal(net.registry.registerNode(info(), anonymous, never))).code,
      "UNAUTHENTICATED",
    );
    assert.equal((await refusal(net.registry.registerNode(info(), local, never))).code, "ACCESS_DENIED");
    const stranger = await refusal(net.registry.registerNode(info(), by(strangerWallet), never));
    assert.equal(stranger.code, "ACCESS_DENIED");
    assert.equal(stranger.data["field"], "wallet_address");
    assert.equal(net.replica.published, 0);
  });

  it("refuses to vouch without a signed call to show", async () => {
    const unproven = { ...by(computeWallet), proof: undefined };
    assert.equal((await refusal(net.registry.registerNode(info(), unproven, never))).code, "UNAUTHENTICATED");
  });

  it("refuses a call that was signed over something else than the registration", async () => {
    const caller = await signing(
      net,
      computeWallet,
      "RegisterNode",
      NodeInfo.encode(info({ node_id: "x" })).finish(),
    );
    assert.equal((await refusal(net.registry.registerNode(info(), caller, never))).code, "INVALID_ARGUMENT");
    const other = await signing(net, computeWallet, "DeregisterNode", NodeInfo.encode(info()).finish());
    assert.equal((await refusal(net.registry.registerNode(info(), other, never))).code, "INVALID_ARGUMENT");
    assert.equal(net.replica.published, 0);
  });

  it("takes a registration that spells its wallet in capitals, as it was signed", async () => {
    const spelled = `0x${computeWallet.address.slice(2).toUpperCase()}`;
    await register({ wallet_address: spelled });
    const record = net.replica.get(net.kinds.node, registryWallet.address, "node-1");
    assert.equal(record?.payload.info?.wallet_address, spelled);
    assert.equal((await discover())[0]?.wallet_address, computeWallet.address);
    await net.registry.updateNodeHeartbeat(beat(), by(computeWallet), never);
    const ack = await net.registry.deregisterNode(
      { address: computeWallet.address },
      by(computeWallet),
      never,
    );
    assert.equal(ack.success, true);
    assert.deepEqual(await idsOf(), []);
  });

  it("publishes its own node without a signature, and keeps what the record says besides", async () => {
    const own = info({ wallet_address: registryWallet.address, node_type: "validator", node_id: "self" });
    net.replica.adopt(net.kinds.node, registryWallet.address, "self", {
      info: { ...own, peer_id: "12D3" },
      roles: ["validator", "registry"],
      grpc_address: "127.0.0.1:50051",
    });
    await net.registry.registerNode({ ...own, port: 9 }, local, never);
    const payload = net.replica.get(net.kinds.node, registryWallet.address, "self")?.payload;
    assert.deepEqual(payload?.roles, ["validator", "registry"]);
    assert.equal(payload?.grpc_address, "127.0.0.1:50051");
    assert.equal(payload?.info?.port, 9);
    assert.equal(payload?.info?.peer_id, "12D3");
  });

  it("refuses a node id that another wallet holds, and takes the holder's again", async () => {
    await register();
    const problem = await refusal(register({}, strangerWallet));
    assert.equal(problem.code, "ALREADY_EXISTS");
    await register({ port: 8 });
    assert.equal(net.replica.get(net.kinds.node, registryWallet.address, "node-1")?.payload.info?.port, 8);
  });

  it("vouches for no more nodes than configured, but renews those it has", async () => {
    await restartWith({ maxHostedNodes: 1 });
    await register();
    assert.equal((await refusal(register({ node_id: "node-2" }))).code, "UNAVAILABLE");
    await register();
  });

  it("takes heartbeats into liveness, and tells whom it hears", async () => {
    await register();
    net.clock.advance(10_000);
    await net.registry.updateNodeHeartbeat(
      beat({ active_tasks: 1, max_tasks: 4, load: 0.25 }),
      by(computeWallet),
      never,
    );
    const expected = {
      nodeId: "node-1",
      wallet: computeWallet.address,
      activeTasks: 1,
      maxTasks: 4,
      load: 0.25,
      heardMs: net.clock.nowMs(),
    };
    assert.deepEqual(net.heard.at(-1), expected);
    assert.deepEqual([...net.registry.hosted()], [expected]);
  });

  it("refuses heartbeats of unknown nodes, of others' nodes and from a wrong clock", async () => {
    const code = async (changes: object, caller = by(computeWallet)) =>
      (await refusal(net.registry.updateNodeHeartbeat(beat(changes), caller, never))).code;
    assert.equal(await code({}), "NOT_FOUND");
    await register();
    assert.equal(await code({}, anonymous), "UNAUTHENTICATED");
    assert.equal(await code({}, by(strangerWallet)), "ACCESS_DENIED");
    assert.equal(await code({ wallet_address: strangerWallet.address }, by(strangerWallet)), "ACCESS_DENIED");
    const now = net.clock.nowMs() / 1000;
    assert.equal(await code({ timestamp: now - 61 }), "CLOCK_SKEW");
    assert.equal(await code({ timestamp: now + 61 }), "CLOCK_SKEW");
    await net.registry.updateNodeHeartbeat(beat({ timestamp: now - 59 }), by(computeWallet), never);
  });

  it("deregisters all nodes of the wallet that it published, and says where the others are", async () => {
    await register();
    await register({ node_id: "node-2" });
    net.replica.adopt(net.kinds.node, computeWallet.address, "node-3", { info: info({ node_id: "node-3" }) });
    const request = { address: computeWallet.address };
    const ack = await net.registry.deregisterNode(request, by(computeWallet), never);
    assert.equal(ack.success, true);
    assert.match(ack.message ?? "", new RegExp(`^2 of .* 1 published by ${computeWallet.address}`));
    assert.deepEqual(await idsOf(), ["node-3"]);
    assert.deepEqual([...net.registry.hosted()], []);
    const again = await net.registry.deregisterNode(request, by(computeWallet), never);
    assert.equal(again.success, false);
  });

  it("refuses to deregister for others, and a wallet without nodes", async () => {
    const request = { address: computeWallet.address };
    const code = async (caller = by(computeWallet)) =>
      (await refusal(net.registry.deregisterNode(request, caller, never))).code;
    assert.equal(await code(), "NOT_FOUND");
    assert.equal(await code(by(strangerWallet)), "ACCESS_DENIED");
    assert.equal(await code(anonymous), "UNAUTHENTICATED");
  });

  describe("discovery", () => {
    beforeEach(() => {
      const adopt = (id: string, changes: object, roles = ["compute"]) =>
        net.replica.adopt(net.kinds.node, computeWallet.address, id, {
          info: info({ node_id: id, ...changes }),
          roles,
        });
      adopt("a", {});
      adopt("b", { capabilities: ["gpu"] });
      adopt("c", { subnet_id: 8n });
      adopt("d", { supported_models: [{ model_uuid: "m-2" }] });
      adopt("e", { node_type: "gateway" }, ["gateway", "registry"]);
    });

    const filters: [string, object, string[]][] = [
      ["nothing", {}, ["a", "b", "c", "d", "e"]],
      ["type", { node_type: "gateway" }, ["e"]],
      ["a further role", { node_type: "registry" }, ["e"]],
      ["model", { model_uuid: "m-2" }, ["d"]],
      ["subnet", { subnet_id: 8n }, ["c"]],
      ["all of the capabilities", { capabilities: ["gpu", "f16"] }, ["a", "c", "d", "e"]],
      ["several at once", { node_type: "compute", model_uuid: "m-1", subnet_id: 7n }, ["a", "b"]],
      ["limit", { limit: 2 }, ["a", "b"]],
    ];
    for (const [name, request, ids] of filters) {
      it(`filters by ${name}`, async () => assert.deepEqual(await idsOf(request), ids));
    }

    it("leaves offline nodes out unless they are asked for, and shows status and last sight", async () => {
      net.states.set("a", { status: "offline", lastHeartbeatMs: 5_000 });
      net.states.set("b", { status: "suspect", lastHeartbeatMs: 9_999 });
      assert.deepEqual(await idsOf({ limit: 4 }), ["c", "d", "e", "b"]);
      const all = await discover({ include_offline: true });
      assert.deepEqual(
        all.slice(-2).map(({ node_id, status, last_heartbeat }) => [node_id, status, last_heartbeat]),
        [
          ["b", "suspect", 9],
          ["a", "offline", 5],
        ],
      );
    });

    it("answers the nearest first, then the least loaded, the unmeasured last", async () => {
      net.states.set("e", { latencyMs: 3, load: 0.9 });
      net.states.set("d", { latencyMs: 3, load: 0.1 });
      net.states.set("c", { latencyMs: 1, load: 1 });
      net.states.set("a", { load: 0.5 });
      assert.deepEqual(await idsOf(), ["c", "d", "e", "b", "a"]);
    });

    it("answers 100 when no limit is named", async () => {
      for (let i = 0; i < 120; i++) {
        net.replica.adopt(net.kinds.node, gatewayWallet.address, `n${i}`, {
          info: info({ node_id: `n${i}` }),
        });
      }
      assert.equal((await discover()).length, 100);
      assert.equal((await discover({ limit: 1_000 })).length, 125);
    });
  });
});
