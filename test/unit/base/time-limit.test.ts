import assert from "node:assert/strict";
import { withTimeLimit } from "../../../src/base/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Work that ends only by its signal, with the signal's reason. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

describe("work under a time limit", () => {
  const late = () => new Error("too late");
  const limited = <T>(clock: ManualClock, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) =>
    withTimeLimit(clock, 1_000, late, signal, work);

  it("gives what it gave, and leaves no timer", async () => {
    const clock = new ManualClock();
    assert.equal(await limited(clock, new AbortController().signal, async () => 7), 7);
    assert.equal(clock.pending, 0);
  });

  it("is aborted with the given error once the time is over, not before", async () => {
    const clock = new ManualClock();
    let seen: AbortSignal | undefined;
    const ended = limited(clock, new AbortController().signal, (signal) => {
      seen = signal;
      return untilAborted(signal);
    });
    clock.advance(999);
    assert.equal(seen?.aborted, false);
    clock.advance(1);
    await assert.rejects(ended, { message: "too late" });
  });

  it("is aborted with the caller's reason, and leaves no timer", async () => {
    const clock = new ManualClock();
    const caller = new AbortController();
    const ended = limited(clock, caller.signal, untilAborted);
    caller.abort(new Error("the caller has gone"));
    await assert.rejects(ended, { message: "the caller has gone" });
    assert.equal(clock.pending, 0);
  });
});
