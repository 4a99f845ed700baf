import assert from "node:assert/strict";
import { sha256, toHex, zeroAddress } from "../../../src/base/index.ts";
import {
  type ComputeResult,
  completionMessage,
  computeCompletionMessage,
  preprocessingMessage,
  reassignmentMessage,
  type TypedMessage,
} from "../../../src/chain/index.ts";
import {
  answerSec,
  ether,
  minimumStakeWei,
  stakeWei,
  TestNetwork,
  threshold,
  treasury,
  unbondingSec,
  type Wallet,
} from "./network.ts";
import { refused } from "./refused.ts";

const offence = { equivocation: 0, invalidSignature: 1, wrongResult: 2, collusion: 3, downtime: 4 };

describe("ValidatorRegistry", () => {
  let network: TestNetwork;
  let snapshot: string;
  let first: Wallet;
  let second: Wallet;

  before(async () => {
    network = await TestNetwork.start();
    [first, second] = network.validators as [Wallet, Wallet];
  });
  after(() => network.stop());
  beforeEach(async () => {
    snapshot = await network.rpc.call<string>("evm_snapshot");
  });
  afterEach(async () => {
    await network.rpc.call("evm_revert", [snapshot]);
    network.forgetNonces();
  });

  const registry = (from: Wallet | typeof network.deployer, name: string, ...args: unknown[]) =>
    network.send(from, "registry", name, ...args);
  const isActive = async (wallet: Wallet) => (await network.view("registry", "isActive", wallet.address))[0];
  const stakeOf = async (wallet: Wallet) =>
    ((await network.view("registry", "validatorOf", wallet.address))[0] as { stakeWei: bigint }).stakeWei;
  const statusOf = async (wallet: Wallet) =>
    Number(((await network.view("registry", "validatorOf", wallet.address))[0] as { status: bigint }).status);
  const sign = async (wallet: Wallet, message: TypedMessage) => toHex(await wallet.signer.signTyped(message));
  const enter = async (wallet: Wallet, amount: bigint) => {
    await network.send(wallet, "token", "approve", network.addresses.validatorRegistry, amount);
    return registry(wallet, "registerValidator", amount);
  };

  describe("the set", () => {
    it("lists the validators, their stakes and the threshold", async () => {
      assert.deepEqual(await network.view("registry", "activeCount").then(([count]) => count), 5n);
      assert.equal((await network.view("registry", "threshold"))[0], BigInt(threshold));
      const [addresses, entries] = (await network.view("registry", "validators", 1, 3)) as unknown as [
        string[],
        { stakeWei: bigint }[],
      ];
      assert.equal(addresses.length, 3);
      assert.deepEqual(
        entries.map((entry) => entry.stakeWei),
        [stakeWei, stakeWei, stakeWei],
      );
      const [last] = (await network.view("registry", "validators", 4, 100)) as unknown as [string[]];
      assert.equal(last.length, 1);
      const [none] = (await network.view("registry", "validators", 5, 100)) as unknown as [string[]];
      assert.equal(none.length, 0);
    });

    it("takes a new validator with enough stake, and more stake of an active one", async () => {
      await refused(enter(network.stranger, minimumStakeWei - 1n), "StakeTooLow");
      await refused(enter(network.stranger, 0n), "StakeTooLow");
      assert.equal(await isActive(network.stranger), false);
      await enter(network.stranger, minimumStakeWei);
      assert.equal(await isActive(network.stranger), true);
      await enter(network.stranger, ether);
      assert.equal(await stakeOf(network.stranger), minimumStakeWei + ether);
      assert.equal((await network.view("registry", "activeCount"))[0], 6n);
    });

    it("takes nobody who has not approved the stake", async () => {
      await refused(
        registry(network.stranger, "registerValidator", minimumStakeWei),
        "ERC20InsufficientAllowance",
      );
    });

    it("lets a validator leave at once, and its stake after the unbonding time", async () => {
      await refused(registry(first, "withdrawStake"), "MustUnregisterFirst");
      await registry(first, "unregisterValidator");
      assert.equal(await isActive(first), false);
      await refused(registry(first, "unregisterValidator"), "NotActive");
      await refused(registry(first, "withdrawStake"), "StillUnbonding");
      await refused(enter(first, minimumStakeWei), "MustWithdrawFirst");
      await network.passTime(unbondingSec + 1);
      const before = await network.balanceOf(first.address);
      await registry(first, "withdrawStake");
      assert.equal((await network.balanceOf(first.address)) - before, stakeWei);
      await refused(registry(first, "withdrawStake"), "NothingStaked");
      await enter(first, minimumStakeWei);
      assert.equal(await isActive(first), true);
      assert.equal(((await network.view("registry", "validators", 0, 100))[0] as string[]).length, 5);
    });

    it("refuses a stranger's withdrawal and unregistration", async () => {
      await refused(registry(network.stranger, "unregisterValidator"), "NotActive");
      await refused(registry(network.stranger, "withdrawStake"), "NothingStaked");
    });

    it("cannot be deployed with a threshold of none", async () => {
      const { deployContracts } = await import("../../../src/chain/index.ts");
      const bad = deployContracts({
        rpcUrl: network.anvil.url,
        deployer: network.stranger.sender,
        treasury,
        initialSupplyWei: 1n,
        minimumStakeWei,
        threshold: 0,
        unbondingSec,
        answerSec,
      });
      await assert.rejects(bad);
    });
  });

  describe("equivocation", () => {
    it("over terms, results and re-assignments takes half of the stake, once for a subject", async () => {
      const terms = await network.terms();
      const otherTerms = { ...terms, computePriceWei: 9_000n };
      const thirdTerms = { ...terms, computePriceWei: 9_001n };
      const preprocessing = async (a: typeof terms, b: typeof terms) => [
        a,
        await sign(first, preprocessingMessage(network.domain, a)),
        b,
        await sign(first, preprocessingMessage(network.domain, b)),
      ];
      const before = await network.balanceOf(treasury);
      await registry(network.stranger, "slashPreprocessing", ...(await preprocessing(terms, otherTerms)));
      assert.equal((await network.balanceOf(treasury)) - before, stakeWei / 2n);
      assert.equal(await stakeOf(first), stakeWei / 2n);
      assert.equal(await isActive(first), false);
      assert.equal(await statusOf(first), 3);
      await refused(
        registry(network.stranger, "slashPreprocessing", ...(await preprocessing(terms, otherTerms))),
        "AlreadyPunished",
      );
      await refused(
        registry(network.stranger, "slashPreprocessing", ...(await preprocessing(otherTerms, thirdTerms))),
        "AlreadyPunished",
      );

      const completion = network.completionOf(terms);
      const otherCompletion = { ...completion, resultHash: sha256("another") };
      await registry(
        network.stranger,
        "slashCompletion",
        completion,
        await sign(first, completionMessage(network.domain, completion)),
        otherCompletion,
        await sign(first, completionMessage(network.domain, otherCompletion)),
      );
      assert.equal(await stakeOf(first), stakeWei / 4n);

      const grant = {
        requestId: terms.requestId,
        client: terms.client,
        attempt: 1,
        computeNodeId: "a",
        computeNodeWallet: network.compute.address,
        deadline: 5,
      };
      const otherGrant = { ...grant, computeNodeId: "b" };
      await registry(
        network.stranger,
        "slashReassignment",
        grant,
        await sign(first, reassignmentMessage(network.domain, grant)),
        otherGrant,
        await sign(first, reassignmentMessage(network.domain, otherGrant)),
      );
      assert.equal(await stakeOf(first), stakeWei / 8n);
    });

    it("is not what signing two clients' requests, two attempts, or one message twice is", async () => {
      const terms = await network.terms();
      const foreign = { ...terms, client: network.stranger.address };
      const signedTerms = await sign(first, preprocessingMessage(network.domain, terms));
      const signedForeign = await sign(first, preprocessingMessage(network.domain, foreign));
      await refused(
        registry(network.stranger, "slashPreprocessing", terms, signedTerms, foreign, signedForeign),
        "NotConflicting",
      );
      await refused(
        registry(network.stranger, "slashPreprocessing", terms, signedTerms, terms, signedTerms),
        "NotConflicting",
      );
      const grant = {
        requestId: terms.requestId,
        client: terms.client,
        attempt: 1,
        computeNodeId: "a",
        computeNodeWallet: network.compute.address,
        deadline: 5,
      };
      const next = { ...grant, attempt: 2, computeNodeId: "b" };
      const signedGrant = await sign(first, reassignmentMessage(network.domain, grant));
      const signedNext = await sign(first, reassignmentMessage(network.domain, next));
      await refused(
        registry(network.stranger, "slashReassignment", grant, signedGrant, next, signedNext),
        "NotConflicting",
      );
      const completion = network.completionOf(terms);
      const elsewhere = { ...completion, requestId: "other" };
      const signedCompletion = await sign(first, completionMessage(network.domain, completion));
      const signedElsewhere = await sign(first, completionMessage(network.domain, elsewhere));
      await refused(
        registry(
          network.stranger,
          "slashCompletion",
          completion,
          signedCompletion,
          elsewhere,
          signedElsewhere,
        ),
        "NotConflicting",
      );
      assert.equal(await stakeOf(first), stakeWei);
    });

    it("needs both signatures of one staked wallet, under this network's domain", async () => {
      const completion = network.completionOf(await network.terms());
      const other = { ...completion, computationTimeMs: 1 };
      const mine = await sign(first, completionMessage(network.domain, completion));
      const theirs = await sign(second, completionMessage(network.domain, other));
      await refused(
        registry(network.stranger, "slashCompletion", completion, mine, other, theirs),
        "SignerMismatch",
      );
      await refused(
        registry(network.stranger, "slashCompletion", completion, mine, other, "0x1234"),
        "SignatureInvalid",
      );
      const unpaid = { ...network.domain, verifyingContract: zeroAddress };
      const outside = await sign(first, completionMessage(unpaid, completion));
      const outsideToo = await sign(first, completionMessage(unpaid, other));
      await refused(
        registry(network.stranger, "slashCompletion", completion, outside, other, outsideToo),
        "SignerMismatch",
      );
      const never = await sign(network.stranger, completionMessage(network.domain, completion));
      const neverToo = await sign(network.stranger, completionMessage(network.domain, other));
      await refused(
        registry(network.client, "slashCompletion", completion, never, other, neverToo),
        "NothingStaked",
      );
      assert.equal(await stakeOf(first), stakeWei);
    });

    it("reaches a validator that is unbonding", async () => {
      await registry(first, "unregisterValidator");
      const completion = network.completionOf(await network.terms());
      const other = { ...completion, computationTimeMs: 1 };
      const proof = [
        completion,
        await sign(first, completionMessage(network.domain, completion)),
        other,
        await sign(first, completionMessage(network.domain, other)),
      ];
      await registry(network.stranger, "slashCompletion", ...proof);
      await network.passTime(unbondingSec + 1);
      const before = await network.balanceOf(first.address);
      await registry(first, "withdrawStake");
      assert.equal((await network.balanceOf(first.address)) - before, stakeWei / 2n);
    });
  });

  describe("approving a wrong result", () => {
    let approved: ReturnType<TestNetwork["completionOf"]>;
    let accusation: unknown[];
    let id: string;
    const computed = (resultHash: Uint8Array): ComputeResult => ({
      requestId: approved.requestId,
      modelUuid: "model",
      resultHash,
      completionTimestamp: approved.completionTimestamp,
      computationTimeMs: approved.computationTimeMs,
    });
    const signedByNode = async (
      result: ComputeResult,
      node = network.compute,
    ): Promise<[ComputeResult, string]> => [
      result,
      await sign(node, computeCompletionMessage(network.domain, result)),
    ];

    beforeEach(async () => {
      approved = network.completionOf(await network.terms());
      const signature = await sign(first, completionMessage(network.domain, approved));
      accusation = [approved, signature, ...(await signedByNode(computed(sha256("the node's own"))))];
      const mined = await registry(network.stranger, "accuse", ...accusation);
      const receipt = await network.rpc.call<{ logs: { topics: string[] }[] }>("eth_getTransactionReceipt", [
        mined.hash,
      ]);
      id = receipt.logs[0]?.topics[1] ?? "";
    });

    it("takes 30 % after the time to answer, and holds the stake until then", async () => {
      assert.equal(await isActive(first), true);
      await registry(first, "unregisterValidator");
      await refused(registry(network.stranger, "closeAccusation", id), "AnswerTooEarlyToClose");
      await network.passTime(unbondingSec + 1);
      await refused(registry(first, "withdrawStake"), "StakeHeld");
      const before = await network.balanceOf(treasury);
      await registry(network.stranger, "closeAccusation", id);
      assert.equal((await network.balanceOf(treasury)) - before, (stakeWei * 3n) / 10n);
      await refused(registry(network.stranger, "closeAccusation", id), "AccusationUnknown");
      await registry(first, "withdrawStake");
    });

    it("is disproved by the node's signature over what was approved: the node signed twice, not the validator", async () => {
      const answer = await signedByNode(computed(approved.resultHash));
      await registry(network.stranger, "answerAccusation", id, ...answer);
      await refused(registry(network.stranger, "answerAccusation", id, ...answer), "AccusationUnknown");
      await network.passTime(answerSec + 1);
      await refused(registry(network.stranger, "closeAccusation", id), "AccusationUnknown");
      await refused(registry(network.stranger, "accuse", ...accusation), "AccusationExists");
      assert.equal(await stakeOf(first), stakeWei);
      await registry(first, "unregisterValidator");
      await network.passTime(unbondingSec + 1);
      await registry(first, "withdrawStake");
    });

    it("is not disproved by another result, another signer, or too late", async () => {
      const another = await signedByNode(computed(sha256("a third")));
      await refused(registry(first, "answerAccusation", id, ...another), "NotMatching");
      const forged = await signedByNode(computed(approved.resultHash), network.stranger);
      await refused(registry(first, "answerAccusation", id, ...forged), "SignerMismatch");
      await network.passTime(answerSec + 1);
      const late = await signedByNode(computed(approved.resultHash));
      await refused(registry(first, "answerAccusation", id, ...late), "AnswerTooLate");
    });

    it("cannot be claimed with equal results, another request, a foreign node or twice", async () => {
      const [, signature] = accusation;
      await refused(registry(network.stranger, "accuse", ...accusation), "AccusationExists");
      const equal = await signedByNode(computed(approved.resultHash));
      await refused(registry(network.stranger, "accuse", approved, signature, ...equal), "NotConflicting");
      const elsewhere = await signedByNode({ ...computed(sha256("x")), requestId: "elsewhere" });
      await refused(
        registry(network.stranger, "accuse", approved, signature, ...elsewhere),
        "NotConflicting",
      );
      const foreign = await signedByNode(computed(sha256("x")), network.stranger);
      await refused(registry(network.stranger, "accuse", approved, signature, ...foreign), "SignerMismatch");
      const unstaked = await sign(network.client, completionMessage(network.domain, approved));
      const contradiction = await signedByNode(computed(sha256("x")));
      await refused(
        registry(network.stranger, "accuse", approved, unstaked, ...contradiction),
        "NothingStaked",
      );
    });
  });

  describe("cases", () => {
    const evidence = toHex(sha256("evidence"));

    it("are opened by validators or the owner and decided by the owner alone", async () => {
      await refused(
        registry(network.stranger, "openCase", first.address, offence.collusion, evidence),
        "NotActive",
      );
      await refused(
        registry(second, "openCase", network.client.address, offence.collusion, evidence),
        "NothingStaked",
      );
      await registry(second, "openCase", first.address, offence.collusion, evidence);
      assert.equal(await isActive(first), true);
      await refused(registry(second, "decideCase", 0, true), "OwnableUnauthorizedAccount");
      await registry(network.deployer, "decideCase", 0, false);
      await refused(registry(network.deployer, "decideCase", 0, true), "CaseNotOpen");
      await refused(registry(network.deployer, "decideCase", 7, true), "CaseNotOpen");
      assert.equal(await stakeOf(first), stakeWei);
      await registry(network.deployer, "openCase", first.address, offence.collusion, evidence);
      assert.equal((await network.view("registry", "caseCount"))[0], 2n);
    });

    for (const [name, kind, taken, stays] of [
      ["an invalid signature", offence.invalidSignature, 50n, false],
      ["a wrong result", offence.wrongResult, 30n, false],
      ["collusion", offence.collusion, 100n, false],
      ["downtime", offence.downtime, 10n, true],
    ] as const) {
      it(`take ${taken} % for ${name}`, async () => {
        const before = await network.balanceOf(treasury);
        await registry(second, "openCase", first.address, kind, evidence);
        await registry(network.deployer, "decideCase", 0, true);
        assert.equal((await network.balanceOf(treasury)) - before, (stakeWei * taken) / 100n);
        assert.equal(await stakeOf(first), stakeWei - (stakeWei * taken) / 100n);
        assert.equal(await isActive(first), stays);
      });
    }

    it("let a validator that lost everything begin anew", async () => {
      await registry(second, "openCase", first.address, offence.collusion, evidence);
      await registry(network.deployer, "decideCase", 0, true);
      await refused(registry(first, "withdrawStake"), "NothingStaked");
      await network.send(network.stranger, "token", "transfer", first.address, minimumStakeWei);
      await enter(first, minimumStakeWei);
      assert.equal(await isActive(first), true);
    });

    it("put a validator out when downtime leaves it less than the minimum", async () => {
      await enter(network.stranger, minimumStakeWei);
      await registry(second, "openCase", network.stranger.address, offence.downtime, evidence);
      await registry(network.deployer, "decideCase", 0, true);
      assert.equal(await isActive(network.stranger), false);
    });
  });
});
