import assert from "node:assert/strict";
import { by, request, statusWhen, submit, type TestGateway, TestNode, testGateway } from "./builders.ts";

const price = 1_000n;
const client = `0x${"c1".repeat(20)}`;
const key = { wallet: client, paysFromDeposit: true };

describe("a task that is paid from its client's deposit", () => {
  let net: TestGateway;
  let node: TestNode;
  beforeEach(async () => {
    net = await testGateway({ isPaid: true });
    node = new TestNode({ priceWei: String(price) });
    node.connect(net);
  });
  afterEach(() => net.stop());

  const statusOf = (id: string) => net.gateway.clients.status(id, key);

  it("runs and is paid out, without a word of the client", async () => {
    net.chain.deposits.set(client, 2_500n);
    const terms = await submit(net, request(), key);
    assert.equal(terms.payment_status?.prepaid, true);
    await node.finish(net);
    const settled = await statusWhen(net, "request-1", (one) => one.payment_status?.payout_tx != null);
    assert.equal(settled.payment_status?.payment_tx, "0xprepaid");
    assert.deepEqual(net.chain.calls, ["prepaid request-1", "completed request-1"]);
    assert.equal(net.chain.deposits.get(client), 1_500n);
  });

  it("is not prepaid where the deposit does not cover it, where a wallet asks, or where the chain cannot tell", async () => {
    net.chain.deposits.set(client, price - 1n);
    const short = await submit(net, request("short"), key);
    assert.equal(short.payment_status?.prepaid, false);
    net.chain.deposits.set(client, price);
    const wallet = await submit(net, request("wallet", client), { wallet: client });
    assert.equal(wallet.payment_status?.prepaid, false);
    const named = await submit(net, request("named", client));
    assert.equal(named.payment_status?.prepaid, false);
    net.chain.isUp = false;
    const down = await submit(net, request("down"), key);
    assert.match(down.error_message ?? "", /^CHAIN_UNAVAILABLE/);
    net.chain.isUp = true;
    assert.deepEqual(net.chain.calls, []);
  });

  it("is promised no money that another task was promised before", async () => {
    net.chain.deposits.set(client, 2n * price + 1n);
    const all = await Promise.all(["a", "b", "c"].map((id) => submit(net, request(id), key)));
    const prepaid = all.filter(({ payment_status: payment }) => payment?.prepaid === true);
    assert.equal(prepaid.length, 2);
    await node.task(2);
    assert.equal(net.chain.deposits.get(client), 1n);
  });

  it("fails when the deposit is gone before it was paid", async () => {
    net.chain.deposits.set(client, price);
    const paying = net.chain.payFromDeposit.bind(net.chain);
    net.chain.payFromDeposit = async (payment) => {
      net.chain.deposits.set(client, 0n);
      return paying(payment);
    };
    await submit(net, request(), key);
    const failed = await statusWhen(net, "request-1", (one) => one.status === "failed");
    assert.match(failed.error_message ?? "", /^PAYMENT_REQUIRED: .*no longer covers/);
    assert.equal(node.received.length, 0);
  });

  it("waits for a chain that does not answer, and is paid once also when the gateway is killed meanwhile", async () => {
    net.chain.deposits.set(client, 5n * price);
    const paying = net.chain.payFromDeposit.bind(net.chain);
    net.chain.payFromDeposit = async (payment) => {
      net.chain.isUp = false;
      return paying(payment);
    };
    await submit(net, request(), key);
    assert.equal((await statusOf("request-1")).payment_status?.payment_confirmed, false);
    net.chain.payFromDeposit = paying;
    net = await net.restart();
    net.chain.isUp = true;
    node.connect(net);
    await net.clock.run(2_000);
    await node.finish(net);
    await statusWhen(net, "request-1", (one) => one.payment_status?.payout_tx != null);
    assert.deepEqual(net.chain.calls, ["prepaid request-1", "completed request-1"]);
  });

  it("is not paid once it is cancelled, and refunded when that was too late", async () => {
    net.chain.deposits.set(client, price);
    await submit(net, request(), key);
    await node.task();
    await net.gateway.clients.cancel("request-1", key);
    const failed = await statusWhen(net, "request-1", (one) => one.payment_status?.refund_tx != null);
    assert.match(failed.error_message ?? "", /^CANCELLED/);
    assert.deepEqual(net.chain.calls, ["prepaid request-1", "refunded request-1"]);
    await assert.rejects(net.gateway.clients.cancel("request-1", by(node.signer)), { code: "ACCESS_DENIED" });
  });
});
