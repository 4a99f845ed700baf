import { CountersignError, type Logger } from "../base/index.ts";
import { type RpcClient, RpcError, toQuantity } from "./rpc.ts";

// Follows some contracts' logs from a block on. What it has handed out, it takes back when the chain reorganizes:
// each round first asks whether the block it stands on is still there.

export interface BlockRef {
  readonly number: number;
  readonly hash: string;
}

export interface ChainLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

export interface LogSink {
  /** Logs in chain order, and the block up to which they are complete. Repeated when it rejects. */
  advance(logs: readonly ChainLog[], block: BlockRef): Promise<void>;
  /** Everything above this block is void; -1: everything. */
  rollBack(blockNumber: number): Promise<void>;
}

export interface LogReaderOptions {
  readonly rpc: RpcClient;
  readonly addresses: readonly string[];
  readonly sink: LogSink;
  readonly logger: Logger;
  /** Where to begin; logs after this block are handed out. */
  readonly cursor: BlockRef;
}

/** Blocks in one `eth_getLogs`; hosted endpoints allow 500 to 10,000, and a refusal halves it. */
const chunkBlocks = 2_000;
/** Blocks remembered to find a common ancestor; deeper reorganizations start over. */
const historyLength = 512;
/** Blocks asked for in one request while looking for the ancestor. */
const ancestorBatch = 32;

interface RawBlock {
  readonly number: string;
  readonly hash: string;
}

interface RawLog extends Omit<ChainLog, "blockNumber"> {
  readonly blockNumber: string;
}

export class LogReader {
  readonly #options: LogReaderOptions;
  /** Blocks it stood on, oldest first; the last is the cursor. */
  #history: BlockRef[];
  #chunk = chunkBlocks;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.#history = [options.cursor];
  }

  /** The block up to which logs were handed out; a later reader can begin there. */
  get cursor(): BlockRef {
    return this.#history.at(-1) ?? this.#options.cursor;
  }

  /** One round: takes back what was reorganized away, then reads up to the chain's head. */
  async poll(signal?: AbortSignal): Promise<void> {
    const [latest, standing] = await this.#blocks(["latest", this.cursor.number], signal);
    if (latest === undefined) throw new CountersignError("CHAIN_UNAVAILABLE", "the chain node has no block");
    if (standing?.hash !== this.cursor.hash) await this.#rollBack(latest, signal);
    while (this.cursor.number < latest.number) {
      if (!(await this.#readChunk(latest, signal))) return;
    }
  }

  /** Answers false when the chain moved under the request: the next round finds out how. */
  async #readChunk(head: BlockRef, signal: AbortSignal | undefined): Promise<boolean> {
    const { rpc, addresses, sink } = this.#options;
    const from = this.cursor.number + 1;
    const to = Math.min(head.number, from + this.#chunk - 1);
    const blockOf = { method: "eth_getBlockByNumber", params: [toQuantity(to), false] };
    const filter = { address: addresses, fromBlock: toQuantity(from), toBlock: toQuantity(to) };
    // The same last block before and after: the logs between are of that chain.
    const [before, logs, after] = await rpc.batch(
      [blockOf, { method: "eth_getLogs", params: [filter] }, blockOf],
      signal,
    );
    if (logs instanceof RpcError) {
      if (to === from) throw logs;
      this.#chunk = Math.max(1, (to - from + 1) >> 1);
      return true;
    }
    const block = asBlock(before);
    if (block === undefined || block.hash !== asBlock(after)?.hash) return false;
    if (to === head.number && block.hash !== head.hash) return false;
    this.#chunk = Math.min(chunkBlocks, this.#chunk * 2);
    await sink.advance((logs as RawLog[]).map(asLog), block);
    this.#history.push(block);
    if (this.#history.length > historyLength) this.#history.shift();
    return true;
  }

  async #rollBack(head: BlockRef, signal: AbortSignal | undefined): Promise<void> {
    const { sink, logger } = this.#options;
    const kept = await this.#countKept(signal);
    const ancestor = this.#history[kept - 1];
    logger.warn(
      { from: this.cursor.number, to: ancestor?.number ?? "before the first block read" },
      "Chain reorganized; rolled back",
    );
    await sink.rollBack(ancestor?.number ?? -1);
    // Told at once where it stands now: the chain may stay at this block for long.
    await sink.advance([], ancestor ?? head);
    this.#history = ancestor === undefined ? [head] : this.#history.slice(0, kept);
  }

  /** How many of the remembered blocks are still part of the chain. */
  async #countKept(signal: AbortSignal | undefined): Promise<number> {
    for (let end = this.#history.length; end > 0; end -= ancestorBatch) {
      const asked = this.#history.slice(Math.max(0, end - ancestorBatch), end);
      const found = await this.#blocks(
        asked.map((block) => block.number),
        signal,
      );
      const last = asked.findLastIndex((block, index) => found[index]?.hash === block.hash);
      if (last >= 0) return end - asked.length + last + 1;
    }
    return 0;
  }

  async #blocks(
    numbers: readonly (number | "latest")[],
    signal: AbortSignal | undefined,
  ): Promise<(BlockRef | undefined)[]> {
    const answers = await this.#options.rpc.batch(
      numbers.map((number) => ({
        method: "eth_getBlockByNumber",
        params: [number === "latest" ? number : toQuantity(number), false],
      })),
      signal,
    );
    return answers.map(asBlock);
  }
}

function asBlock(answer: unknown): BlockRef | undefined {
  if (answer instanceof RpcError) throw answer;
  const block = answer as RawBlock | null;
  return block === null ? undefined : { number: Number(block.number), hash: block.hash };
}

const asLog = (raw: RawLog): ChainLog => ({
  address: raw.address.toLowerCase(),
  topics: raw.topics,
  data: raw.data,
  blockNumber: Number(raw.blockNumber),
  transactionHash: raw.transactionHash,
});
