import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import {
  fromHex,
  genesisSchema,
  type Logger,
  sha256,
  signingDomain,
  silentLogger,
  systemClock,
  systemRandom,
} from "../../../src/base/index.ts";
import { computeCompletionMessage, createLocalSigner, recoverSigner } from "../../../src/chain/index.ts";
import {
  type ComputeRole,
  computeConfigSchema,
  computeMigrations,
  startCompute,
} from "../../../src/roles/compute/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import type { InferenceRequest, InferenceResponse } from "../../../src/wire/index.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { Upstream } from "./upstream.ts";

const genesis = genesisSchema.parse({ name: "test", chain: null });
const signer = createLocalSigner(sha256("a compute node's key"));
const client = `0x${"c1".repeat(20)}`;

describe("compute role", () => {
  let folder: string;
  let store: Store;
  let gateway: FakeGateway;
  let upstream: Upstream;
  let upstreamUrl: string;
  const roles: ComputeRole[] = [];
  const onMesh: { addresses: string[]; tell: () => void } = { addresses: [], tell: () => {} };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "compute-"));
    store = await openStore({ path: join(folder, "node.sqlite"), migrations: computeMigrations });
    gateway = new FakeGateway(genesis, signer.address);
    await gateway.start();
    upstream = new Upstream();
    upstreamUrl = await upstream.start();
  });

  afterEach(async () => {
    await Promise.all(roles.splice(0).map((role) => role.stop()));
    gateway.stop();
    upstream.stop();
    await store.close();
    await rm(folder, { recursive: true });
    assert.deepEqual(gateway.badSignatures, []);
  });

  async function start(config: object = {}, logger: Logger = silentLogger): Promise<ComputeRole> {
    const role = await startCompute({
      config: computeConfigSchema.parse({
        models: [
          { model_uuid: "held", source: "url", path: upstreamUrl, price_wei: "70", name: "Held" },
          { model_uuid: "echo", source: "benchmark-echo" },
        ],
        gateways: [gateway.address],
        drain_ms: 0,
        ...config,
      }),
      nodeId: "node-1",
      peer: { ipAddress: "10.0.0.1", port: 8828, peerId: "peer", multiaddrs: ["/ip4/10.0.0.1/tcp/8828"] },
      genesis,
      signer,
      store,
      clock: systemClock,
      random: systemRandom,
      logger,
      gatewaysOnMesh: {
        list: () => onMesh.addresses,
        onChange(listener) {
          onMesh.tell = listener;
          return () => {
            onMesh.tell = () => {};
          };
        },
      },
      configFolder: folder,
      environment: {},
    });
    roles.push(role);
    await gateway.until(() => gateway.connectedNodes > 0 || !role.status().gateways.length);
    return role;
  }

  const task = (requestId: string, more: Partial<InferenceRequest.$Properties> = {}) => ({
    request_id: requestId,
    model_uuid: "held",
    input_data: JSON.stringify({ prompt: requestId }),
    originator_client_id: client,
    ...more,
  });

  /** Resolves once the node has heard the gateway's acknowledgements. */
  async function acknowledged(role: ComputeRole): Promise<void> {
    while (role.status().gateways.some(({ unsubmittedResults }) => unsubmittedResults > 0))
      await setImmediate();
  }

  const storedIds = async () =>
    (await store.all("SELECT request_id FROM compute_result")).map((row) => row["request_id"]);

  function assertSigned(response: InferenceResponse | undefined, requestId: string, modelUuid: string): void {
    const completion = response?.compute_completion;
    assert.deepEqual(
      new Uint8Array(completion?.result_hash ?? []),
      new Uint8Array(sha256(response?.output_data ?? "?")),
    );
    const message = computeCompletionMessage(signingDomain(genesis, true), {
      requestId,
      modelUuid,
      resultHash: completion?.result_hash ?? new Uint8Array(32),
      completionTimestamp: completion?.completion_timestamp ?? 0,
      computationTimeMs: completion?.computation_time_ms ?? 0,
    });
    const signature = fromHex(completion?.compute_node_signature ?? "");
    assert.equal(recoverSigner(message.digest, signature), signer.address);
  }

  it("without gateways in its config joins those that the mesh knows, as they appear", async () => {
    onMesh.addresses = [];
    const role = await start({ gateways: [] });
    assert.deepEqual(role.status().gateways, []);
    onMesh.addresses = [gateway.address];
    onMesh.tell();
    onMesh.tell();
    await gateway.until(() => gateway.connectedNodes > 0);
    assert.equal(gateway.registrations.length, 1);
    assert.equal(role.status().gateways.length, 1);
  });

  it("registers what it offers, and beats", async () => {
    await start({ max_tasks: 3, subnet_id: "9223372036854775809" });
    await gateway.until(() => gateway.heartbeats.length > 0);
    const [node] = gateway.registrations;
    assert.equal(node?.node_id, "node-1");
    assert.equal(node?.node_type, "compute");
    assert.equal(node?.wallet_address, signer.address);
    assert.equal(node?.max_tasks, 3);
    assert.equal(node?.subnet_id, 9223372036854775809n);
    assert.deepEqual(node?.multiaddrs, ["/ip4/10.0.0.1/tcp/8828"]);
    const models = node?.supported_models.map(({ model_uuid, price_wei, name }) => [
      model_uuid,
      price_wei,
      name,
    ]);
    assert.deepEqual(models, [
      ["held", "70", "Held"],
      ["echo", "0", "echo"],
    ]);
    const [beat] = gateway.heartbeats;
    assert.deepEqual([beat?.node_id, beat?.active_tasks, beat?.max_tasks, beat?.load], ["node-1", 0, 3, 0]);
  });

  it("runs a task, streams it and signs the result", async () => {
    await start();
    gateway.give(task("t-1"));
    await upstream.until(() => upstream.prompts.includes("t-1"));
    upstream.say("t-1", "Once ");
    await gateway.until(() => gateway.responses.length > 0);
    upstream.say("t-1", "upon");
    await gateway.until(() => gateway.responses.length > 1);
    upstream.finish("t-1");
    await gateway.until(() => gateway.finals.length > 0);

    const partials = gateway.responses.filter((response) => response.status === "processing");
    assert.deepEqual(
      partials.map((partial) => partial.output_data),
      ['{"text":"Once "}', '{"text":"Once upon"}'],
    );
    for (const { output_data, running_hash } of partials)
      assert.deepEqual(new Uint8Array(running_hash ?? []), new Uint8Array(sha256(output_data)));
    const [final] = gateway.finals;
    assert.equal(final?.status, "completed");
    assert.equal(JSON.parse(final?.output_data ?? "").text, "Once upon");
    assertSigned(final, "t-1", "held");
  });

  it("generates text with the model that comes with the program", async () => {
    await start({
      models: [{ model_uuid: "tiny", source: "path", path: "builtin:tiny-text", max_tokens: 64 }],
    });
    gateway.give(task("t-1", { model_uuid: "tiny", input_data: '{"prompt":"Once upon a time"}' }));
    await gateway.until(() => gateway.finals.length > 0);
    assert.match(JSON.parse(gateway.finals[0]?.output_data ?? "").text, /^ there was /);
    assertSigned(gateway.finals[0], "t-1", "tiny");
  });

  it("reports failures in words", async () => {
    await start();
    gateway.give(task("t-1", { input_data: "{" }));
    gateway.give(task("t-2", { model_uuid: "unknown" }));
    await gateway.until(() => gateway.finals.length === 2);
    const byId = new Map(gateway.finals.map((response) => [response.request_id, response]));
    assert.equal(byId.get("t-1")?.status, "failed");
    assert.match(byId.get("t-1")?.error_message ?? "", /input_data/);
    assert.match(byId.get("t-2")?.error_message ?? "", /does not serve the model unknown/);
    assert.equal(byId.get("t-2")?.compute_completion ?? null, null);
  });

  it("runs a task once, however often it is handed out", async () => {
    const role = await start();
    gateway.give(task("t-1"));
    gateway.give(task("t-1"));
    await upstream.until(() => upstream.prompts.length > 0);
    gateway.give(task("t-1"));
    upstream.finish("t-1");
    await gateway.until(() => gateway.finals.length > 0);
    await acknowledged(role);
    const before = gateway.finals.length;
    gateway.give(task("t-1"));
    await gateway.until(() => gateway.finals.length > before);
    assert.deepEqual(upstream.prompts, ["t-1"]);
    assert.deepEqual(gateway.finals.at(-1), gateway.finals[0]);
  });

  it("runs the same request id of two clients as two tasks", async () => {
    await start();
    gateway.give(task("t-1", { model_uuid: "echo", input_data: '{"prompt":"a"}' }));
    gateway.give(
      task("t-1", {
        model_uuid: "echo",
        input_data: '{"prompt":"b"}',
        originator_client_id: `0x${"d2".repeat(20)}`,
      }),
    );
    await gateway.until(() => gateway.finals.length === 2);
    const texts = gateway.finals.map((response) => JSON.parse(response.output_data).text);
    assert.deepEqual(texts.sort(), ["a", "b"]);
  });

  it("delivers a result to a gateway that was away when it was done", async () => {
    const role = await start();
    gateway.give(task("t-1"));
    await upstream.until(() => upstream.prompts.length > 0);
    gateway.stop();
    upstream.finish("t-1");
    while (role.status().gateways[0]?.unsubmittedResults !== 1) await setImmediate();
    await gateway.start();
    await gateway.until(() => gateway.finals.length > 0 && gateway.registrations.length === 2);
    assertSigned(gateway.finals[0], "t-1", "held");
  });

  it("delivers a result that an earlier run of the node could not", async () => {
    gateway.onSubmit = () => ({ code: status.UNAVAILABLE, details: "starting" });
    const first = await start();
    gateway.give(task("t-1", { model_uuid: "echo" }));
    await gateway.until(() => gateway.finals.length > 0);
    await first.stop();
    assert.deepEqual(await storedIds(), ["t-1"]);

    gateway.onSubmit = () => undefined;
    const before = gateway.finals.length;
    const second = await start();
    await gateway.until(() => gateway.finals.length > before);
    assert.deepEqual(gateway.finals.at(-1), gateway.finals[0]);
    await acknowledged(second);
    await second.stop();
    assert.deepEqual(await storedIds(), []);
  });

  it("has a paid result on disk before it leaves", async () => {
    const onDisk: unknown[] = [];
    gateway.onSubmit = async () => {
      onDisk.push(...(await storedIds()));
      return undefined;
    };
    await start();
    const expiry = Math.floor(Date.now() / 1000) + 300;
    const payment_tree = {
      compute_price_wei: "56",
      gateway_gas_wei: "7",
      validator_reward_wei: "3",
      treasury_fee_wei: "4",
    };
    gateway.give(
      task("t-1", {
        model_uuid: "echo",
        preprocessing_validation: { expiry_timestamp: expiry, payment_tree },
      }),
    );
    await gateway.until(() => gateway.finals.length > 0);
    assert.deepEqual(onDisk, ["t-1"]);
  });

  it("drops a result that the gateway refuses for good, and says so", async () => {
    gateway.onSubmit = () => ({ code: status.FAILED_PRECONDITION, details: "the task has ended" });
    const warned = new Promise<object>((resolve) => {
      const logger: Logger = {
        ...silentLogger,
        child: () => logger,
        warn: (data, sentence) => {
          if (sentence === "gateway refused a result") resolve(data);
        },
      };
      void start({}, logger).then(() => gateway.give(task("t-1", { model_uuid: "echo" })));
    });
    assert.deepEqual(await warned, { requestId: "t-1", refusal: "the task has ended" });
    await roles.splice(0)[0]?.stop();
    assert.deepEqual(await storedIds(), []);
    assert.equal(gateway.finals.length, 1);
  });

  it("breaks a task off when the gateway refuses its partial output", async () => {
    gateway.onSubmit = () => ({ code: status.NOT_FOUND, details: "cancelled" });
    const role = await start();
    gateway.give(task("t-1"));
    await upstream.until(() => upstream.prompts.length > 0);
    upstream.say("t-1", "wasted");
    await upstream.until(() => upstream.abandoned.includes("t-1"));
    await role.stop();
    assert.deepEqual(gateway.finals, []);
  });

  it("fails a task that is not done by its deadline", async () => {
    await start();
    const expiry = Math.floor(Date.now() / 1000) + genesis.deadlines_sec.validation;
    gateway.give(task("t-1", { preprocessing_validation: { expiry_timestamp: expiry } }));
    await gateway.until(() => gateway.finals.length > 0);
    assert.match(gateway.finals[0]?.error_message ?? "", /before its deadline/);
    await upstream.until(() => upstream.prompts.length === upstream.abandoned.length);
  });

  it("tells a change of load at once, with the tasks it holds", async () => {
    const role = await start({ max_tasks: 1, heartbeat_interval_ms: 600_000 });
    await gateway.until(() => gateway.heartbeats.length === 1);
    gateway.give(task("t-1"));
    gateway.give(task("t-2"));
    await gateway.until(() => gateway.heartbeats.length === 2);
    const beat = gateway.heartbeats[1];
    assert.deepEqual([beat?.load, beat?.active_tasks, beat?.active_request_ids], [1, 2, ["t-1", "t-2"]]);
    assert.deepEqual(upstream.prompts, ["t-1"]);
    assert.equal(role.status().activeTasks, 2);
  });

  it("registers again with a gateway that has forgotten it", async () => {
    gateway.onHeartbeat = () =>
      gateway.registrations.length < 2 ? { code: status.NOT_FOUND, details: "who are you?" } : undefined;
    await start();
    await gateway.until(() => gateway.registrations.length === 2 && gateway.connectedNodes === 1);
  });

  it("lets running tasks finish while it stops", async () => {
    const role = await start({ drain_ms: 30_000 });
    gateway.give(task("t-1"));
    await upstream.until(() => upstream.prompts.length > 0);
    const stopping = role.stop();
    upstream.finish("t-1");
    await stopping;
    assert.equal(gateway.finals[0]?.status, "completed");
  });
});
