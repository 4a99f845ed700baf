import assert from "node:assert/strict";
import fc from "fast-check";
import type { Task } from "../../../../src/roles/gateway/task.ts";
import { FederationNetwork, pay, type TestGateway } from "./network.ts";

const faultyMs = 25_000;
const crashes = 4;
const price = "1000";
/** FEDERATION_RUNS=300 takes two minutes. */
const runs = Number(process.env["FEDERATION_RUNS"] ?? 12);

interface Outcome {
  readonly settled: number;
  readonly failed: number;
}

/** Some tasks of one gateway while messages get lost, doubled and late and either gateway is killed now and then. */
async function run(seed: number, isPaid: boolean): Promise<Outcome> {
  const net = new FederationNetwork({ isPaid, seed });
  try {
    const a = await net.gateway("a");
    const b = await net.gateway("b");
    const c = await net.gateway("c");
    const options = { priceWei: isPaid ? price : "0" };
    net.node("node-b1", [b], { ...options, workMs: 200 + net.dice() * 9_000 });
    net.node("node-b2", [b], { ...options, workMs: 200 + net.dice() * 3_000, slots: 1 });
    net.node("node-c", [c], { ...options, workMs: 200 + net.dice() * 6_000 });
    const ids = ["request-1", "request-2", "request-3"];
    const startMs = net.clock.nowMs();
    net.faults = { lost: 0.15, answerLost: 0.1, doubled: 0.15, late: 0.15 };
    net.clock.after(faultyMs, () => {
      net.faults = { lost: 0, answerLost: 0, doubled: 0, late: 0 };
    });
    for (let crash = 0; crash < crashes; crash++) {
      const gateway = [a, b, a, c][crash] ?? a;
      net.clock.after(net.dice() * faultyMs, () => killFor(net, gateway, 50 + net.dice() * 8_000));
    }
    const paid = new Set<string>();
    const ended = new Map<string, Task>();
    while (ended.size < ids.length) {
      assert.ok(net.clock.nowMs() - startMs < 180_000, `seed ${seed}: only ${[...ended.keys()]} ended`);
      await net.pass(200);
      for (const id of a.isUp ? ids : []) {
        const task = await a.task(id).catch(() => undefined);
        if (!a.isUp) break;
        // A client whose call broke off asks again; the same id is the same task.
        if (task === undefined) void a.submit(id).catch(() => {});
        else if (task.state === "settled" || task.state === "failed") ended.set(id, task);
        else if (task.state === "awaiting_payment" && !paid.has(id)) {
          paid.add(id);
          pay(net, task);
        }
      }
    }
    // Time for results on the way, reservations and refunds.
    await net.pass(110_000);
    for (const gateway of [a, b, c]) {
      assert.deepEqual(gateway.heldSlots, [], `seed ${seed}: slots of ${gateway.name}`);
      assert.equal(gateway.running.tasks.liveCount, 0, `seed ${seed}: tasks of ${gateway.name}`);
    }
    for (const id of ids) {
      const task = await a.task(id);
      assert.ok(task);
      const isSettled = task.state === "settled";
      assert.equal(task.receiptJson !== undefined, isSettled, `seed ${seed}: receipt of ${id}`);
      const output = task.result?.outputData;
      if (isSettled) assert.equal(task.receiptJson, JSON.stringify({ receipt_of: id, output }));
      const money = net.chain.calls.filter((call) => call.endsWith(id));
      const expected = isSettled ? [`completed ${id}`] : [`refunded ${id}`];
      assert.deepEqual(money, paid.has(id) ? expected : [], `seed ${seed}: ${id} ${task.failure?.message}`);
    }
    const tasks = [...ended.values()];
    return {
      settled: tasks.filter(({ state }) => state === "settled").length,
      failed: tasks.filter(({ state }) => state === "failed").length,
    };
  } finally {
    await net.stop();
  }
}

function killFor(net: FederationNetwork, gateway: TestGateway, downMs: number): void {
  if (!gateway.isUp) return;
  gateway.crash();
  net.clock.after(downMs, () => void gateway.start());
}

describe("tasks handed over between gateways that are killed, by messages that are lost, doubled or late", function () {
  this.timeout(600_000);

  it("end once, with one receipt or a refund, and hold no slot", async () => {
    const all: Outcome[] = [];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), async (seed, isPaid) => {
        all.push(await run(seed, isPaid));
      }),
      { numRuns: runs, endOnFailure: true },
    );
    const sum = (name: keyof Outcome) => all.reduce((total, outcome) => total + outcome[name], 0);
    // Most get through in spite of it all.
    assert.ok(sum("settled") > sum("failed"), `${sum("settled")} settled, ${sum("failed")} failed`);
  });
});
