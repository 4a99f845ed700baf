import assert from "node:assert/strict";
import { fromHex, toHex, zeroAddress } from "../../../src/base/index.ts";
import { preprocessingMessage } from "../../../src/chain/index.ts";
import { deployTo, signAll, TestNetwork, treasury, walletOf } from "./network.ts";
import { refused } from "./refused.ts";

describe("InferencePayment", () => {
  let network: TestNetwork;
  before(async () => {
    network = await TestNetwork.start();
  });
  after(() => network.stop());

  /** What each address gained by the work. */
  async function gains(addresses: readonly string[], work: () => Promise<unknown>): Promise<bigint[]> {
    const before = await network.balancesOf(addresses);
    await work();
    const after = await network.balancesOf(addresses);
    return after.map((balance, index) => balance - (before[index] ?? 0n));
  }

  const stateOf = async (requestId: string): Promise<bigint> => {
    const [escrow] = await network.view("payment", "escrowOf", requestId);
    return (escrow as { state: bigint }).state;
  };

  describe("paying", () => {
    it("takes the total from the client and remembers the terms", async () => {
      const terms = await network.terms();
      const contract = network.addresses.inferencePayment;
      const [taken, held] = await gains([network.client.address, contract], () => network.initiate(terms));
      assert.deepEqual([taken, held], [-10_000n, 10_000n]);
      const [escrow] = (await network.view("payment", "escrowOf", terms.requestId)) as [
        Record<string, unknown>,
      ];
      assert.equal(String(escrow["payer"]).toLowerCase(), network.client.address);
      assert.equal(String(escrow["gateway"]).toLowerCase(), network.gateway.address);
      assert.equal(escrow["expiry"], BigInt(terms.expiryTimestamp));
      assert.equal(escrow["validationDigest"], toHex(preprocessingMessage(network.domain, terms).digest));
      assert.equal(escrow["state"], 1n);
    });

    it("lets anyone pay where the terms name no client", async () => {
      const terms = await network.terms({ client: zeroAddress });
      await network.initiate(terms, undefined, network.stranger);
      assert.equal(await stateOf(terms.requestId), 1n);
    });

    it("refuses a payer whom the terms do not name", async () => {
      const terms = await network.terms();
      await refused(network.initiate(terms, undefined, network.stranger), "NotClient");
    });

    it("takes each request id once, also after it was closed", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      await refused(network.initiate(terms), "RequestIdUsed");
      const other = await network.terms({ requestId: terms.requestId, client: network.stranger.address });
      await refused(network.initiate(other, undefined, network.stranger), "RequestIdUsed");
      await network.complete(network.completionOf(terms));
      await refused(network.initiate(terms), "RequestIdUsed");
    });

    it("refuses what has expired", async () => {
      const terms = await network.terms({ expiryTimestamp: (await network.nowSec()) - 1 });
      await refused(network.initiate(terms), "Expired");
    });

    it("refuses an empty and an overlong request id, a total of nothing and a gateway that cannot be paid", async () => {
      await refused(network.initiate(await network.terms({ requestId: "" })), "RequestIdInvalid");
      await refused(
        network.initiate(await network.terms({ requestId: "x".repeat(257) })),
        "RequestIdInvalid",
      );
      const nothing = { computePriceWei: 0n, gatewayGasWei: 0n, validatorRewardWei: 0n, treasuryFeeWei: 0n };
      await refused(network.initiate(await network.terms(nothing)), "NothingToPay");
      await refused(
        network.initiate(await network.terms({ gatewayWallet: zeroAddress })),
        "RecipientInvalid",
      );
      const itself = network.addresses.inferencePayment;
      await refused(network.initiate(await network.terms({ gatewayWallet: itself })), "RecipientInvalid");
    });

    it("refuses a total that overflows and one the client does not have", async () => {
      const huge = await network.terms({ computePriceWei: 2n ** 256n - 1n });
      await assert.rejects(network.initiate(huge));
      const dear = await network.terms({ computePriceWei: 10n ** 30n });
      await refused(network.initiate(dear), "ERC20InsufficientBalance");
    });

    it("refuses fewer than M signatures, one signer twice, and passes over who is no validator", async () => {
      const terms = await network.terms();
      const two = await network.signTerms(terms, network.validators.slice(0, 2));
      await refused(network.initiate(terms, []), "TooFewSignatures");
      await refused(network.initiate(terms, two), "TooFewSignatures");
      await refused(network.initiate(terms, [...two, two[0] ?? ""]), "SignatureDuplicate");
      const outsider = await network.signTerms(terms, [await walletOf("outsider")]);
      await refused(network.initiate(terms, [...two, ...outsider]), "TooFewSignatures");
      const third = await network.signTerms(terms, network.validators.slice(2, 3));
      await network.initiate(terms, [...outsider, ...two, ...third]);
      assert.equal(await stateOf(terms.requestId), 1n);
    });

    it("refuses malformed, malleable and too many signatures", async () => {
      const terms = await network.terms();
      const good = await network.signTerms(terms);
      const [first = "", ...rest] = good;
      await refused(network.initiate(terms, [first.slice(0, -2), ...rest]), "SignatureInvalid");
      await refused(network.initiate(terms, [highS(first), ...rest]), "SignatureInvalid");
      await refused(network.initiate(terms, [`${first.slice(0, -2)}00`, ...rest]), "SignatureInvalid");
      await refused(
        network.initiate(
          terms,
          Array.from({ length: 101 }, () => first),
        ),
        "TooManySignatures",
      );
    });

    it("refuses terms of which any field was changed after signing", async () => {
      const terms = await network.terms({ client: zeroAddress });
      const signatures = await network.signTerms(terms);
      const changes = {
        requestId: "another",
        client: network.client.address,
        gatewayWallet: network.stranger.address,
        computeNodeId: "other",
        computeNodeWallet: network.stranger.address,
        computePriceWei: 1n,
        gatewayGasWei: 1n,
        validatorRewardWei: 1n,
        treasuryFeeWei: 1n,
        expiryTimestamp: terms.expiryTimestamp + 1,
      };
      for (const [field, value] of Object.entries(changes)) {
        await refused(network.initiate({ ...terms, [field]: value }, signatures), "TooFewSignatures");
      }
    });

    it("refuses signatures made for another chain, another contract, or unpaid work", async () => {
      const terms = await network.terms();
      const domains = [
        { ...network.domain, chainId: 1 },
        { ...network.domain, verifyingContract: network.addresses.token },
        { ...network.domain, verifyingContract: zeroAddress },
      ];
      for (const domain of domains) {
        const signatures = await network.signTerms(terms, network.quorum, domain);
        await refused(network.initiate(terms, signatures), "TooFewSignatures");
      }
    });

    it("works with a permit alone, and also when somebody else spent the permit first", async () => {
      const { payEscrow } = await import("../../../src/chain/index.ts");
      const { systemClock, silentLogger } = await import("../../../src/base/index.ts");
      await network.send(network.client, "token", "approve", network.addresses.inferencePayment, 0n);
      const terms = await network.terms();
      const chain = network.genesis().chain;
      assert.ok(chain);
      const { txHash } = await payEscrow({
        rpcUrl: network.anvil.url,
        chain,
        terms,
        signatures: (await network.signTerms(terms)).map(fromHex),
        sender: network.client.sender,
        clock: systemClock,
        logger: silentLogger,
        pollMs: 2,
      });
      assert.match(txHash, /^0x[0-9a-f]{64}$/);
      assert.equal(await stateOf(terms.requestId), 1n);

      const spent = await network.terms();
      await network.send(network.client, "token", "approve", network.addresses.inferencePayment, 10_000n);
      const nonsense = `0x${"11".repeat(32)}`;
      const signatures = await network.signTerms(spent);
      await network.send(
        network.client,
        "payment",
        "initiateWithPermit",
        spent,
        signatures,
        1,
        27,
        nonsense,
        nonsense,
      );
      assert.equal(await stateOf(spent.requestId), 1n);
    });
  });

  describe("paying out", () => {
    it("pays compute, gateway, treasury and each signer, the remainder to compute", async () => {
      const terms = await network.terms({ validatorRewardWei: 500n });
      await network.initiate(terms);
      const [one, two, three, four] = network.validators.map(({ address }) => address);
      const everyone = [
        network.compute.address,
        network.gateway.address,
        treasury,
        one ?? "",
        two ?? "",
        three ?? "",
        four ?? "",
        network.addresses.inferencePayment,
      ];
      const gained = await gains(everyone, () => network.complete(network.completionOf(terms)));
      assert.deepEqual(gained, [8_002n, 1_000n, 500n, 166n, 166n, 166n, 0n, -10_000n]);
    });

    it("pays the wallet that validators named on completion, as after a re-assignment", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      const second = (await walletOf("second compute")).address;
      const completion = network.completionOf(terms, { computeNodeWallet: second });
      const gained = await gains([network.compute.address, second], () => network.complete(completion));
      assert.deepEqual(gained, [0n, 8_002n]);
    });

    it("may be brought by anyone, since signatures fix what it moves", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      await network.complete(network.completionOf(terms), undefined, network.stranger);
      assert.equal(await stateOf(terms.requestId), 2n);
    });

    it("pays once", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      const completion = network.completionOf(terms);
      await network.complete(completion);
      await refused(network.complete(completion), "AlreadyCompleted");
      const other = network.completionOf(terms, { computationTimeMs: 43 });
      await refused(network.complete(other), "AlreadyCompleted");
      await refused(
        network.send(network.gateway, "payment", "markRequestFailed", terms.requestId),
        "AlreadyCompleted",
      );
      await network.passTime(400);
      await refused(
        network.send(network.stranger, "payment", "handleExpiredRequest", terms.requestId),
        "AlreadyCompleted",
      );
    });

    it("refuses what was never paid", async () => {
      const terms = await network.terms();
      await refused(network.complete(network.completionOf(terms)), "NotPaid");
    });

    it("refuses signatures over another request, another contract, or the first round's message", async () => {
      const terms = await network.terms();
      const other = await network.terms();
      await network.initiate(terms);
      const completion = network.completionOf(terms);
      const forOther = await network.signCompletion(network.completionOf(other));
      await refused(network.complete(completion, forOther), "TooFewSignatures");
      const elsewhere = { ...network.domain, verifyingContract: network.addresses.validatorRegistry };
      const foreign = await network.signCompletion(completion, network.quorum, elsewhere);
      await refused(network.complete(completion, foreign), "TooFewSignatures");
      await refused(network.complete(completion, await network.signTerms(terms)), "TooFewSignatures");
    });

    it("refuses a result after expiry, and a wallet that cannot be paid", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      const late = network.completionOf(terms, { completionTimestamp: terms.expiryTimestamp + 1 });
      await refused(network.complete(late), "CompletedTooLate");
      const nobody = network.completionOf(terms, { computeNodeWallet: zeroAddress });
      await refused(network.complete(nobody), "RecipientInvalid");
    });

    it("is not blocked by a validator that left after it signed; that one gets nothing", async () => {
      const leaver = network.validators[4];
      assert.ok(leaver);
      const terms = await network.terms();
      await network.initiate(terms);
      const completion = network.completionOf(terms);
      const signatures = await network.signCompletion(completion, [leaver, ...network.quorum]);
      const snapshot = await network.rpc.call<string>("evm_snapshot");
      await network.send(leaver, "registry", "unregisterValidator");
      const gained = await gains([leaver.address, network.compute.address], () =>
        network.complete(completion, signatures),
      );
      assert.deepEqual(gained, [0n, 8_002n]);
      await network.rpc.call("evm_revert", [snapshot]);
      network.forgetNonces();
    });
  });

  describe("refunding", () => {
    it("refunds the payer at once when the request's gateway gives up, and nobody else may", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      await refused(
        network.send(network.client, "payment", "markRequestFailed", terms.requestId),
        "NotGateway",
      );
      await refused(
        network.send(network.stranger, "payment", "markRequestFailed", terms.requestId),
        "NotGateway",
      );
      const [gained] = await gains([network.client.address], () =>
        network.send(network.gateway, "payment", "markRequestFailed", terms.requestId),
      );
      assert.equal(gained, 10_000n);
      await refused(network.complete(network.completionOf(terms)), "AlreadyRefunded");
      await refused(
        network.send(network.gateway, "payment", "markRequestFailed", terms.requestId),
        "AlreadyRefunded",
      );
    });

    it("refunds the payer after expiry, whoever asks, and not a second before", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      const expire = () => network.send(network.stranger, "payment", "handleExpiredRequest", terms.requestId);
      await network.rpc.call("evm_setNextBlockTimestamp", [terms.expiryTimestamp]);
      await network.rpc.call("evm_mine");
      const atExpiry = {
        from: network.stranger.address,
        to: network.addresses.inferencePayment,
        data: network.abis.payment.encodeFunctionData("handleExpiredRequest", [terms.requestId]),
      };
      await assert.rejects(network.rpc.call("eth_call", [atExpiry, "latest"]), /revert/);
      await network.passTime(1);
      const [gained] = await gains([network.client.address], expire);
      assert.equal(gained, 10_000n);
      await refused(expire(), "AlreadyRefunded");
    });

    it("pays out after expiry as long as nobody took the refund: validators attest that it was done in time", async () => {
      const terms = await network.terms();
      await network.initiate(terms);
      await network.passTime(1_000);
      await network.complete(network.completionOf(terms));
      assert.equal(await stateOf(terms.requestId), 2n);
    });

    it("refuses to refund what was never paid", async () => {
      await refused(network.send(network.stranger, "payment", "handleExpiredRequest", "never"), "NotPaid");
      await refused(network.send(network.stranger, "payment", "withdraw"), "NothingToWithdraw");
    });
  });

  it("signatures of one deployment open no escrow of another on the same chain", async () => {
    const second = await deployTo(network.anvil.url, network.stranger.sender);
    network.forgetNonces();
    const terms = await network.terms({ client: zeroAddress });
    const domain = { ...network.domain, verifyingContract: second.inferencePayment };
    const signatures = await signAll(preprocessingMessage(domain, terms), network.quorum);
    await refused(network.initiate(terms, signatures), "TooFewSignatures");
  });
});

/** The malleable twin of a signature: s replaced by n − s, v flipped. */
function highS(signature: string): string {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = order - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith("1b") ? "1c" : "1b";
  return signature.slice(0, 66) + s.toString(16).padStart(64, "0") + v;
}
