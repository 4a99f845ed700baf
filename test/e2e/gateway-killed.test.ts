import assert from "node:assert/strict";
import { verifyReceipt } from "../../src/cosign/index.ts";
import type { InferenceTaskStatus } from "../../src/wire/index.ts";
import { type Balances, changes, sumOf, TestDevnet, until } from "../support/devnet.ts";

const gateway = "gateway-1";
const computeNodes = ["compute-1", "compute-2"];
const validators = ["validator-1", "validator-2", "validator-3"];
const slots = 8;
const price = 10n ** 18n;

describe("a gateway killed and restarted goes on with a paid task that was", function () {
  this.timeout(300_000);
  let net: TestDevnet;
  let start: Balances;

  before(async () => {
    // Rounds last long enough for the gateway to be killed in one.
    net = await TestDevnet.start({ validators: 3, computeNodes: 2, deadlines: { roundMs: 20_000 } });
  });
  after(() => net?.stop());
  beforeEach(async () => {
    // Compute nodes come back to a gateway that fell often ever more slowly; a new task waits for one only so long.
    await net.serving();
    start = await net.balances();
  });

  const termsOf = (id: string): Promise<InferenceTaskStatus> =>
    until(`terms of ${id}`, async () => {
      const status = await net.status(id);
      assert.notEqual(status.status, "failed", status.error_message);
      return status.payment_status?.preprocessing_complete === true ? status : undefined;
    });

  /** A submit whose answer the gateway does not live to give. */
  const submitUnanswered = (id: string): void => {
    net.submit(id).catch(() => {});
  };

  /** The task ended, was paid for once, and every token is accounted for. */
  const assertPaidOut = async (id: string, paidTasks = 1): Promise<void> => {
    await net.reached(id, "settled");
    const status = await net.status(id);
    assert.equal(status.status, "completed");
    assert.deepEqual(verifyReceipt(status.receipt_json ?? "").problems, []);
    const after = await net.balances();
    assert.equal(sumOf(after), sumOf(start));
    const moved = changes(start, after);
    assert.equal(moved["client"], -price * BigInt(paidTasks));
    assert.equal(moved["escrow"], undefined);
    assert.equal(moved["treasury"], (price * BigInt(paidTasks)) / 20n);
  };

  const payAndConfirm = async (id: string, terms: InferenceTaskStatus): Promise<void> => {
    const { txHash } = await net.pay(terms);
    await net.confirm(id, txHash);
  };

  it("received: it waited for a free slot", async () => {
    const others = Array.from({ length: slots }, (_, index) => `slot-${index}`);
    await Promise.all(others.map((id) => net.terms(id)));
    submitUnanswered("at-received");
    await net.reached("at-received", "received");
    await net.kill(gateway);
    await net.restart(gateway);
    assert.equal((await net.summary("at-received"))?.state, "received");
    for (const id of others) await net.cancel(id);
    await payAndConfirm("at-received", await termsOf("at-received"));
    await assertPaidOut("at-received");
  });

  it("quoted: validators were being asked", async () => {
    net.freeze(...validators);
    submitUnanswered("at-quoted");
    await net.reached("at-quoted", "quoted");
    await net.kill(gateway);
    net.thaw(...validators);
    await net.restart(gateway);
    await payAndConfirm("at-quoted", await termsOf("at-quoted"));
    await assertPaidOut("at-quoted");
  });

  it("awaiting_payment: the client pays after the restart", async () => {
    const terms = await net.terms("at-unpaid");
    await net.kill(gateway);
    await net.restart(gateway);
    assert.equal((await net.summary("at-unpaid"))?.state, "awaiting_payment");
    await payAndConfirm("at-unpaid", terms);
    await assertPaidOut("at-unpaid");
  });

  it("awaiting_payment: the client paid while it was down, and tells it nothing", async () => {
    const terms = await net.terms("at-paid");
    await net.kill(gateway);
    await net.pay(terms);
    await net.restart(gateway);
    await assertPaidOut("at-paid");
  });

  it("awaiting_payment: the payment was sent but in no block yet", async () => {
    const terms = await net.terms("at-pending");
    await net.holdBlocks();
    const paying = net.pay(terms);
    await until("the payment in the chain's queue", () => net.hasPendingTransactions());
    await net.kill(gateway);
    await net.restart(gateway);
    assert.equal((await net.summary("at-pending"))?.state, "awaiting_payment");
    await net.releaseBlocks();
    await paying;
    await assertPaidOut("at-pending");
  });

  it("queued: it was not dispatched yet", async () => {
    const terms = await net.terms("at-queued");
    net.holdTransition(gateway, "at-queued", "dispatched");
    await net.pay(terms);
    await net.reached("at-queued", "queued");
    await net.kill(gateway);
    net.releaseTransitions(gateway);
    await net.restart(gateway);
    await assertPaidOut("at-queued");
  });

  it("dispatched: the compute node was at work", async () => {
    const terms = await net.terms("at-dispatched");
    net.freeze(...computeNodes);
    await net.pay(terms);
    await net.reached("at-dispatched", "dispatched");
    await net.kill(gateway);
    net.thaw(...computeNodes);
    await net.restart(gateway);
    await assertPaidOut("at-dispatched");
  });

  it("dispatched: the result came while it was down", async () => {
    const terms = await net.terms("at-result", {
      input_data: JSON.stringify({ prompt: "The network", max_tokens: 200 }),
    });
    net.holdTransition(gateway, "at-result", "validating");
    await net.pay(terms);
    await net.reached("at-result", "dispatched");
    await net.kill(gateway);
    net.releaseTransitions(gateway);
    await net.restart(gateway);
    await assertPaidOut("at-result");
  });

  it("validating: validators were looking at the result", async () => {
    const terms = await net.terms("at-validating");
    net.freeze(...computeNodes);
    await net.pay(terms);
    await net.reached("at-validating", "dispatched");
    net.freeze(...validators);
    net.thaw(...computeNodes);
    await net.reached("at-validating", "validating");
    await net.kill(gateway);
    net.thaw(...validators);
    await net.restart(gateway);
    await assertPaidOut("at-validating");
  });

  it("completed: the payout was sent but in no block yet", async () => {
    const terms = await net.terms("at-completed");
    net.freeze(...computeNodes);
    await net.pay(terms);
    await net.reached("at-completed", "dispatched");
    await net.holdBlocks();
    net.thaw(...computeNodes);
    await net.reached("at-completed", "completed");
    await until("the payout in the chain's queue", () => net.hasPendingTransactions());
    await net.kill(gateway);
    await net.restart(gateway);
    await net.releaseBlocks();
    await assertPaidOut("at-completed");
  });

  it("completed: the payout was lost by the chain node", async () => {
    const terms = await net.terms("at-lost");
    net.freeze(...computeNodes);
    await net.pay(terms);
    await net.reached("at-lost", "dispatched");
    await net.holdBlocks();
    net.thaw(...computeNodes);
    await net.reached("at-lost", "completed");
    await until("the payout in the chain's queue", () => net.hasPendingTransactions());
    await net.kill(gateway);
    await net.dropPendingTransactions();
    await net.releaseBlocks();
    await net.restart(gateway);
    await assertPaidOut("at-lost");
  });

  it("completed: the payout was mined but not written down", async () => {
    const terms = await net.terms("at-mined");
    net.holdTransition(gateway, "at-mined", "settled");
    await net.pay(terms);
    await net.reached("at-mined", "completed");
    await until("the payout", async () => (await net.balances())["escrow"] === 0n || undefined);
    await net.kill(gateway);
    net.releaseTransitions(gateway);
    await net.restart(gateway);
    await assertPaidOut("at-mined");
  });

  it("failed: its refund was not sent yet", async () => {
    const terms = await net.terms("at-refund");
    net.freeze(...computeNodes);
    await net.pay(terms);
    await net.reached("at-refund", "dispatched");
    await net.holdBlocks();
    await net.cancel("at-refund");
    await net.reached("at-refund", "failed");
    await net.kill(gateway);
    await net.dropPendingTransactions();
    await net.releaseBlocks();
    net.thaw(...computeNodes);
    await net.restart(gateway);
    await until("the refund", async () => (await net.status("at-refund")).payment_status?.refund_tx);
    assert.deepEqual(changes(start, await net.balances()), {});
  });
});
