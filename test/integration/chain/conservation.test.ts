import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256, zeroAddress } from "../../../src/base/index.ts";
import { completionMessage, type PreprocessingTerms } from "../../../src/chain/index.ts";
import { minimumStakeWei, signAll, supplyWei, TestNetwork, treasury, type Wallet } from "./network.ts";

// Random sequences of calls, many of them refused: tokens are neither made nor lost, the escrow holds exactly what it
// owes, and no request is paid out twice.

type Step =
  | { kind: "pay" | "complete" | "fail" | "expire"; request: number; caller: number }
  | { kind: "wait"; seconds: number }
  | { kind: "register" | "unregister" | "withdrawStake" | "equivocate"; validator: number };

const requests = 3;
const runs = 12;
const stepsPerRun = 25;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "pay" as const,
        "pay" as const,
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
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 200 }) }),
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

/** Of the three ways in which money leaves the escrow, each once. */
const everyEnding: Step[] = [
  { kind: "pay", request: 0, caller: 0 },
  { kind: "complete", request: 0, caller: 2 },
  { kind: "pay", request: 1, caller: 0 },
  { kind: "fail", request: 1, caller: 2 },
  { kind: "pay", request: 2, caller: 1 },
  { kind: "wait", seconds: 400 },
  { kind: "expire", request: 2, caller: 0 },
  { kind: "complete", request: 2, caller: 2 },
];

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
    assert.deepEqual([...happened].sort(), ["complete", "expire", "fail", "pay"]);
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
    const states = terms.map(() => "none");
    for (const one of steps) {
      const succeeded = await perform(one, terms);
      if ("request" in one && succeeded) {
        const next = { pay: "paid", complete: "completed", fail: "refunded", expire: "refunded" }[one.kind];
        // A close that succeeds closes what was paid and open; a payment opens what never was.
        assert.equal(states[one.request], one.kind === "pay" ? "none" : "paid");
        states[one.request] = next;
        happened.add(one.kind);
      }
      const balances = await network.balancesOf(holders);
      assert.equal(
        balances.reduce((sum, balance) => sum + balance, 0n),
        supplyWei,
      );
      const owed = terms.reduce(
        (sum, each, index) => sum + (states[index] === "paid" ? totalOf(each) : 0n),
        0n,
      );
      assert.equal(balances.at(-1), owed);
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
    if ("request" in one) {
      const chosen = terms[one.request];
      const caller = [network.client, network.stranger, network.gateway][one.caller];
      assert.ok(chosen && caller);
      if (one.kind === "pay") {
        const signatures = await network.signTerms(chosen, network.validators);
        return network.send(caller, "payment", "initiateInferenceRequest", chosen, signatures);
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
