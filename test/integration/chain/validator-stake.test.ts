import assert from "node:assert/strict";
import { fromHex, sha256, silentLogger, systemClock } from "../../../src/base/index.ts";
import {
  accuseOfWrongResult,
  answerAccusation,
  completionMessage,
  computeCompletionMessage,
  revertName,
  slashEquivocation,
  stakeValidator,
  type TransactionSender,
  unstakeValidator,
  withdrawStake,
} from "../../../src/chain/index.ts";
import { minimumStakeWei, stakeWei, TestNetwork, unbondingSec, type Wallet } from "./network.ts";

describe("A validator's own calls", () => {
  let network: TestNetwork;
  before(async () => {
    network = await TestNetwork.start();
  });
  after(() => network.stop());

  function options(sender: TransactionSender) {
    const { chain } = network.genesis();
    assert.ok(chain);
    return { rpcUrl: network.anvil.url, chain, sender, clock: systemClock, logger: silentLogger, pollMs: 5 };
  }
  const entryOf = async (wallet: Wallet) => {
    const [entry] = (await network.view("registry", "validatorOf", wallet.address)) as [
      { stakeWei: bigint; status: bigint },
    ];
    return { stakeWei: entry.stakeWei, status: Number(entry.status) };
  };

  it("stake with a permit or an approval, leave, and take the stake back", async () => {
    const { stranger } = network;
    await stakeValidator(options(stranger.sender), minimumStakeWei);
    const { signDigest: _, ...plain } = stranger.sender;
    await stakeValidator(options(plain), 5n);
    assert.deepEqual(await entryOf(stranger), { stakeWei: minimumStakeWei + 5n, status: 1 });
    await unstakeValidator(options(stranger.sender));
    await assert.rejects(
      withdrawStake(options(stranger.sender)),
      (error) => revertName(error) === "StillUnbonding",
    );
    await network.passTime(unbondingSec + 1);
    await withdrawStake(options(stranger.sender));
    assert.deepEqual(await entryOf(stranger), { stakeWei: 0n, status: 4 });
  });

  it("slash one that signed twice", async () => {
    const [first] = network.validators;
    assert.ok(first);
    const one = completionMessage(network.domain, network.completionOf(await network.terms()));
    const two = completionMessage(network.domain, {
      ...network.completionOf(await network.terms()),
      requestId: String(one.value["requestId"]),
    });
    const signed = async (message: typeof one) => ({
      value: message.value,
      signature: await first.signer.signTyped(message),
    });
    await slashEquivocation(options(network.stranger.sender), {
      kind: "CompletionValidation",
      first: await signed(one),
      second: await signed(two),
    });
    assert.deepEqual(await entryOf(first), { stakeWei: stakeWei / 2n, status: 3 });
  });

  it("accuse of a wrong result, and answer for the accused", async () => {
    const second = network.validators[1];
    assert.ok(second);
    const approved = network.completionOf(await network.terms());
    const { computeNodeWallet: _, ...rest } = approved;
    const computed = { ...rest, modelUuid: "model" };
    const contradiction = { ...computed, resultHash: sha256("another") };
    const byNode = async (value: typeof computed) => ({
      value,
      signature: await network.compute.signer.signTyped(computeCompletionMessage(network.domain, value)),
    });
    const signature = await second.signer.signTyped(completionMessage(network.domain, approved));
    const hash = await accuseOfWrongResult(
      options(network.stranger.sender),
      { value: approved, signature },
      await byNode(contradiction),
    );
    const receipt = await network.rpc.call<{ logs: { topics: string[] }[] }>("eth_getTransactionReceipt", [
      hash,
    ]);
    const id = receipt.logs[0]?.topics[1] ?? "";
    assert.equal(fromHex(id).length, 32);
    await answerAccusation(options(second.sender), id, await byNode(computed));
    const [, , state] = await network.view("registry", "accusations", id);
    assert.equal(state, 3n);
    assert.deepEqual(await entryOf(second), { stakeWei, status: 1 });
  });
});
