import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { type Logger, silentLogger } from "../../../src/base/index.ts";
import type { Answer } from "../../../src/roles/compute/gateway-link.ts";
import { ResultOutbox } from "../../../src/roles/compute/result-outbox.ts";
import type { TaskResult } from "../../../src/roles/compute/task.ts";
import type { Statement, Store } from "../../../src/storage/index.ts";
import type { Ack } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const result = (id: string, more: Partial<TaskResult> = {}): TaskResult => ({
  key: id,
  gateway: "g:1",
  requestId: id,
  client: "0x",
  modelUuid: "m",
  expirySec: 2_000_000_000,
  isPaid: false,
  outcome: { status: "failed", errorMessage: "no" },
  ...more,
});

type Submit = () => Promise<Answer<Ack>>;

/** An outbox, its clock, what was written and how its gateway answers. */
function outboxWith(submit: Submit) {
  const clock = new ManualClock();
  const written: string[] = [];
  const submitted: string[] = [];
  const warnings: string[] = [];
  const gateway = { submit };
  const store: Store = {
    async transact(statements: readonly Statement[]) {
      for (const { sql, params } of statements) written.push(`${sql.slice(0, 6)} ${params[2]}`);
      return [1];
    },
    all: async () => [],
    counts: () => ({ transactions: 0, groups: 0, failures: 0 }),
    close: async () => {},
  };
  const logger: Logger = { ...silentLogger, warn: (_, sentence) => warnings.push(sentence) };
  const outbox = new ResultOutbox({
    link: {
      address: "g:1",
      submit(response) {
        submitted.push(response.request_id ?? "");
        return gateway.submit();
      },
    },
    store,
    clock,
    random: () => Uint8Array.of(255),
    logger,
  });
  return { outbox, clock, written, submitted, warnings, gateway };
}

const acknowledge: Submit = async () => ({ value: { success: true, message: "" } as Ack });
const unreachable: Submit = () => Promise.reject(new Error("unreachable"));
const silent: Submit = () => new Promise(() => {});

describe("result outbox", () => {
  it("writes nothing for an unpaid result that is acknowledged at once", async () => {
    const { outbox, clock, written } = outboxWith(acknowledge);
    await outbox.add(result("a"));
    await outbox.settled();
    clock.advance(10_000);
    assert.equal(outbox.size, 0);
    assert.deepEqual(written, []);
    assert.equal(clock.pending, 0);
  });

  it("writes an unpaid result when the gateway is slow", async () => {
    const { outbox, clock, written } = outboxWith(silent);
    await outbox.add(result("a"));
    clock.advance(99);
    assert.deepEqual(written, []);
    clock.advance(1);
    assert.deepEqual(written, ["INSERT a"]);
  });

  it("writes a paid result first, and deletes it when it is acknowledged", async () => {
    const { outbox, written } = outboxWith(acknowledge);
    await outbox.add(result("a", { isPaid: true }));
    await outbox.settled();
    assert.deepEqual(
      written.map((line) => line.slice(0, 6)),
      ["INSERT", "DELETE"],
    );
  });

  it("sends again, later and later, until the gateway answers", async () => {
    const { outbox, clock, submitted, gateway } = outboxWith(unreachable);
    await outbox.add(result("a"));
    for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      await setImmediate();
      const before = submitted.length;
      clock.advance(delayMs - 1);
      assert.equal(submitted.length, before);
      clock.advance(1);
      assert.equal(submitted.length, before + 1);
    }
    await setImmediate();
    gateway.submit = acknowledge;
    await outbox.resend();
    assert.equal(outbox.size, 0);
  });

  it("drops what is refused for good, and what has expired", async () => {
    const { outbox, submitted, warnings } = outboxWith(async () => ({ refusal: "ended" }));
    await outbox.add(result("a"));
    await outbox.add(result("b", { expirySec: 1_000 }));
    await outbox.settled();
    assert.equal(outbox.size, 0);
    assert.deepEqual(submitted, ["a"]);
    assert.deepEqual(warnings.sort(), ["gateway refused a result", "result dropped: its task has expired"]);
  });

  it("sends an acknowledged result once more when the task comes again", async () => {
    const { outbox, submitted } = outboxWith(acknowledge);
    await outbox.add(result("a"));
    await outbox.settled();
    assert.equal(outbox.repeat("a"), true);
    assert.equal(outbox.repeat("b"), false);
    await outbox.settled();
    assert.deepEqual(submitted, ["a", "a"]);
  });

  it("sends a backlog few at a time", async () => {
    let underWay = 0;
    let most = 0;
    const { outbox, submitted } = outboxWith(async () => {
      most = Math.max(most, ++underWay);
      await setImmediate();
      underWay--;
      return acknowledge();
    });
    outbox.restore(Array.from({ length: 50 }, (_, index) => result(`r${index}`)));
    await outbox.resend();
    assert.equal(new Set(submitted).size, 50);
    assert.equal(outbox.size, 0);
    assert.ok(most > 1 && most <= 8, `${most} at once`);
  });

  it("has everything on disk when it has stopped", async () => {
    const { outbox, clock, written, submitted } = outboxWith(unreachable);
    await outbox.add(result("a"));
    await outbox.add(result("b"));
    await outbox.settled();
    await outbox.stop();
    assert.deepEqual(written, ["INSERT a", "INSERT b"]);
    clock.advance(60_000);
    assert.deepEqual(submitted, ["a", "b"]);
  });
});
