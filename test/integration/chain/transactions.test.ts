import assert from "node:assert/strict";
import { fromHex, type Logger, silentLogger, systemClock, zeroAddress } from "../../../src/base/index.ts";
import { payEscrow, type TransactionSender } from "../../../src/chain/index.ts";
import { TransactionQueue } from "../../../src/chain/transactions.ts";
import { ether, TestNetwork, walletOf } from "./network.ts";

describe("Transactions of one wallet", () => {
  let network: TestNetwork;
  const queues: TransactionQueue[] = [];

  before(async () => {
    network = await TestNetwork.start();
  });
  after(() => network.stop());
  afterEach(async () => {
    for (const queue of queues.splice(0)) queue.stop();
    await network.rpc.call("evm_setAutomine", [true]);
    network.forgetNonces();
  });

  function queue(
    sender: TransactionSender,
    options: { bumpAfterMs?: number; logger?: Logger; startNonce?: number } = {},
  ) {
    const made = new TransactionQueue({
      rpc: network.rpc,
      sender,
      chainId: network.anvil.chainId,
      clock: systemClock,
      logger: silentLogger,
      pollMs: 5,
      ...options,
    });
    queues.push(made);
    return made;
  }

  /** Counts a sentence in the log, and resolves at its first time. */
  function listening(sentence: string): { logger: Logger; heard: Promise<void>; count: () => number } {
    const { promise, resolve } = Promise.withResolvers<void>();
    let count = 0;
    const note = (_: object, said: string) => {
      if (!said.includes(sentence)) return;
      count++;
      resolve();
    };
    const logger: Logger = { ...silentLogger, info: note, warn: note, child: () => logger };
    return { logger, heard: promise, count: () => count };
  }

  const nothing = { to: zeroAddress, data: "0x" };
  const nonceOf = async (address: string, block: string) =>
    Number(await network.rpc.call<string>("eth_getTransactionCount", [address, block]));

  it("get one nonce each when sent at the same time, also by two programs with one wallet", async () => {
    const { sender } = network.client;
    const before = await nonceOf(sender.address, "latest");
    const [one, two] = [queue(sender), queue(sender)];
    const sends = Array.from({ length: 20 }, (_, index) =>
      (index < 17 ? one : two).send({ ...nothing, valueWei: BigInt(index) }),
    );
    const mined = await Promise.all(sends);
    assert.equal(new Set(mined.map(({ hash }) => hash)).size, 20);
    assert.equal((await nonceOf(sender.address, "latest")) - before, 20);
  });

  it("are sent again with a higher fee when they are not mined, and count once", async () => {
    await network.rpc.call("evm_setAutomine", [false]);
    const { logger, heard } = listening("sent again with a higher fee");
    const wallet = queue(network.client.sender, { bumpAfterMs: 10, logger });
    const sent = wallet.send({ to: network.stranger.address, data: "0x", valueWei: 5n });
    const before = BigInt(
      await network.rpc.call<string>("eth_getBalance", [network.stranger.address, "latest"]),
    );
    await heard;
    await network.rpc.call("evm_mine");
    const { hash } = await sent;
    const after = BigInt(
      await network.rpc.call<string>("eth_getBalance", [network.stranger.address, "latest"]),
    );
    assert.equal(after - before, 5n);
    const found = await network.rpc.call<{ blockNumber: string | null }>("eth_getTransactionByHash", [hash]);
    assert.notEqual(found.blockNumber, null);
  });

  it("go on after a reorganization took a mined one away", async () => {
    const { logger, heard } = listening("reorganized away");
    const wallet = queue(network.client.sender, { bumpAfterMs: 10, logger });
    await wallet.send({ ...nothing, valueWei: 1n });
    await network.rpc.call("anvil_reorg", [1, []]);
    const next = wallet.send({ ...nothing, valueWei: 2n });
    await heard;
    await next;
    const used = await nonceOf(network.client.address, "latest");
    assert.equal(await nonceOf(network.client.address, "pending"), used);
  });

  it("say that the wallet cannot pay its gas, and leave no gap behind", async () => {
    const poor = await walletOf("poor");
    const wallet = queue(poor.sender);
    await assert.rejects(wallet.send({ ...nothing, gasLimit: 21_000n }), /insufficient funds/i);
    await network.queueOf(network.deployer).send({ to: poor.address, data: "0x", valueWei: ether });
    await wallet.send({ ...nothing, gasLimit: 21_000n });
    assert.equal(await nonceOf(poor.address, "latest"), 1);
  });

  it("end their waiting when the queue stops", async () => {
    await network.rpc.call("evm_setAutomine", [false]);
    const wallet = queue(network.client.sender);
    const sent = wallet.send({ ...nothing, gasLimit: 30_000n });
    const waiting = assert.rejects(sent, /the node (is stopping|stopped)/);
    wallet.stop();
    await waiting;
    await network.rpc.call("evm_mine");
  });

  describe("of a client that pays", () => {
    const payWith = async (
      terms: Awaited<ReturnType<TestNetwork["terms"]>>,
      sender = network.client.sender,
      chainId?: number,
    ) => {
      const { chain } = network.genesis();
      assert.ok(chain);
      return payEscrow({
        rpcUrl: network.anvil.url,
        chain: chainId === undefined ? chain : { ...chain, chain_id: chainId },
        terms,
        signatures: (await network.signTerms(terms)).map(fromHex),
        sender,
        clock: systemClock,
        logger: silentLogger,
        pollMs: 5,
      });
    };

    it("pay once: asking again answers the first transaction", async () => {
      const terms = await network.terms();
      const before = await network.balanceOf(network.client.address);
      const first = await payWith(terms);
      assert.deepEqual(await payWith(terms), first);
      assert.equal(before - (await network.balanceOf(network.client.address)), 10_000n);
    });

    it("approve first where the wallet signs no digests", async () => {
      const { signDigest: _, ...plain } = network.client.sender;
      const terms = await network.terms();
      await payWith(terms, plain);
      const [escrow] = (await network.view("payment", "escrowOf", terms.requestId)) as [{ state: bigint }];
      assert.equal(escrow.state, 1n);
    });

    it("are told before anything is sent when the id was paid for other terms, the balance is short or the chain is another", async () => {
      const terms = await network.terms();
      await payWith(terms);
      await assert.rejects(payWith({ ...terms, computePriceWei: 1n }), /was paid for another task/);
      const dear = await network.terms({ computePriceWei: 10n ** 30n });
      await assert.rejects(payWith(dear), /has \d+ wei of the token, the escrow takes/);
      await assert.rejects(
        payWith(await network.terms(), network.client.sender, 5),
        /the escrow is on chain 5/,
      );
    });
  });
});
