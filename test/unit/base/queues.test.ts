import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AsyncQueue,
  BoundedMap,
  CountersignError,
  invalidField,
  shown,
  sleep,
} from "../../../src/base/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("a bounded map", () => {
  it("never holds more than its limit and forgets the oldest first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 })),
        fc.integer({ min: 1, max: 8 }),
        (keys, limit) => {
          const forgotten: number[] = [];
          const map = new BoundedMap<number, number>(limit, (key) => forgotten.push(key));
          const order: number[] = [];
          for (const key of keys) {
            if (!map.has(key)) order.push(key);
            map.set(key, key);
            assert.ok(map.size <= limit);
          }
          assert.deepEqual(forgotten, order.slice(0, forgotten.length));
          assert.deepEqual([...map.keys()], order.slice(forgotten.length));
        },
      ),
    );
  });

  it("keeps longer what was touched", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.touch("a");
    map.set("c", 3);
    assert.deepEqual([...map.keys()], ["a", "c"]);
  });
});

describe("an async queue", () => {
  it("gives what was pushed in order, before and while it is read, and ends when closed", async () => {
    const queue = new AsyncQueue<number>(10);
    queue.push(1);
    const read = Array.fromAsync(queue);
    queue.push(2);
    await Promise.resolve();
    queue.push(3);
    queue.close();
    assert.deepEqual(await read, [1, 2, 3]);
    assert.equal(queue.push(4), false);
  });

  it("takes no more than its limit", () => {
    const queue = new AsyncQueue<number>(2);
    assert.deepEqual([queue.push(1), queue.push(2), queue.push(3)], [true, true, false]);
  });
});

describe("sleep", () => {
  it("ends with the clock, or at once with the signal, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const slept = sleep(clock, 100);
    clock.advance(100);
    await slept;
    const controller = new AbortController();
    const broken = sleep(clock, 100, controller.signal);
    controller.abort(new Error("enough"));
    await assert.rejects(broken, /enough/);
    await assert.rejects(sleep(clock, 100, controller.signal), /enough/);
    assert.equal(clock.pending, 0);
  });
});

describe("an error's text", () => {
  it("shows a value short, quoted and without control characters", () => {
    assert.equal(shown("ok"), '"ok"');
    assert.equal(shown(""), "an empty value");
    assert.equal(shown("a\nb\u202e"), '"a?b?"');
    assert.ok(shown("x".repeat(1_000)).length < 100);
  });

  it("names the field and what is allowed", () => {
    const error = invalidField("port", 70_000, "1 to 65535");
    assert.ok(error instanceof CountersignError);
    assert.equal(error.message, 'port: "70000" is not allowed; expected 1 to 65535');
    assert.equal(error.entry.grpc, "INVALID_ARGUMENT");
  });
});
