import assert from "node:assert/strict";
import fc from "fast-check";
import type { Task } from "../../../src/roles/compute/task.ts";
import { TaskPool } from "../../../src/roles/compute/task-pool.ts";

const task = (id: number): Task => ({
  key: `k${id}`,
  gateway: "g",
  requestId: `r${id}`,
  client: "",
  modelUuid: "m",
  input: "",
  isPaid: false,
  deadlineSec: 0,
  expirySec: 0,
});

/** A pool whose tasks end when the test says so. */
function heldPool(maxTasks: number, maxQueued: number) {
  const started: string[] = [];
  const running = new Map<string, { end: () => void; signal: AbortSignal }>();
  let loadChanges = 0;
  const pool = new TaskPool({
    maxTasks,
    maxQueued,
    onLoadChange: () => loadChanges++,
    run: ({ key }, signal) =>
      new Promise((resolve) => {
        started.push(key);
        const end = () => {
          running.delete(key);
          resolve();
        };
        running.set(key, { end, signal });
      }),
  });
  return { pool, started, running, loadChanges: () => loadChanges };
}

describe("task pool", () => {
  it("runs so many at once, keeps so many waiting, and takes no more", async () => {
    const { pool, started, running } = heldPool(2, 1);
    assert.deepEqual(
      [1, 2, 3, 4].map((id) => pool.accept(task(id))),
      ["accepted", "accepted", "accepted", "full"],
    );
    assert.deepEqual(started, ["k1", "k2"]);
    assert.equal(pool.load, 1);
    assert.deepEqual(
      [...pool.tasks()].map(({ key }) => key),
      ["k1", "k2", "k3"],
    );
    running.get("k1")?.end();
    await Promise.resolve().then(() => Promise.resolve());
    assert.deepEqual(started, ["k1", "k2", "k3"]);
  });

  it("takes a task that runs or waits only once", () => {
    const { pool } = heldPool(1, 1);
    assert.deepEqual(
      [1, 1, 2, 2].map((id) => pool.accept(task(id))),
      ["accepted", "known", "accepted", "known"],
    );
  });

  it("forgets those that wait when it is closed, and aborts those that run when told", async () => {
    const { pool, running, started } = heldPool(1, 5);
    pool.accept(task(1));
    pool.accept(task(2));
    pool.close();
    assert.equal(pool.accept(task(3)), "full");
    const reason = new Error("stop");
    pool.cancelAll(reason);
    assert.equal(running.get("k1")?.signal.reason, reason);
    running.get("k1")?.end();
    await pool.idle();
    assert.deepEqual(started, ["k1"]);
  });

  it("starts every accepted task once, in order, never more than allowed at once", async () => {
    const step = fc.oneof(
      fc.record({ accept: fc.integer({ min: 0, max: 20 }) }),
      fc.constant("end" as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, maxTasks) => {
          const { pool, started, running } = heldPool(maxTasks, 3);
          const accepted: string[] = [];
          for (const one of steps) {
            if (one === "end") running.values().next().value?.end();
            else if (pool.accept(task(one.accept)) === "accepted") accepted.push(`k${one.accept}`);
            await new Promise((resolve) => setImmediate(resolve));
            assert.ok(running.size <= maxTasks);
            assert.ok(pool.activeCount <= maxTasks + 3);
          }
          while (running.size > 0) {
            running.values().next().value?.end();
            await new Promise((resolve) => setImmediate(resolve));
          }
          await pool.idle();
          assert.deepEqual(started, accepted);
        },
      ),
      { numRuns: 50 },
    );
  });
});
