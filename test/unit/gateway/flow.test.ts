import assert from "node:assert/strict";
import { systemRandom } from "../../../src/base/index.ts";
import { createLocalSigner } from "../../../src/chain/index.ts";
import type { Store } from "../../../src/storage/index.ts";
import { InferenceResponse, type InferenceTaskStatus } from "../../../src/wire/index.ts";
import {
  allUpdates,
  by,
  nobody,
  request,
  ScriptedCosigner,
  statusWhen,
  submit,
  type TestGateway,
  TestNode,
  testGateway,
} from "./builders.ts";

const statuses = ["queued", "processing", "completed"];

describe("an unpaid task at a gateway", () => {
  let net: TestGateway;
  let node: TestNode;

  beforeEach(async () => {
    net = await testGateway();
    node = new TestNode();
    node.connect(net);
  });
  afterEach(() => net.stop());

  const settled = () => statusWhen(net, "request-1", () => net.gateway.tasks.endedCounts["settled"] === 1);

  it("shows a reader who takes its time how the task ended", async () => {
    await submit(net);
    await node.task();
    const updates = net.gateway.clients.updates("request-1", nobody, new AbortController().signal);
    assert.equal((await updates.next()).value?.status, "processing");
    await node.finish(net);
    await statusWhen(net, "request-1", (one) => one.status === "completed");
    assert.equal((await updates.next()).value?.status, "completed");
    assert.equal((await updates.next()).done, true);
  });

  it("is queued, dispatched, completed and has a receipt", async () => {
    const terms = await submit(net);
    assert.ok(isUnderWay(terms));
    assert.equal(terms.payment_status?.required, false);
    const updates = allUpdates(net, "request-1");
    await node.finish(net, '{"text":"forty-two"}');
    const last = (await updates).at(-1);
    assert.equal(last?.status, "completed");
    assert.equal(last?.output_data, '{"text":"forty-two"}');
    assert.match(last?.receipt_json ?? "", /request-1/);
    await settled();
    assert.deepEqual(net.gateway.tasks.endedCounts, { settled: 1, failed: 0 });
  });

  it("leaves an event for each status that it has been seen in, in order and without a gap", async () => {
    await submit(net);
    await node.finish(net);
    await settled();
    const events = await net.store.all<{ seq: number; payload: Uint8Array }>(
      "SELECT seq, payload FROM events WHERE topic = 'task' ORDER BY seq",
    );
    const words = events.map(({ payload }) => InferenceResponse.decode(payload).status);
    assert.deepEqual([...new Set(words)], statuses);
    assert.deepEqual(
      words,
      words.toSorted((a, b) => statuses.indexOf(a) - statuses.indexOf(b)),
    );
    assert.deepEqual(
      events.map(({ seq }) => seq),
      words.map((_, index) => index + 1),
    );
  });

  it("gets an id when the client names none", async () => {
    const { request_id: id } = await submit(net, request(""));
    assert.match(id ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("is the same task when the same request comes again, and another content is refused", async () => {
    await submit(net);
    await submit(net);
    await node.task();
    assert.equal(node.received.length, 1);
    await assert.rejects(submit(net, { ...request(), input_data: "{}" }), { code: "ALREADY_EXISTS" });
  });

  it("that comes with many others gets no slot that another of them has", async () => {
    const second = new TestNode({ id: "node-2" });
    second.connect(net);
    await Promise.all(Array.from({ length: 8 }, (_, index) => submit(net, request(`request-${index}`))));
    const held = [...net.gateway.pool.nodes()].map((one) => one.held.size);
    assert.deepEqual(held, [4, 4]);
  });

  it("may have the id of another client's task; the id alone then names neither", async () => {
    const alice = createLocalSigner(systemRandom(32));
    const bob = createLocalSigner(systemRandom(32));
    const second = new TestNode({ id: "node-2" });
    second.connect(net);
    await submit(net, request("same", alice.address));
    await submit(net, request("same", bob.address));
    await assert.rejects(net.gateway.clients.status("same", nobody), { code: "INVALID_ARGUMENT" });
    assert.equal((await net.gateway.clients.status("same", by(bob))).request_id, "same");
    assert.equal((await net.gateway.clients.status(`${alice.address}/same`, nobody)).request_id, "same");
    // One node never gets both: it knows tasks by their id alone.
    await Promise.all([node.task(), second.task()]);
  });

  it("shows partial outputs while it runs", async () => {
    await submit(net);
    const task = await node.task();
    const updates = net.gateway.clients.updates("request-1", nobody, new AbortController().signal);
    await updates.next();
    const partial = { ...task, status: "processing", output_data: '{"text":"for"}', error_message: "" };
    await net.gateway.compute.submitResult(partial, by(node.signer));
    assert.equal((await updates.next()).value?.output_data, '{"text":"for"}');
    await updates.return(undefined);
  });

  it("fails as its node says", async () => {
    await submit(net);
    await node.task();
    const failure = {
      request_id: "request-1",
      model_uuid: "model",
      status: "failed",
      error_message: "out of memory",
    };
    await net.gateway.compute.submitResult(failure, by(node.signer));
    const status = await statusWhen(net, "request-1", (one) => one.status === "failed");
    assert.equal(status.error_message, "COMPUTE_FAILED: out of memory");
  });

  it("ends with CANCELLED on the stream when its client cancels it", async () => {
    await submit(net);
    const updates = allUpdates(net, "request-1");
    updates.catch(() => {});
    const ack = await net.gateway.clients.cancel("request-1", nobody);
    assert.equal(ack.success, true);
    await assert.rejects(updates, { code: "CANCELLED" });
    await assert.rejects(
      net.gateway.compute.submitResult(await node.resultOf(await node.task(), net), by(node.signer)),
      {
        code: "TASK_ENDED",
      },
    );
  });

  it("is cancelled by its owner only", async () => {
    const alice = createLocalSigner(systemRandom(32));
    await submit(net, request("hers", alice.address));
    await assert.rejects(net.gateway.clients.cancel("hers", nobody), { code: "UNAUTHENTICATED" });
    await assert.rejects(net.gateway.clients.cancel("hers", by(node.signer)), { code: "ACCESS_DENIED" });
    assert.equal((await net.gateway.clients.cancel("hers", by(alice))).success, true);
  });

  it("takes no result that is forged, altered, another's or unsigned", async () => {
    await submit(net);
    const task = await node.task();
    const good = await node.resultOf(task, net);
    const send = (response: typeof good, caller = by(node.signer) as { wallet: string | undefined }) =>
      net.gateway.compute.submitResult(response, caller);
    await assert.rejects(send({ ...good, output_data: "{}" }), {
      code: "INVALID_ARGUMENT",
      message: /result_hash/,
    });
    const stranger = new TestNode({ id: "stranger" });
    await assert.rejects(send(await stranger.resultOf(task, net)), {
      code: "INVALID_ARGUMENT",
      message: /signature/,
    });
    await assert.rejects(send(good, by(stranger.signer)), { code: "ACCESS_DENIED" });
    await assert.rejects(send(await stranger.resultOf(task, net), nobody), { code: "ACCESS_DENIED" });
    await assert.rejects(send({ ...good, request_id: "unknown" }), { code: "TASK_NOT_FOUND" });
    // A signed completion proves its sender by itself.
    assert.equal((await send(good, nobody)).success, true);
    assert.equal((await send(good, nobody)).message, "accepted before");
  });

  it("goes to another node when the lease is over, and the first node's late result is refused", async () => {
    await submit(net);
    const late = await node.task();
    node.disconnect();
    const second = new TestNode({ id: "node-2" });
    second.connect(net);
    await net.clock.run(net.genesis.deadlines_sec.lease * 1000 + 1_000);
    await second.task();
    await assert.rejects(net.gateway.compute.submitResult(await node.resultOf(late, net), by(node.signer)), {
      code: "ACCESS_DENIED",
    });
    await second.finish(net);
    assert.equal((await statusWhen(net, "request-1", (one) => one.status === "completed")).error_message, "");
    assert.ok(net.cosigner.asked.some((asked) => asked.round === "reassignment"));
  });

  it("stays with a node that says it still runs it", async () => {
    await submit(net);
    await node.task();
    const second = new TestNode({ id: "node-2" });
    second.connect(net);
    const beat = { node_id: "node-1", active_tasks: 1, max_tasks: 4, active_request_ids: ["request-1"] };
    await net.gateway.compute.heartbeat(beat, by(node.signer));
    await net.clock.run(net.genesis.deadlines_sec.lease * 1000 + 1_000);
    assert.equal(second.received.length, 0);
    await node.finish(net);
    await statusWhen(net, "request-1", (one) => one.status === "completed");
  });

  it("fails at the execution deadline when nobody can run it", async () => {
    await submit(net);
    await node.task();
    node.disconnect();
    await net.clock.run(
      (net.genesis.deadlines_sec.payment + net.genesis.deadlines_sec.execution) * 1000 + 2_000,
    );
    const status = await statusWhen(net, "request-1", (one) => one.status === "failed");
    assert.match(status.error_message ?? "", /^EXECUTION_EXPIRED/);
  });

  it("goes on after a restart, at whatever step it was", async () => {
    await submit(net);
    await node.task();
    net = await net.restart();
    node.connect(net);
    await node.task(2);
    await node.finish(net);
    assert.equal((await statusWhen(net, "request-1", (one) => one.status === "completed")).error_message, "");
    net = await net.restart();
    assert.equal((await net.gateway.clients.status("request-1", nobody)).status, "completed");
  });

  it("waits for a slot and is refused when none gets free in time", async () => {
    const narrow = await testGateway();
    try {
      const small = new TestNode({ slots: 1 });
      small.connect(narrow);
      await submit(narrow, request("first"));
      const second = submit(narrow, request("second"));
      await small.finish(narrow);
      assert.ok(isUnderWay(await second));
      const third = submit(narrow, request("third"));
      third.catch(() => {});
      // It waits once it is taken in beside the second.
      while (narrow.gateway.tasks.liveCount < 2) await new Promise((resolve) => setImmediate(resolve));
      await narrow.clock.run(10_001);
      await assert.rejects(third, { code: "NO_FREE_SLOT" });
    } finally {
      await narrow.stop();
    }
  });

  it("is refused at once for a model that nobody serves", async () => {
    await assert.rejects(submit(net, { ...request(), model_uuid: "nothing" }), { code: "MODEL_NOT_FOUND" });
  });
});

describe("a gateway's storage", () => {
  it("that fails refuses new tasks and forgets them", async () => {
    let isFull = false;
    const wrapStore = (store: Store): Store => ({
      transact: (statements) =>
        isFull ? Promise.reject(new Error("disk full")) : store.transact(statements),
      all: (sql, params) => store.all(sql, params),
      counts: () => store.counts(),
      close: () => store.close(),
    });
    const net = await testGateway({ wrapStore });
    try {
      const node = new TestNode();
      node.connect(net);
      isFull = true;
      await assert.rejects(submit(net), { code: "STORAGE_FAILED" });
      isFull = false;
      await net.clock.run(2_000);
      await assert.rejects(net.gateway.clients.status("request-1", nobody), { code: "TASK_NOT_FOUND" });
      assert.ok(isUnderWay(await submit(net, request("request-2"))));
    } finally {
      await net.stop();
    }
  });
});

describe("a result", () => {
  it("is on disk before a validator is asked about it: a node that runs the task again signs another one", async () => {
    let onWrite: (() => void) | undefined;
    const wrapStore = (store: Store): Store => ({
      transact(statements) {
        if (onWrite === undefined) return store.transact(statements);
        onWrite();
        return Promise.reject(new Error("disk full"));
      },
      all: (sql, params) => store.all(sql, params),
      counts: () => store.counts(),
      close: () => store.close(),
    });
    const net = await testGateway({ wrapStore });
    try {
      const node = new TestNode();
      node.connect(net);
      await submit(net);
      await node.task();
      const tried = new Promise<void>((resolve) => {
        onWrite = resolve;
      });
      const finished = node.finish(net);
      await tried;
      const rounds = () => net.cosigner.asked.map(({ round }) => round);
      assert.deepEqual(rounds(), ["preprocessing"]);
      onWrite = undefined;
      await net.clock.run(2_000);
      await finished;
      await statusWhen(net, "request-1", (one) => one.status === "completed");
      assert.deepEqual(rounds(), ["preprocessing", "completion"]);
    } finally {
      // A gateway stops when its tasks have written what they are at.
      onWrite = undefined;
      await net.clock.run(2_000);
      await net.stop();
    }
  });
});

describe("a refused round", () => {
  it("fails the task with the trail, and nothing is dispatched", async () => {
    const cosigner = new ScriptedCosigner();
    cosigner.refused.add("preprocessing");
    const net = await testGateway({ cosigner });
    try {
      const node = new TestNode();
      node.connect(net);
      const status = await submit(net);
      assert.equal(status.status, "failed");
      assert.match(status.error_message ?? "", /^QUORUM_NOT_REACHED.*NODE_UNKNOWN/);
      assert.equal(status.quorum_trail?.[0]?.verdicts?.[0]?.outcome, "refused");
      assert.equal(node.received.length, 0);
    } finally {
      await net.stop();
    }
  });

  it("of the result says whether validators refused or did not answer", async () => {
    for (const [outcome, code] of [
      ["refused", "COMPLETION_REFUSED"],
      ["no_answer", "QUORUM_NOT_REACHED"],
    ] as const) {
      const cosigner = new ScriptedCosigner(outcome);
      cosigner.refused.add("completion");
      const net = await testGateway({ cosigner });
      try {
        const node = new TestNode();
        node.connect(net);
        await submit(net);
        await node.finish(net);
        const status = await statusWhen(net, "request-1", (one) => one.status === "failed");
        assert.ok(status.error_message?.startsWith(code), status.error_message ?? "");
      } finally {
        await net.stop();
      }
    }
  });
});

/** Unpaid work may have been dispatched by the time that the terms are answered. */
function isUnderWay(status: InferenceTaskStatus.$Properties): boolean {
  return status.status === "queued" || status.status === "processing";
}
