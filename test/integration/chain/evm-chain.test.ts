import assert from "node:assert/strict";
import {
  CountersignError,
  equalBytes,
  fromHex,
  isCode,
  silentLogger,
  systemClock,
} from "../../../src/base/index.ts";
import {
  type Chain,
  type CompletionArguments,
  type ConnectChainOptions,
  connectChain,
  type PreprocessingTerms,
  payEscrow,
  preprocessingMessage,
  revertName,
} from "../../../src/chain/index.ts";
import { type Gate, openGate } from "./gate.ts";
import { ether, minimumStakeWei, stakeWei, TestNetwork, treasury, type Wallet } from "./network.ts";

const pollMs = 5;

describe("The chain as a node follows it", () => {
  let network: TestNetwork;
  let gate: Gate;
  let chains: Chain[] = [];
  const never = new AbortController().signal;

  before(async () => {
    network = await TestNetwork.start();
  });
  after(() => network.stop());
  beforeEach(async () => {
    gate = await openGate(network.anvil.url);
  });
  afterEach(async () => {
    await Promise.all(chains.map((chain) => chain.stop()));
    chains = [];
    await gate.stop();
  });

  async function connect(changes: Partial<ConnectChainOptions> = {}): Promise<Chain> {
    const chain = await connectChain({
      rpcUrl: gate.url,
      genesis: network.genesis(),
      sender: network.gateway.sender,
      clock: systemClock,
      logger: silentLogger,
      pollMs,
      ...changes,
    });
    chains.push(chain);
    return chain;
  }

  async function pay(terms: PreprocessingTerms, from: Wallet = network.client) {
    const chain = network.genesis().chain;
    assert.ok(chain);
    return payEscrow({
      rpcUrl: network.anvil.url,
      chain,
      terms,
      signatures: (await network.signTerms(terms)).map(fromHex),
      sender: from.sender,
      clock: systemClock,
      logger: silentLogger,
      pollMs,
    });
  }

  async function completionArguments(terms: PreprocessingTerms): Promise<CompletionArguments> {
    const completion = network.completionOf(terms);
    const signatures = await network.signCompletion(completion);
    return { ...completion, signatures: signatures.map(fromHex) };
  }

  /** Resolves when the chain's news, from now on, make the condition true. */
  function until(chain: Chain, condition: () => boolean | Promise<boolean>): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        Promise.resolve(condition()).then((isTrue) => {
          if (!isTrue) return;
          cancels.forEach((cancel) => {
            cancel();
          });
          resolve();
        }, reject);
      };
      const cancels = [
        chain.onEscrow(look),
        chain.onValidatorsChanged(look),
        systemClock.every(pollMs, look),
      ];
      look();
    });
  }

  const stateOf = async (chain: Chain, requestId: string) => (await chain.escrow(requestId)).state;
  const code = (name: string) => (error: unknown) => error instanceof CountersignError && error.code === name;

  describe("validators", () => {
    it("are known with their stakes as soon as it is connected", async () => {
      const chain = await connect();
      assert.equal(chain.status().connected, true);
      assert.equal(chain.status().chainId, network.anvil.chainId);
      const set = chain.validatorSet();
      assert.deepEqual([set.asked, set.required], [5, 3]);
      const addresses = network.validators.map(({ address }) => address).sort();
      assert.deepEqual(
        set.entries,
        addresses.map((address) => ({ address, stakeWei })),
      );
      const [first = ""] = addresses;
      assert.equal(chain.validator(first.toUpperCase().replace("0X", "0x"))?.status, "active");
      assert.ok((chain.validator(first)?.registeredAtSec ?? 0) > 1_600_000_000);
      assert.equal(chain.validator(network.client.address), undefined);
    });

    it("come, leave and are rolled back with the chain", async () => {
      const chain = await connect();
      const { address } = network.stranger;
      const snapshot = await network.rpc.call<string>("evm_snapshot");
      await network.send(
        network.stranger,
        "token",
        "approve",
        network.addresses.validatorRegistry,
        minimumStakeWei,
      );
      await network.send(network.stranger, "registry", "registerValidator", minimumStakeWei);
      await until(chain, () => chain.validator(address)?.status === "active");
      assert.equal(chain.validatorSet().entries.length, 6);
      await network.send(network.stranger, "registry", "unregisterValidator");
      await until(chain, () => chain.validator(address)?.status === "unbonding");
      assert.equal(chain.validatorSet().entries.length, 5);
      await network.rpc.call("evm_revert", [snapshot]);
      network.forgetNonces();
      await until(chain, () => chain.validator(address) === undefined);
    });
  });

  describe("escrows", () => {
    it("are told of and read with everything a gateway compares", async () => {
      const chain = await connect();
      const terms = await network.terms();
      assert.equal(await stateOf(chain, terms.requestId), "none");
      const told = new Promise<void>((resolve) => {
        chain.onEscrow((requestId) => requestId === terms.requestId && resolve());
      });
      const { txHash, blockNumber } = await pay(terms);
      await told;
      const escrow = await chain.escrow(terms.requestId);
      assert.ok(equalBytes(escrow.validationDigest, preprocessingMessage(network.domain, terms).digest));
      const { validationDigest: _, ...rest } = escrow;
      assert.deepEqual(rest, {
        requestId: terms.requestId,
        state: "paid",
        payer: network.client.address,
        client: network.client.address,
        gatewayWallet: network.gateway.address,
        totalWei: 10_000n,
        expirySec: terms.expiryTimestamp,
        paymentTx: txHash,
        paidBlock: blockNumber,
        depth: 1,
        closingTx: undefined,
      });
    });

    it("that were paid and closed before the start are read from the contract", async () => {
      const paid = await network.terms();
      const closed = await network.terms();
      const { txHash } = await pay(paid);
      await pay(closed);
      const completion = await network.complete(network.completionOf(closed));
      const chain = await connect();
      const early = await chain.escrow(paid.requestId);
      assert.deepEqual([early.state, early.paymentTx, early.totalWei], ["paid", txHash, 10_000n]);
      assert.equal(early.depth, chain.status().blockNumber - early.paidBlock + 1);
      const late = await chain.escrow(closed.requestId);
      assert.deepEqual([late.state, late.closingTx], ["completed", completion.hash]);
    });

    it("are told of once more when they are as deep as the network asks", async () => {
      const genesis = network.genesis();
      assert.ok(genesis.chain);
      const chain = await connect({ genesis: { ...genesis, chain: { ...genesis.chain, confirmations: 3 } } });
      const terms = await network.terms();
      const depths: number[] = [];
      chain.onEscrow((requestId) => {
        if (requestId === terms.requestId)
          void chain.escrow(requestId).then(({ depth }) => depths.push(depth));
      });
      await pay(terms);
      await until(chain, () => depths.length === 1);
      await network.rpc.call("evm_mine");
      await until(chain, async () => (await chain.escrow(terms.requestId)).depth === 2);
      await network.rpc.call("evm_mine");
      await until(chain, () => depths.length === 2);
      assert.deepEqual(depths, [1, 3]);
    });

    it("are taken back when a reorganization takes the payment away", async () => {
      const chain = await connect();
      const terms = await network.terms();
      await pay(terms);
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "paid");
      await network.rpc.call(
        "anvil_reorg",
        [{ depth: 2, tx_block_pairs: [] }].flatMap((one) => [one.depth, one.tx_block_pairs]),
      );
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "none");
      network.forgetNonces();
      await pay(terms);
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "paid");
    });

    it("are open again when a reorganization takes only the payout away", async () => {
      const chain = await connect();
      const terms = await network.terms();
      await pay(terms);
      const before = await network.rpc.call<string>("evm_snapshot");
      await network.complete(network.completionOf(terms));
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "completed");
      await network.rpc.call("evm_revert", [before]);
      network.forgetNonces();
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "paid");
      assert.equal((await chain.escrow(terms.requestId)).closingTx, undefined);
      // Other blocks at the same heights.
      await network.send(network.gateway, "payment", "markRequestFailed", terms.requestId);
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "refunded");
    });

    it("are found after a reorganization deeper than all blocks that were seen", async () => {
      const old = await network.rpc.call<string>("evm_snapshot");
      const lost = await network.terms();
      await pay(lost);
      const chain = await connect();
      assert.equal(await stateOf(chain, lost.requestId), "paid");
      await network.rpc.call("evm_revert", [old]);
      network.forgetNonces();
      const kept = await network.terms();
      await pay(kept);
      await until(chain, async () => (await stateOf(chain, lost.requestId)) === "none");
      assert.equal(await stateOf(chain, kept.requestId), "paid");
    });
  });

  describe("closing escrows", () => {
    it("pays out once however often and from however many sides it is asked", async () => {
      const chain = await connect();
      const terms = await network.terms();
      await pay(terms);
      const completion = await completionArguments(terms);
      const before = await network.balanceOf(network.compute.address);
      const [first, second] = await Promise.all([
        chain.complete(completion, never),
        chain.complete(completion, never),
      ]);
      assert.equal(first, second);
      assert.equal(await chain.complete(completion, never), first);
      const other = await connect({ sender: network.stranger.sender });
      assert.equal(await other.complete(completion, never), first);
      assert.equal((await network.balanceOf(network.compute.address)) - before, 8_002n);
    });

    it("answers the winner's transaction when two nodes pay out at the same time", async () => {
      const [one, two] = await Promise.all([connect(), connect({ sender: network.stranger.sender })]);
      const terms = await network.terms();
      await pay(terms);
      const completion = await completionArguments(terms);
      await network.rpc.call("evm_setAutomine", [false]);
      try {
        const both = Promise.all([one.complete(completion, never), two.complete(completion, never)]);
        await until(one, async () => {
          const pool = await network.rpc.call<{ pending: string }>("txpool_status");
          return Number(pool.pending) === 2;
        });
        await network.rpc.call("evm_mine");
        const [first, second] = await both;
        assert.equal(first, second);
      } finally {
        await network.rpc.call("evm_setAutomine", [true]);
      }
    });

    it("refunds at once or after expiry, once", async () => {
      const chain = await connect();
      const failed = await network.terms();
      await pay(failed);
      const refund = await chain.markFailed(failed.requestId, never);
      assert.equal(await chain.markFailed(failed.requestId, never), refund);
      assert.equal(await chain.refundExpired(failed.requestId, never), refund);
      const expired = await network.terms();
      await pay(expired);
      await assert.rejects(
        chain.refundExpired(expired.requestId, never),
        (error) => revertName(error) === "NotExpired",
      );
      await network.passTime(1_000);
      const closing = await chain.refundExpired(expired.requestId, never);
      await until(chain, async () => (await chain.escrow(expired.requestId)).closingTx === closing);
    });

    it("says why it cannot", async () => {
      const chain = await connect();
      const terms = await network.terms();
      const completion = await completionArguments(terms);
      await assert.rejects(chain.complete(completion, never), /was never paid/);
      await pay(terms);
      const short = { ...completion, signatures: completion.signatures.slice(1) };
      await assert.rejects(chain.complete(short, never), (error) => {
        assert.equal(revertName(error), "TooFewSignatures");
        assert.match(String(error), /counted 2, required 3/);
        return true;
      });
      const notGateway = await connect({ sender: network.stranger.sender });
      await assert.rejects(
        notGateway.markFailed(terms.requestId, never),
        (error) => revertName(error) === "NotGateway",
      );
      await chain.complete(completion, never);
      await assert.rejects(chain.markFailed(terms.requestId, never), /is completed already/);
      const { sender: _, ...withoutWallet } = {
        sender: 0,
        rpcUrl: gate.url,
        genesis: network.genesis(),
        clock: systemClock,
        logger: silentLogger,
      };
      const reader = await connectChain(withoutWallet);
      chains.push(reader);
      await assert.rejects(reader.markFailed(terms.requestId, never), code("CONFIG_INVALID"));
    });

    it("sends a transaction once though the answer to it is lost", async () => {
      const chain = await connect({ bumpAfterMs: 20 });
      const terms = await network.terms();
      await pay(terms);
      gate.losesAnswersTo = "eth_sendRawTransaction";
      const before = await network.balanceOf(network.compute.address);
      const hash = await chain.complete(await completionArguments(terms), never);
      assert.match(hash, /^0x[0-9a-f]{64}$/);
      assert.equal((await network.balanceOf(network.compute.address)) - before, 8_002n);
    });

    it("stops waiting when its caller aborts", async () => {
      const chain = await connect();
      const terms = await network.terms();
      await pay(terms);
      await network.rpc.call("evm_setAutomine", [false]);
      try {
        const controller = new AbortController();
        const waiting = chain.complete(await completionArguments(terms), controller.signal);
        controller.abort(new Error("enough"));
        await assert.rejects(waiting, /enough/);
      } finally {
        await network.rpc.call("evm_setAutomine", [true]);
        await network.rpc.call("evm_mine");
      }
      await until(chain, async () => (await stateOf(chain, terms.requestId)) === "completed");
    });
  });

  describe("an endpoint that goes away", () => {
    it("turns the status and every call, and nothing that happened meanwhile is missed", async () => {
      const chain = await connect();
      const terms = await network.terms();
      gate.isShut = true;
      await until(chain, () => !chain.status().connected);
      await assert.rejects(chain.escrow(terms.requestId), code("CHAIN_UNAVAILABLE"));
      await assert.rejects(chain.balanceOf(treasury), code("CHAIN_UNAVAILABLE"));
      await assert.rejects(
        chain.tokenPaid(`0x${"11".repeat(32)}`, treasury, treasury),
        code("CHAIN_UNAVAILABLE"),
      );
      await assert.rejects(chain.markFailed(terms.requestId, never), code("CHAIN_UNAVAILABLE"));
      assert.equal(chain.validatorSet().entries.length, 5);
      const told = new Promise<void>((resolve) => {
        chain.onEscrow((requestId) => requestId === terms.requestId && resolve());
      });
      await pay(terms);
      gate.isShut = false;
      await told;
      assert.equal(chain.status().connected, true);
      assert.equal(await stateOf(chain, terms.requestId), "paid");
    });

    it("may be away at the start", async () => {
      gate.isShut = true;
      const chain = await connect();
      assert.equal(chain.status().connected, false);
      assert.deepEqual(chain.validatorSet().entries, []);
      gate.isShut = false;
      await until(chain, () => chain.status().connected);
      assert.equal(chain.validatorSet().entries.length, 5);
    });
  });

  describe("an endpoint or genesis that does not fit", () => {
    const genesisWith = (changes: object) => {
      const genesis = network.genesis();
      assert.ok(genesis.chain);
      return { ...genesis, chain: { ...genesis.chain, ...changes } };
    };
    const cases: [string, () => ReturnType<TestNetwork["genesis"]>, RegExp][] = [
      ["chain id", () => genesisWith({ chain_id: 5 }), /chain\.chain_id is 5, but .* serves chain 31337/],
      [
        "address without a contract",
        () => genesisWith({ token: treasury }),
        /chain\.token .* no contract there/,
      ],
      ["treasury", () => genesisWith({ treasury: network.client.address }), /chain\.treasury/],
      [
        "contract of another kind",
        () => genesisWith({ inference_payment: network.addresses.token }),
        /another one/,
      ],
      [
        "threshold",
        () => network.genesis({ cosign: { asked: 5, required: 2 } }),
        /cosign\.required is 2, but the contract .* has 3/,
      ],
    ];
    for (const [name, genesis, message] of cases) {
      it(`is refused by name: ${name}`, async () => {
        await assert.rejects(connect({ genesis: genesis() }), (error) => {
          assert.ok(isCode(error, "CONFIG_INVALID"));
          assert.match(error.message, message);
          return true;
        });
      });
    }
  });

  it("reads token balances and what a transaction paid to whom", async () => {
    const chain = await connect();
    const before = await chain.balanceOf(treasury);
    const { hash } = await network.send(network.client, "token", "transfer", treasury, ether);
    assert.equal((await chain.balanceOf(treasury)) - before, ether);
    assert.equal(await chain.tokenPaid(hash, network.client.address, treasury), ether);
    assert.equal(await chain.tokenPaid(hash, network.stranger.address, treasury), 0n);
    assert.equal(await chain.tokenPaid(hash, network.client.address, network.stranger.address), 0n);
    await assert.rejects(chain.tokenPaid(`0x${"11".repeat(32)}`, treasury, treasury), code("NOT_FOUND"));
    await assert.rejects(chain.tokenPaid("nonsense", treasury, treasury), code("NOT_FOUND"));
    const deep = network.genesis();
    assert.ok(deep.chain);
    const strict = await connect({ genesis: { ...deep, chain: { ...deep.chain, confirmations: 2 } } });
    const shallow = await network.send(network.client, "token", "transfer", treasury, ether);
    await assert.rejects(strict.tokenPaid(shallow.hash, network.client.address, treasury), code("NOT_FOUND"));
    await network.rpc.call("evm_mine");
    assert.equal(await strict.tokenPaid(shallow.hash, network.client.address, treasury), ether);
  });
});
