import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, genesisSchema, networkId, systemRandom } from "../../../src/base/index.ts";
import {
  createLocalSigner,
  parseCallSignature,
  type Signer,
  signedHeaders,
} from "../../../src/chain/index.ts";
import { requestChecks } from "../../../src/operations/index.ts";
import {
  createCoreKinds,
  Liveness,
  NodeDirectory,
  openReplica,
  Reputation,
  recordMigrations,
} from "../../../src/records/index.ts";
import {
  type Caller,
  createRegistry,
  registryConfigSchema,
  registryMigrations,
  subnetRules,
} from "../../../src/roles/registry/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { NodeInfo } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const wallet = (seed: number) => createLocalSigner(new Uint8Array(32).fill(seed));
const never = new AbortController().signal;
const genesis = genesisSchema.parse({ name: "registry-test", chain: null, cosign: { required: 0 } });

/** A registry on the real replica, directory and liveness; what it gossips is kept. */
async function start(signer: Signer, clock: ManualClock) {
  const folder = await mkdtemp(join(tmpdir(), "countersign-registry-"));
  const migrations = [...recordMigrations, ...registryMigrations];
  const store = await openStore({ path: join(folder, "node.db"), migrations });
  const logger = createLogger("silent");
  const kinds = createCoreKinds(genesis);
  const published: Uint8Array[] = [];
  const replica = await openReplica({
    network: networkId(genesis),
    store,
    signer,
    clock,
    logger,
    kinds: Object.values(kinds),
    mesh: {
      peerId: "registry",
      publish: async (_topic, data) => published.push(data),
      subscribe: () => {},
      answer: () => {},
      request: () => Promise.reject(new Error("no peers")),
      onPeer: () => () => {},
      peers: () => [],
    },
  });
  const liveness = new Liveness({ replica, kind: kinds.node, clock });
  const nodes = new NodeDirectory({ replica, kind: kinds.node, liveness, clock });
  const reputation = new Reputation({
    replica,
    kind: kinds.reputation,
    self: signer.address,
    stakeOf: () => 0n,
    clock,
    logger,
  });
  const registry = createRegistry({
    config: registryConfigSchema.parse({}),
    genesis,
    replica,
    kinds,
    nodes,
    liveness,
    reputation,
    latencyMsOf: () => undefined,
    chain: undefined,
    cosigner: {
      run: async ({ round, subject }) => ({
        reached: true,
        signatures: [],
        trail: { round, subject, required: 0, asked: 0, verdicts: [] },
      }),
    },
    signer,
    store,
    clock,
    random: systemRandom,
    logger,
  });
  return {
    registry,
    replica,
    kinds,
    async stop() {
      await registry.stop();
      nodes.stop();
      liveness.stop();
      await reputation.stop();
      await replica.stop();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** As the facade makes it from a call's headers. */
async function callerOf(
  signer: Signer,
  clock: ManualClock,
  operation: string,
  body: Uint8Array,
): Promise<Caller> {
  const headers = await signedHeaders({ signer, genesis, clock, random: systemRandom })(operation, body);
  const call = parseCallSignature((name) => headers[name]);
  assert.ok(call !== undefined && !("badHeader" in call));
  return { wallet: signer.address, proof: { operation, body, ...call }, isLocal: false };
}

describe("a registry on the real replica", () => {
  const clock = new ManualClock();
  const compute = wallet(3);
  let node: Awaited<ReturnType<typeof start>>;
  let other: Awaited<ReturnType<typeof start>>;

  before(async () => {
    node = await start(wallet(1), clock);
    other = await start(wallet(2), clock);
  });
  after(async () => {
    await node.stop();
    await other.stop();
  });

  const found = async (at: typeof node, changes: object = {}) =>
    (
      await at.registry.discoverNodes(
        requestChecks.DiscoverNodes(changes),
        { wallet: undefined, proof: undefined, isLocal: false },
        never,
      )
    ).map(({ node_id, status }) => [node_id, status]);

  it("publishes a hosted node that another node's replica accepts, and follows its heartbeats", async () => {
    const body = NodeInfo.encode({
      node_id: "gpu-1",
      node_type: "compute",
      wallet_address: compute.address,
      supported_models: [{ model_uuid: "m-1", price_wei: "10" }],
    }).finish();
    const caller = await callerOf(compute, clock, "RegisterNode", body);
    await node.registry.registerNode(requestChecks.RegisterNode(NodeInfo.decode(body)), caller, never);
    assert.deepEqual(await found(node, { model_uuid: "m-1" }), [["gpu-1", "alive"]]);
    const records = node.replica.list(node.kinds.node).map((record) => record.encoded);
    assert.deepEqual(await other.replica.merge(records), ["applied"]);
    assert.deepEqual(await found(other), [["gpu-1", "alive"]]);

    clock.advance(70_000);
    assert.deepEqual(await found(node), []);
    const beat = { node_id: "gpu-1", wallet_address: compute.address, load: 0.5 };
    const beating = await callerOf(compute, clock, "UpdateNodeHeartbeat", new Uint8Array());
    await node.registry.updateNodeHeartbeat(requestChecks.UpdateNodeHeartbeat(beat), beating, never);
    assert.deepEqual(await found(node), [["gpu-1", "alive"]]);
  });

  it("allots a subnet whose record another node's replica accepts", async () => {
    const gateway = wallet(4);
    const models = [{ model_uuid: "m-1", source: "path", path: "models/tiny" }];
    const request = requestChecks.EstimateSubnetFee({ gateway_address: gateway.address, models });
    const body = NodeInfo.encode({
      node_id: "gateway-1",
      node_type: "gateway",
      wallet_address: gateway.address,
    }).finish();
    const registering = await callerOf(gateway, clock, "RegisterNode", body);
    await node.registry.registerNode(requestChecks.RegisterNode(NodeInfo.decode(body)), registering, never);
    const caller = await callerOf(gateway, clock, "CreateSubnet", new Uint8Array());
    const quote = await node.registry.estimateSubnetFee(request, caller, never);
    const created = await node.registry.createSubnet(
      requestChecks.CreateSubnet({
        ...request,
        fee_quote_id: quote.fee_quote_id,
        config_hash: subnetRules.configHash(gateway.address, request.models),
      }),
      caller,
      never,
    );
    assert.equal(created.subnet?.status, "active");
    const records = node.replica.list(node.kinds.subnet).map((record) => record.encoded);
    assert.deepEqual(await other.replica.merge(records), ["applied"]);
    const listed = await other.registry.listSubnets({} as never, caller, never);
    assert.deepEqual(
      listed.map(({ subnet_id, status }) => [subnet_id, status]),
      [[created.subnet?.subnet_id, "active"]],
    );
  });

  it("removes a node's record everywhere when the node deregisters", async () => {
    const caller = await callerOf(compute, clock, "DeregisterNode", new Uint8Array());
    const ack = await node.registry.deregisterNode({ address: compute.address }, caller, never);
    assert.equal(ack.success, true);
    assert.deepEqual(await found(node, { node_type: "compute", include_offline: true }), []);
  });
});
