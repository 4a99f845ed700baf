import assert from "node:assert/strict";
import { WorkQueue } from "../../../src/mesh/work-queue.ts";

function blockedQueue(dropOldest: boolean) {
  const queue = new WorkQueue({ maxRunning: 1, maxWaiting: 2, dropOldest });
  const gate = Promise.withResolvers<void>();
  const running = queue.run(async () => {
    await gate.promise;
    return "first";
  });
  return { queue, gate, running };
}

describe("work queue", () => {
  it("gives up the one that waited longest when newer work replaces it", async () => {
    const { queue, gate, running } = blockedQueue(true);
    const rest = ["a", "b", "c"].map((name) => queue.run(async () => name));
    assert.equal(await rest[0], undefined);
    gate.resolve();
    assert.deepEqual(await Promise.all([running, ...rest]), ["first", undefined, "b", "c"]);
  });

  it("turns the newcomer away when every piece of work counts", async () => {
    const { queue, gate, running } = blockedQueue(false);
    const rest = ["a", "b", "c"].map((name) => queue.run(async () => name));
    assert.equal(await rest[2], undefined);
    gate.resolve();
    assert.deepEqual(await Promise.all([running, ...rest]), ["first", "a", "b", undefined]);
  });

  it("goes on after work that failed", async () => {
    const { queue, gate, running } = blockedQueue(false);
    const failing = queue.run(async () => {
      throw new Error("broken");
    });
    const next = queue.run(async () => "next");
    gate.resolve();
    await running;
    await assert.rejects(failing, /broken/);
    assert.equal(await next, "next");
  });
});
