import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256, zeroAddress } from "../../../src/base/index.ts";
import { completionMessage, type PreprocessingTerms } from "../../../src/chain/index.ts";
import { minimumStakeWei, signAll, supplyWei, TestNetwork, treasury, type Wallet } from "./network.ts";

// Random sequences of calls, many of them refused: tokens are neither made nor lost, the escrow holds exactly what it
// owes, deposits included, and no request is paid or paid out twice.

type Step =
  | { kind: "pay" | "prepay" | "complete" | "fail" | "expire"; request: number; caller: number }
  | { kind: "deposit" | "announce"; caller: number; amountWei: bigint }
  | { kind: "takeOut"; caller: number }
  | { kind: "wait"; seconds: number }
  | { kind: "register" | "unregister" | "withdrawStake" | "equivocate"; validator: number };

const requests = 3;
const runs = 12;
const stepsPerRun = 30;
/** As the contract has it. */
const noticeSec = 3_600;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "pay" as const,
        "prepay" as const,
        "prepay" as const,
        "complete" as const,
        "fail" as const,
        "expire" as const,
      ),
      request: fc.nat(requests - 1),
      caller: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(noticeSec)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("deposit" as const, "announce" as const),
      caller: fc.nat(1),
      amountWei: fc.bigInt(0n, 25_000n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("takeOut" as const), caller: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "register" as const,
        "unregister" as const,
        "withdrawStake" as const,
        "equivocate" as const,
      ),
      validator: fc.nat(4),
    }),
  },
);

/** Each way in which money comes into the contract and leaves it. */
const everyEnding: Step[] = [
  { kind: "deposit", caller: 0, amountWei: 40_000n },
  { kind: "announce", caller: 0, amountWei: 35_000n },
  { kind: "pay", request: 0, caller: 0 },
  { kind: "complete", request: 0, caller: 2 },
  { kind: "prepay", request: 1, caller: 2 },
  { kind: "pay", request: 1, caller: 0 },
  { kind: "fail", request: 1, caller: 2 },
  { kind: "prepay", request: 1, caller: 2 },
  { kind: "pay", request: 2, caller: 1 },
  { kind: "wait", seconds: 400 },
  { kind: "expire", request: 2, caller: 0 },
  { kind: "complete", request: 2, caller: 2 },
  { kind: "wait", seconds: noticeSec },
  { kind: "takeOut", caller: 0 },
];

/** What the contract owes, as the steps that succeeded say. */
class Ledger {
  readonly states = new Map<number, "paid" | "prepaid" | "completed" | "refunded">();
  readonly deposits = [0n, 0n];
  readonly leaving = [0n, 0n];

  apply(step: Step, totals: readonly bigint[]): void {
    if (step.kind === "deposit") this.#add(step.caller, step.amountWei);
    else if (step.kind === "announce") this.leaving[step.caller] = step.amountWei;
    else if (step.kind === "takeOut") {
      this.#add(step.caller, -(this.leaving[step.caller] ?? 0n));
      this.leaving[step.caller] = 0n;
    } else if ("request" in step) this.#applyTo(step.kind, step.request, totals[step.request] ?? 0n);
  }

  /** A close that succeeds closes what was paid and open; a payment opens what never was. */
  #applyTo(kind: "pay" | "prepay" | "complete" | "fail" | "expire", request: number, totalWei: bigint): void {
    const state = this.states.get(request);
    if (kind === "pay" || kind === "prepay") {
      assert.equal(state, undefined);
      this.states.set(request, kind === "pay" ? "paid" : "prepaid");
      if (kind === "prepay") this.#add(0, -totalWei);
      return;
    }
    assert.ok(state === "paid" || state === "prepaid", state);
    if (kind !== "complete" && state === "prepaid") this.#add(0, totalWei);
    this.states.set(request, kind === "complete" ? "completed" : "refunded");
  }

  #add(caller: number, amountWei: bigint): void {
    const left = (this.deposits[caller] ?? 0n) + amountWei;
    assert.ok(left >= 0n);
    this.deposits[caller] = left;
    if ((this.leaving[caller] ?? 0n) > left) this.leaving[caller] = left;
  }

  owedWei(totals: readonly bigint[]): bigint {
    const open = totals.filter((_, index) => ["paid", "prepaid"].includes(this.states.get(index) ?? ""));
    return [...open, ...this.deposits].reduce((sum, each) => sum + each, 0n);
  }
}

