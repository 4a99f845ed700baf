import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { silentLogger } from "../../../src/base/index.ts";
import type { Answer } from "../../../src/roles/compute/gateway-link.ts";
import { PartialSender } from "../../../src/roles/compute/partial-sender.ts";
import type { Task } from "../../../src/roles/compute/task.ts";
import { watchTask } from "../../../src/roles/compute/watch-task.ts";
import { InferenceRequest } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const task = { requestId: "r" } as Task;

function watched(answers: (() => Promise<Answer<InferenceRequest>>)[]) {
  const clock = new ManualClock();
  const asked: number[] = [];
  const reasons: string[] = [];
  const startedAtMs = clock.nowMs();
  const link = {
    getTask() {
      asked.push(clock.nowMs() - startedAtMs);
      return (answers.shift() ?? assigned("me"))();
    },
  };
  const context = { nodeId: "me", link, clock, logger: silentLogger };
  const stop = watchTask(task, context, new AbortController().signal, (why) => reasons.push(why));
  const advance = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { clock, asked, reasons, stop, advance };
}

const assigned = (to: string) => async () => ({
  value: new InferenceRequest({ assigned_compute_node_id: to }),
});

describe("watch on a running task", () => {
  it("asks after five seconds, then every three, also when the gateway is away", async () => {
    const { asked, reasons, advance } = watched([
      assigned("me"),
      () => Promise.reject(new Error("away")),
      assigned(""),
    ]);
    await advance(4_999);
    assert.deepEqual(asked, []);
    await advance(1);
    for (let times = 0; times < 3; times++) await advance(3_000);
    assert.deepEqual(asked, [5_000, 8_000, 11_000, 14_000]);
    assert.deepEqual(reasons, []);
  });

  it("says so when the gateway does not know the task any more, and asks no more", async () => {
    const { clock, reasons, advance } = watched([async () => ({ refusal: "no such task" })]);
    await advance(5_000);
    assert.deepEqual(reasons, ["gateway wants it no more: no such task"]);
    assert.equal(clock.pending, 0);
  });

  it("says so when another node has it", async () => {
    const { reasons, advance } = watched([assigned("other")]);
    await advance(5_000);
    assert.deepEqual(reasons, ["it was given to other"]);
  });

  it("stops with the task", async () => {
    const { clock, stop } = watched([]);
    stop();
    await setImmediate();
    assert.equal(clock.pending, 0);
  });
});

describe("partial sender", () => {
  it("sends the first piece at once and at most one every 100 ms after, none twice", async () => {
    const clock = new ManualClock();
    const sent: string[] = [];
    const sender = new PartialSender(clock, async (text) => void sent.push(text));
    sender.push("a");
    sender.push("b");
    await setImmediate();
    sender.push("c");
    assert.deepEqual(sent, ["a"]);
    clock.advance(99);
    assert.deepEqual(sent, ["a"]);
    clock.advance(1);
    await setImmediate();
    assert.deepEqual(sent, ["a", "abc"]);
    clock.advance(1_000);
    await setImmediate();
    assert.deepEqual(sent, ["a", "abc"]);
    sender.push("d");
    assert.deepEqual(sent, ["a", "abc", "abcd"]);
  });

  it("has one call under way at most, and none after it was stopped", async () => {
    const clock = new ManualClock();
    const calls: (() => void)[] = [];
    const sender = new PartialSender(clock, () => new Promise((resolve) => calls.push(resolve)));
    sender.push("a");
    sender.push("b");
    clock.advance(5_000);
    assert.equal(calls.length, 1);
    sender.stop();
    calls[0]?.();
    await setImmediate();
    clock.advance(5_000);
    sender.push("c");
    assert.equal(calls.length, 1);
    assert.equal(clock.pending, 0);
  });

  it("stops sending a text that has grown too large to be sent again and again", async () => {
    const clock = new ManualClock();
    const sent: number[] = [];
    const sender = new PartialSender(clock, async (text) => void sent.push(text.length));
    for (let times = 0; times < 6; times++) {
      sender.push("x".repeat(50_000));
      await setImmediate();
      clock.advance(100);
      await setImmediate();
    }
    assert.deepEqual(sent, [50_000, 100_000]);
  });
});
