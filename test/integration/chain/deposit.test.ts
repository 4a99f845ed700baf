import assert from "node:assert/strict";
import { fromHex, silentLogger, systemClock, zeroAddress } from "../../../src/base/index.ts";
import { addDeposit, connectChain, type PreprocessingTerms, readDeposit } from "../../../src/chain/index.ts";
import { TestNetwork, type Wallet } from "./network.ts";
import { refused } from "./refused.ts";

const noticeSec = 3_600;
const totalWei = 10_000n;

describe("InferencePayment's deposits", () => {
  let network: TestNetwork;
  let snapshot: string;
  before(async () => {
    network = await TestNetwork.start();
    for (const wallet of [network.client, network.stranger])
      await network.send(wallet, "token", "approve", network.addresses.inferencePayment, 2n ** 255n);
  });
  beforeEach(async () => {
    snapshot = await network.rpc.call<string>("evm_snapshot");
  });
  afterEach(async () => {
    await network.rpc.call("evm_revert", [snapshot]);
    network.forgetNonces();
  });
  after(() => network.stop());

  const gateway = () => network.gateway.address;
  const deposit = (amountWei: bigint, by = network.client) =>
    network.send(by, "payment", "deposit", gateway(), amountWei);
  const announce = (amountWei: bigint) =>
    network.send(network.client, "payment", "announceWithdrawal", gateway(), amountWei);
  const withdraw = () => network.send(network.client, "payment", "withdrawDeposit", gateway());
  const prepaid = async (client = network.client.address): Promise<bigint> => {
    const [amount] = await network.view("payment", "prepaidOf", client, gateway());
    return amount as bigint;
  };
  const held = async (): Promise<bigint> => {
    const [found] = await network.view("payment", "depositOf", network.client.address, gateway());
    return (found as { amountWei: bigint }).amountWei;
  };
  async function use(terms: PreprocessingTerms, by: Wallet = network.gateway): Promise<void> {
    const signatures = await network.signTerms(terms);
    await network.send(by, "payment", "initiateFromDeposit", terms, signatures);
  }

  it("hold what is paid in, by approval or permit, for one client at one gateway", async () => {
    const contract = network.addresses.inferencePayment;
    const before = await network.balanceOf(contract);
    await deposit(300n);
    await deposit(200n);
    await deposit(7n, network.stranger);
    assert.deepEqual([await prepaid(), await prepaid(network.stranger.address)], [500n, 7n]);
    assert.equal((await network.balanceOf(contract)) - before, 507n);
    const [elsewhere] = await network.view(
      "payment",
      "prepaidOf",
      network.client.address,
      network.compute.address,
    );
    assert.equal(elsewhere, 0n);
    // The gateway's own wallet has approved nothing.
    const { compute, genesis } = { compute: network.compute, genesis: network.genesis() };
    assert(genesis.chain !== null);
    const options = {
      rpcUrl: network.anvil.url,
      chain: genesis.chain,
      sender: compute.sender,
      clock: systemClock,
      logger: silentLogger,
      pollMs: 5,
    };
    await addDeposit(options, gateway(), 40n);
    const view = await readDeposit(options, compute.address, gateway());
    assert.deepEqual([view.depositWei, view.prepaidWei, view.leavingWei], [40n, 40n, 0n]);
  });

  it("refuse nothing, a gateway that cannot be paid, and more than the client has", async () => {
    await refused(deposit(0n), "NothingToDeposit");
    await refused(network.send(network.client, "payment", "deposit", zeroAddress, 1n), "RecipientInvalid");
    await refused(deposit(10n ** 30n), "ERC20InsufficientBalance");
  });

  it("pay a co-signed quote that the client's gateway brings, once", async () => {
    await deposit(15_000n);
    const terms = await network.terms();
    await use(terms);
    assert.equal(await prepaid(), 5_000n);
    const [escrow] = (await network.view("payment", "escrowOf", terms.requestId)) as [
      Record<string, unknown>,
    ];
    assert.equal(String(escrow["payer"]).toLowerCase(), network.client.address);
    assert.deepEqual([escrow["state"], escrow["fromDeposit"]], [1n, true]);
    await refused(use(terms), "RequestIdUsed");
    await refused(network.initiate(terms), "RequestIdUsed");
    await refused(use(await network.terms()), "DepositTooSmall");
    const compute = await network.balanceOf(network.compute.address);
    await network.complete(network.completionOf(terms));
    assert((await network.balanceOf(network.compute.address)) > compute);
    await refused(use(terms), "RequestIdUsed");
  });

  it("are out of reach of everybody but that gateway, and of quotes that are not signed, late or of nobody", async () => {
    await deposit(50_000n);
    const terms = await network.terms();
    await refused(use(terms, network.client), "NotGateway");
    await refused(use(terms, network.stranger), "NotGateway");
    await refused(
      use({ ...terms, gatewayWallet: network.stranger.address }, network.stranger),
      "DepositTooSmall",
    );
    const unsigned = network.send(network.gateway, "payment", "initiateFromDeposit", terms, []);
    await refused(unsigned, "TooFewSignatures");
    const signatures = await network.signTerms(terms);
    const other = { ...terms, client: network.stranger.address };
    const changed = network.send(network.gateway, "payment", "initiateFromDeposit", other, signatures);
    await refused(changed, "TooFewSignatures");
    await refused(use(await network.terms({ client: zeroAddress })), "NotClient");
    await refused(use(await network.terms({ expiryTimestamp: (await network.nowSec()) - 1 })), "Expired");
    await refused(use(await network.terms({ client: network.stranger.address })), "DepositTooSmall");
    const nothing = { computePriceWei: 0n, gatewayGasWei: 0n, validatorRewardWei: 0n, treasuryFeeWei: 0n };
    await refused(use(await network.terms(nothing)), "NothingToPay");
    assert.equal(await prepaid(), 50_000n);
  });

  it("get back what their task does not use, after a failure and after expiry", async () => {
    await deposit(20_000n);
    const wallet = await network.balanceOf(network.client.address);
    const [failed, expired] = [await network.terms(), await network.terms()];
    await use(failed);
    await use(expired);
    assert.equal(await held(), 0n);
    await network.send(network.gateway, "payment", "markRequestFailed", failed.requestId);
    assert.equal(await prepaid(), totalWei);
    await network.passTime(400);
    await network.send(network.stranger, "payment", "handleExpiredRequest", expired.requestId);
    assert.equal(await prepaid(), 2n * totalWei);
    assert.equal(await network.balanceOf(network.client.address), wallet);
    await refused(use(failed), "RequestIdUsed");
  });

  it("leave only after the notice, and the gateway may use them until then", async () => {
    await deposit(25_000n);
    await refused(withdraw(), "NothingToWithdraw");
    await refused(announce(25_001n), "DepositTooSmall");
    await announce(20_000n);
    assert.deepEqual([await prepaid(), await held()], [5_000n, 25_000n]);
    await refused(withdraw(), "NoticeRunning");
    // A quote that the gateway made before the announcement.
    await use(await network.terms());
    assert.deepEqual([await prepaid(), await held()], [0n, 15_000n]);
    await network.passTime(noticeSec);
    const before = await network.balanceOf(network.client.address);
    await withdraw();
    assert.equal((await network.balanceOf(network.client.address)) - before, 15_000n);
    assert.equal(await held(), 0n);
    await refused(withdraw(), "NothingToWithdraw");
  });

  it("are used by a gateway's own connection to the chain, once for each task whatever comes in between", async () => {
    const chain = await connectChain({
      rpcUrl: network.anvil.url,
      genesis: network.genesis(),
      sender: network.gateway.sender,
      clock: systemClock,
      logger: silentLogger,
      pollMs: 20,
    });
    try {
      await deposit(25_000n);
      assert.equal(await chain.prepaidOf(network.client.address, gateway()), 25_000n);
      const never = new AbortController().signal;
      const paymentOf = async (terms: PreprocessingTerms) => ({
        terms,
        signatures: (await network.signTerms(terms)).map(fromHex),
      });
      const payment = await paymentOf(await network.terms());
      // As after a crash between sending and noting it.
      const [first, second] = await Promise.all([
        chain.payFromDeposit(payment, never),
        chain.payFromDeposit(payment, never),
      ]);
      assert.equal(first, second);
      assert.equal(await chain.payFromDeposit(payment, never), first);
      assert.equal(await prepaid(), 15_000n);
      const taken = await network.terms();
      await use(taken);
      await assert.rejects(chain.payFromDeposit(await paymentOf({ ...taken, computePriceWei: 1n }), never), {
        code: "PAYMENT_INVALID",
        message: /another task/,
      });
      await refused(chain.payFromDeposit(await paymentOf(await network.terms()), never), "DepositTooSmall");
    } finally {
      await chain.stop();
    }
  });

  it("stay when the announcement is taken back, and a new one begins a new notice", async () => {
    await deposit(100n);
    await announce(100n);
    await network.passTime(noticeSec);
    await announce(50n);
    await refused(withdraw(), "NoticeRunning");
    await announce(0n);
    assert.equal(await prepaid(), 100n);
    await network.passTime(noticeSec);
    await refused(withdraw(), "NothingToWithdraw");
  });
});
