import assert from "node:assert/strict";
import type { Interface } from "ethers/abi";
import { loadArtifact } from "../../../src/chain/artifacts.ts";
import {
  completionMessage,
  contractAddresses,
  type PreprocessingTerms,
  preprocessingMessage,
} from "../../../src/chain/index.ts";
import {
  minimumStakeWei,
  signAll,
  TestNetwork,
  testContract,
  threshold,
  treasury,
  type Wallet,
} from "./network.ts";
import { refused } from "./refused.ts";

// The escrow over a token that calls back into it on every transfer and refuses some recipients.
describe("InferencePayment with a hostile token", () => {
  let network: TestNetwork;
  let hostile: Interface;
  let token: string;
  let registry: string;
  let payment: string;

  const call = (from: Wallet, to: string, data: string) => network.queueOf(from.sender).send({ to, data });
  const payments = (from: Wallet, name: string, ...args: unknown[]) =>
    call(from, payment, network.abis.payment.encodeFunctionData(name, args));
  const tokens = (from: Wallet, name: string, ...args: unknown[]) =>
    call(from, token, hostile.encodeFunctionData(name, args));
  const ask = async (name: string, ...args: unknown[]): Promise<unknown> => {
    const data = hostile.encodeFunctionData(name, args);
    return hostile.decodeFunctionResult(
      name,
      await network.rpc.call<string>("eth_call", [{ to: token, data }, "latest"]),
    )[0];
  };
  const withdrawable = async (address: string): Promise<bigint> => {
    const data = network.abis.payment.encodeFunctionData("withdrawable", [address]);
    return BigInt(await network.rpc.call<string>("eth_call", [{ to: payment, data }, "latest"]));
  };
  const domain = () => ({ chainId: network.anvil.chainId, verifyingContract: payment });

  before(async () => {
    network = await TestNetwork.start();
    const { abi, bytecode } = await testContract("HostileToken");
    hostile = abi;
    const { client, abis } = network;
    const nonce = Number(
      await network.rpc.call<string>("eth_getTransactionCount", [client.address, "latest"]),
    );
    ({
      token,
      validatorRegistry: registry,
      inferencePayment: payment,
    } = contractAddresses(client.address, nonce));
    const create = (code: string, encoded: string) =>
      network.queueOf(client.sender).send({ data: code + encoded.slice(2) });
    await create(bytecode, abi.encodeDeploy([10n ** 24n]));
    await create(
      loadArtifact("ValidatorRegistry").bytecode,
      abis.registry.encodeDeploy([
        token,
        treasury,
        payment,
        minimumStakeWei,
        threshold,
        1,
        1,
        client.address,
      ]),
    );
    await create(
      loadArtifact("InferencePayment").bytecode,
      abis.payment.encodeDeploy([token, registry, treasury]),
    );
    for (const validator of network.quorum) {
      await tokens(client, "transfer", validator.address, minimumStakeWei);
      await tokens(validator, "approve", registry, minimumStakeWei);
      await call(
        validator,
        registry,
        abis.registry.encodeFunctionData("registerValidator", [minimumStakeWei]),
      );
    }
    await tokens(client, "approve", payment, 10n ** 24n);
  });
  after(() => network.stop());
  afterEach(() => tokens(network.client, "callBack", "0x0000000000000000000000000000000000000000", "0x"));

  async function pay(terms: PreprocessingTerms): Promise<void> {
    const signatures = await signAll(preprocessingMessage(domain(), terms), network.quorum);
    await payments(network.client, "initiateInferenceRequest", terms, signatures);
  }

  async function completionCall(terms: PreprocessingTerms): Promise<[object, string[]]> {
    const completion = network.completionOf(terms);
    return [completion, await signAll(completionMessage(domain(), completion), network.quorum)];
  }

  async function assertRefusedInside(): Promise<void> {
    assert.ok(((await ask("attempts")) as bigint) > 0n);
    assert.equal(await ask("hasReentered"), false);
    const answer = network.abis.payment.parseError((await ask("answer")) as string);
    assert.equal(answer?.name, "ReentrancyGuardReentrantCall");
  }

  it("cannot be entered again while it pays out", async () => {
    const terms = await network.terms();
    const victim = await network.terms();
    await pay(terms);
    await pay(victim);
    const again = network.abis.payment.encodeFunctionData(
      "completeInferenceRequest",
      await completionCall(victim),
    );
    await tokens(network.client, "callBack", payment, again);
    await payments(network.gateway, "completeInferenceRequest", ...(await completionCall(terms)));
    await assertRefusedInside();
  });

  it("cannot be entered again while it refunds or takes money in", async () => {
    const terms = await network.terms();
    await pay(terms);
    await network.passTime(400);
    const again = network.abis.payment.encodeFunctionData("handleExpiredRequest", [terms.requestId]);
    await tokens(network.client, "callBack", payment, again);
    const before = (await ask("balanceOf", network.client.address)) as bigint;
    await payments(network.stranger, "handleExpiredRequest", terms.requestId);
    assert.equal(((await ask("balanceOf", network.client.address)) as bigint) - before, 10_000n);
    await assertRefusedInside();

    const next = await network.terms({ requestId: "next" });
    await tokens(
      network.client,
      "callBack",
      payment,
      network.abis.payment.encodeFunctionData("handleExpiredRequest", ["next"]),
    );
    await pay(next);
    await assertRefusedInside();
  });

  it("cannot be entered again while a deposit comes in or leaves", async () => {
    const gateway = network.gateway.address;
    const again = network.abis.payment.encodeFunctionData("withdrawDeposit", [gateway]);
    await tokens(network.client, "callBack", payment, again);
    await payments(network.client, "deposit", gateway, 500n);
    await assertRefusedInside();
    await payments(network.client, "announceWithdrawal", gateway, 500n);
    await network.passTime(3_600);
    await tokens(network.client, "callBack", payment, again);
    const before = (await ask("balanceOf", network.client.address)) as bigint;
    await payments(network.client, "withdrawDeposit", gateway);
    await assertRefusedInside();
    assert.equal(((await ask("balanceOf", network.client.address)) as bigint) - before, 500n);
  });

  it("pays everybody else when one recipient is refused, and keeps that one's share for it to fetch", async () => {
    const terms = await network.terms();
    await pay(terms);
    await tokens(network.client, "refuse", network.gateway.address, true);
    const held = (await ask("balanceOf", network.gateway.address)) as bigint;
    const before = (await ask("balanceOf", network.compute.address)) as bigint;
    await payments(network.stranger, "completeInferenceRequest", ...(await completionCall(terms)));
    assert.equal(((await ask("balanceOf", network.compute.address)) as bigint) - before, 8_002n);
    assert.equal(await withdrawable(network.gateway.address), 1_000n);
    await assert.rejects(payments(network.gateway, "withdraw"));
    assert.equal(await withdrawable(network.gateway.address), 1_000n);

    await tokens(network.client, "refuse", network.gateway.address, false);
    await tokens(
      network.client,
      "callBack",
      payment,
      network.abis.payment.encodeFunctionData("withdraw", []),
    );
    await payments(network.gateway, "withdraw");
    await assertRefusedInside();
    assert.equal(((await ask("balanceOf", network.gateway.address)) as bigint) - held, 1_000n);
    await refused(payments(network.gateway, "withdraw"), "NothingToWithdraw");
  });
});
