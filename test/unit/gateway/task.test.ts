import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isEnded,
  moveTask,
  publishedStatus,
  type Task,
  type TaskState,
  taskStates,
  transitions,
} from "../../../src/roles/gateway/task.ts";
import { decodeTask, encodeTask } from "../../../src/roles/gateway/task-codec.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const text = fc.string({ unit: "binary", maxLength: 40 });

const anyTask: fc.Arbitrary<Task> = fc.record({
  key: text,
  requestId: text,
  client: text,
  modelUuid: text,
  inputData: text,
  subnetId: optional(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })),
  recheck: fc.boolean(),
  createdAtMs: fc.nat(),
  updatedAtMs: fc.nat(),
  state: fc.constantFrom(...taskStates),
  quote: optional(
    fc.record({
      isPaid: fc.boolean(),
      totalWei: fc.constant("7"),
      validation: fc.record({ request_id: text }),
    }),
  ),
  assignment: optional(fc.record({ attempt: fc.nat(9), nodeId: text, wallet: text, leaseEndsMs: fc.nat() })),
  triedNodes: fc.array(text),
  proposedGrant: optional(fc.record({ attempt: fc.nat(9), deadline: fc.nat() })),
  grants: fc.array(fc.record({ attempt: fc.nat(9), compute_node_id: text })),
  result: optional(
    fc.record({
      outputData: text,
      completion: fc.record({
        request_id: fc.constant("r"),
        computation_time_ms: fc.integer({ min: 1, max: 1e9 }),
      }),
    }),
  ),
  completionSignatures: fc.array(fc.record({ validator_address: text, timestamp: fc.nat() })),
  trails: fc.array(fc.record({ round: text, required: fc.nat(9) })),
  paymentTx: optional(text),
  payoutTx: optional(text),
  refundTx: optional(text),
  failure: optional(fc.record({ code: fc.constant("CANCELLED" as const), message: text })),
  receiptJson: optional(text),
});

describe("a task's states", () => {
  it("end in settled or failed, whatever way they take", () => {
    fc.assert(
      fc.property(anyTask, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), (task, choices) => {
        const moving = { ...task, state: "received" as TaskState };
        for (const choice of choices) {
          const next = transitions[moving.state];
          if (next.length === 0) break;
          // A task may be dispatched again and again, but every other step leads on.
          const onward = next.filter((state) => state !== moving.state);
          moveTask(moving, onward[choice % onward.length] ?? "failed", new ManualClock());
        }
        assert.ok(isEnded(moving));
        assert.ok(moving.state === "settled" || moving.state === "failed");
      }),
    );
  });

  it("allow no move that the table does not have", () => {
    const [task] = fc.sample(anyTask, { numRuns: 1, seed: 1 });
    assert.ok(task);
    for (const from of taskStates) {
      for (const to of taskStates) {
        const moving = { ...task, state: from };
        if (transitions[from].includes(to)) moveTask(moving, to, new ManualClock());
        else assert.throws(() => moveTask(moving, to, new ManualClock()), { code: "INTERNAL" });
      }
    }
  });

  it("never allow a completed task to fail", () => {
    assert.deepEqual(transitions.completed, ["settled"]);
  });

  it("show clients the reference's four words", () => {
    const words = new Set(taskStates.map(publishedStatus));
    assert.deepEqual([...words].sort(), ["completed", "failed", "processing", "queued"]);
  });
});

describe("a stored task", () => {
  it("is read back as it was", () => {
    fc.assert(
      fc.property(anyTask, (task) => {
        const back = decodeTask(encodeTask(task), task.inputData, task.result?.outputData);
        assert.deepEqual(
          JSON.parse(JSON.stringify(comparable(back))),
          JSON.parse(JSON.stringify(comparable(task))),
        );
      }),
    );
  });
});

function comparable(task: Task) {
  return { ...task, subnetId: task.subnetId?.toString() ?? null };
}