describe("Money in the contracts", () => {
  let network: TestNetwork;
  const happened = new Set<string>();
  before(async () => {
    network = await TestNetwork.start();
    await network.send(network.client, "token", "approve", network.addresses.inferencePayment, 2n ** 255n);
    await network.send(network.stranger, "token", "approve", network.addresses.inferencePayment, 2n ** 255n);
    for (const validator of network.validators) {
      await network.send(validator, "token", "approve", network.addresses.validatorRegistry, 2n ** 255n);
      await network.send(network.deployer, "token", "transfer", validator.address, minimumStakeWei);
    }
  });
  after(() => network.stop());

  it("is neither made nor lost nor paid twice, whatever is called in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: stepsPerRun, maxLength: stepsPerRun }), async (steps) => {
        const snapshot = await network.rpc.call<string>("evm_snapshot");
        try {
          await runSteps(steps);
        } finally {
          await network.rpc.call("evm_revert", [snapshot]);
          network.forgetNonces();
        }
      }),
      { numRuns: runs, endOnFailure: true, examples: [[everyEnding]] },
    );
    // Else the property held because nothing happened.
    const all = ["announce", "complete", "deposit", "expire", "fail", "pay", "prepay", "takeOut"];
    assert.deepEqual([...happened].sort(), all);
  });

  async function runSteps(steps: readonly Step[]): Promise<void> {
    const terms: PreprocessingTerms[] = [];
    for (let request = 0; request < requests; request++) {
      // Odd splits, so that remainders of the division move too.
      terms.push(
        await network.terms({
          client: request === 2 ? zeroAddress : network.client.address,
          validatorRewardWei: 499n + BigInt(request),
        }),
      );
    }
    const holders = [
      ...network.validators.map(({ address }) => address),
      ...[network.client, network.stranger, network.gateway, network.compute].map(({ address }) => address),
      network.deployer.address,
      treasury,
      network.addresses.validatorRegistry,
      network.addresses.inferencePayment,
    ];
    const ledger = new Ledger();
    const totals = terms.map(totalOf);
    for (const one of steps) {
      if ((await perform(one, terms)) && ("request" in one || "caller" in one)) {
        ledger.apply(one, totals);
        happened.add(one.kind);
      }
      const balances = await network.balancesOf(holders);
      assert.equal(
        balances.reduce((sum, balance) => sum + balance, 0n),
        supplyWei,
      );
      assert.equal(balances.at(-1), ledger.owedWei(totals));
    }
  }

  async function perform(one: Step, terms: readonly PreprocessingTerms[]): Promise<boolean> {
    try {
      await call(one, terms);
      return true;
    } catch (error) {
      assert.match(String(error), /the contract refused/);
      return false;
    }
  }

  async function call(one: Step, terms: readonly PreprocessingTerms[]): Promise<unknown> {
    if (one.kind === "wait") return network.passTime(one.seconds);
    const gateway = network.gateway.address;
    if ("caller" in one && !("request" in one)) {
      const depositor = one.caller === 0 ? network.client : network.stranger;
      if (one.kind === "takeOut") return network.send(depositor, "payment", "withdrawDeposit", gateway);
      const name = one.kind === "deposit" ? "deposit" : "announceWithdrawal";
      return network.send(depositor, "payment", name, gateway, one.amountWei);
    }
    if ("request" in one) {
      const chosen = terms[one.request];
      const caller = [network.client, network.stranger, network.gateway][one.caller];
      assert.ok(chosen && caller);
      if (one.kind === "pay" || one.kind === "prepay") {
        const signatures = await network.signTerms(chosen, network.validators);
        const name = one.kind === "pay" ? "initiateInferenceRequest" : "initiateFromDeposit";
        return network.send(caller, "payment", name, chosen, signatures);
      }
      if (one.kind === "complete") {
        const completion = network.completionOf(chosen);
        return network.complete(
          completion,
          await network.signCompletion(completion, network.validators),
          caller,
        );
      }
      const name = one.kind === "fail" ? "markRequestFailed" : "handleExpiredRequest";
      return network.send(caller, "payment", name, chosen.requestId);
    }
    const validator = network.validators[one.validator] as Wallet;
    if (one.kind === "register")
      return network.send(validator, "registry", "registerValidator", minimumStakeWei);
    if (one.kind === "unregister") return network.send(validator, "registry", "unregisterValidator");
    if (one.kind === "withdrawStake") return network.send(validator, "registry", "withdrawStake");
    const completion = network.completionOf(terms[0] as PreprocessingTerms);
    const other = { ...completion, resultHash: sha256("another") };
    const [a] = await signAll(completionMessage(network.domain, completion), [validator]);
    const [b] = await signAll(completionMessage(network.domain, other), [validator]);
    return network.send(network.stranger, "registry", "slashCompletion", completion, a, other, b);
  }
});

const totalOf = (terms: PreprocessingTerms): bigint =>
  BigInt(terms.computePriceWei) +
  BigInt(terms.gatewayGasWei) +
  BigInt(terms.validatorRewardWei) +
  BigInt(terms.treasuryFeeWei);
