import assert from "node:assert/strict";
import type { Escrow } from "../../../src/chain/index.ts";
import {
  nobody,
  request,
  ScriptedCosigner,
  statusWhen,
  submit,
  type TestGateway,
  TestNode,
  testGateway,
} from "./builders.ts";

const price = "1000";

/** The escrow as the contract would open it for the terms that validators signed. */
function escrowFor(net: TestGateway, requestId: string, changes: Partial<Escrow> = {}): Escrow {
  const asked = net.cosigner.asked.find(
    (one) => one.round === "preprocessing" && one.subject.endsWith(`/${requestId}`),
  );
  assert.ok(asked);
  return {
    requestId,
    state: "paid",
    payer: "0xpayer",
    client: `0x${"0".repeat(40)}`,
    gatewayWallet: net.signer.address,
    totalWei: BigInt(price),
    expirySec: 0,
    validationDigest: asked.typed.digest,
    paymentTx: "0xpaid",
    paidBlock: 1,
    depth: 2,
    closingTx: undefined,
    ...changes,
  };
}

describe("a paid task at a gateway", () => {
  let net: TestGateway;
  let node: TestNode;

  const begin = async (cosigner = new ScriptedCosigner()) => {
    net = await testGateway({ isPaid: true, cosigner });
    node = new TestNode({ priceWei: price });
    node.connect(net);
  };
  beforeEach(() => begin());
  afterEach(() => net.stop());

  const pay = (changes: Partial<Escrow> = {}) => net.chain.put(escrowFor(net, "request-1", changes));
  const failed = () => statusWhen(net, "request-1", (one) => one.status === "failed");

  it("waits for the money, runs, and pays out once", async () => {
    const terms = await submit(net);
    assert.equal(terms.payment_status?.required, true);
    assert.equal(terms.payment_status?.payment_confirmed, false);
    const tree = terms.payment_status?.payment_tree;
    assert.deepEqual(
      { ...tree },
      {
        compute_price_wei: "800",
        gateway_gas_wei: "100",
        validator_reward_wei: "50",
        treasury_fee_wei: "50",
      },
    );
    assert.equal(node.received.length, 0);
    pay();
    await node.finish(net);
    const settled = await statusWhen(net, "request-1", (one) => one.payment_status?.payout_tx != null);
    assert.equal(settled.status, "completed");
    assert.deepEqual(net.chain.calls, ["completed request-1"]);
  });

  it("is not begun before the payment is deep enough", async () => {
    await submit(net);
    pay({ depth: 1 });
    const ack = await net.gateway.clients.confirmPayment(
      { request_id: "request-1" },
      nobody,
      new AbortController().signal,
    );
    assert.match(ack.message ?? "", /1 of 2 confirmations/);
    assert.equal(
      (await net.gateway.clients.status("request-1", nobody)).payment_status?.payment_confirmed,
      false,
    );
    pay({ depth: 2 });
    await node.task();
  });

  it("takes no confirmation for a payment that the chain does not show, or shows otherwise", async () => {
    await submit(net);
    const confirm = (claim: object) =>
      net.gateway.clients.confirmPayment(
        { request_id: "request-1", ...claim },
        nobody,
        new AbortController().signal,
      );
    const unseen = confirm({ tx_hash: "0xnone" });
    unseen.catch(() => {});
    await net.clock.run(6_000);
    await assert.rejects(unseen, { code: "PAYMENT_INVALID", message: /tx_hash/ });
    pay({ depth: 1 });
    await assert.rejects(confirm({ tx_hash: "0xother" }), { code: "INVALID_ARGUMENT", message: /tx_hash/ });
    await assert.rejects(confirm({ amount_wei: "999" }), { code: "INVALID_ARGUMENT", message: /amount_wei/ });
    await assert.rejects(confirm({ request_id: "unknown" }), { code: "TASK_NOT_FOUND" });
  });

  it("fails when nobody pays, and returns what comes too late", async () => {
    await submit(net);
    await net.clock.run(net.genesis.deadlines_sec.payment * 1000 + 6_000);
    assert.match((await failed()).error_message ?? "", /^PAYMENT_EXPIRED/);
    pay();
    const status = await statusWhen(net, "request-1", (one) => one.payment_status?.refund_tx != null);
    assert.equal(status.status, "failed");
    assert.deepEqual(net.chain.calls, ["refunded request-1"]);
  });

  it("does not take another task's escrow for its own", async () => {
    await submit(net);
    pay({ validationDigest: new Uint8Array(32).fill(9) });
    assert.match((await failed()).error_message ?? "", /^PAYMENT_INVALID/);
    assert.deepEqual(net.chain.calls, []);
  });

  it("waits past its deadline for a chain that does not answer: it may have been paid", async () => {
    await submit(net);
    net.chain.isUp = false;
    await net.clock.run(net.genesis.deadlines_sec.payment * 1000 + 10_000);
    assert.equal((await net.gateway.clients.status("request-1", nobody)).status, "queued");
    net.chain.isUp = true;
    pay();
    await node.task();
  });

  it("is refunded when it fails after it was paid", async () => {
    await submit(net);
    pay();
    await node.task();
    await net.gateway.compute.submitResult(
      { request_id: "request-1", model_uuid: "model", status: "failed", error_message: "no" },
      { wallet: node.signer.address },
    );
    await statusWhen(net, "request-1", (one) => one.payment_status?.refund_tx != null);
    assert.deepEqual(net.chain.calls, ["refunded request-1"]);
    // The gateway may see a payment, and its task fail, before the client's confirmation comes.
    const never = new AbortController().signal;
    const late = await net.gateway.clients.confirmPayment({ request_id: "request-1" }, nobody, never);
    assert.equal(late.success, true);
    assert.match(late.message ?? "", /has failed since.*refunded/);
  });

  it("is refunded after a restart when the gateway died before it could", async () => {
    await submit(net);
    pay();
    await node.task();
    net.chain.isUp = false;
    await net.gateway.clients.cancel("request-1", nobody);
    net = await net.restart();
    net.chain.isUp = true;
    await net.clock.run(2_000);
    await statusWhen(net, "request-1", (one) => one.payment_status?.refund_tx != null);
    assert.deepEqual(net.chain.calls, ["refunded request-1"]);
  });

  it("is not validated when a reorganization took the payment away", async () => {
    await submit(net);
    pay();
    await node.task();
    net.chain.escrows.delete("request-1");
    await node.finish(net);
    assert.match((await failed()).error_message ?? "", /^PAYMENT_INVALID.*no longer/);
    assert.ok(net.cosigner.asked.every((asked) => asked.round !== "completion"));
  });

  it("is paid out after a restart when the gateway died before it could", async () => {
    await submit(net);
    pay();
    await node.task();
    const complete = net.chain.complete.bind(net.chain);
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    net.chain.complete = (_completion, signal?: AbortSignal) => {
      isAsked();
      return new Promise<string>((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason)),
      );
    };
    await node.finish(net);
    await asked;
    assert.equal((await net.gateway.clients.status("request-1", nobody)).status, "completed");
    net.chain.complete = complete;
    net = await net.restart();
    await statusWhen(net, "request-1", (one) => one.payment_status?.payout_tx != null);
    assert.deepEqual(net.chain.calls, ["completed request-1"]);
  });

  it("asks for the same terms again after a restart before the round was done", async () => {
    await net.stop();
    const cosigner = new ScriptedCosigner();
    const run = cosigner.run.bind(cosigner);
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    cosigner.run = (one, signal?: AbortSignal) => {
      cosigner.asked.push(one);
      isAsked();
      return new Promise((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason)),
      );
    };
    await begin(cosigner);
    const first = submit(net);
    first.catch(() => {});
    await asked;
    cosigner.run = run;
    net.clock.advance(3_000);
    net = await net.restart();
    await statusWhen(net, "request-1", (one) => one.payment_status?.preprocessing_complete === true);
    const [before, after] = cosigner.asked;
    assert.deepEqual(before?.typed.digest, after?.typed.digest);
  });

  it("with a request in the message is confirmed by submitting it again", async () => {
    await submit(net);
    pay();
    const again = await submit(net, {
      ...request(),
      transaction_confirmation: { request_id: "request-1", tx_hash: "0xpaid" },
    });
    assert.equal(again.request_id, "request-1");
    await node.task();
  });
});
