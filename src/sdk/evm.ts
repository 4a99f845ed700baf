import { keccak_256 } from "@noble/hashes/sha3.js";
import { fromHex, toHex, utf8 } from "../base/bytes.ts";
import { messageOf } from "../base/errors.ts";
import type { Genesis } from "../base/genesis.ts";
import type { PaidEscrow, ReceiptChain } from "../proof/receipt-on-chain.ts";
import { type AbiValue, encodeCall, escrowTopics, type selectors, words } from "./abi.ts";
import { SdkError } from "./errors.ts";

/** A question to an EVM node. */
export type EvmRequest = (method: string, params: unknown[], signal: AbortSignal) => Promise<unknown>;

export type ChainGenesis = NonNullable<Genesis["chain"]>;

/** Answers of a node that are asked for here are short. */
const maxAnswerCharacters = 4 * 1024 * 1024;

/** JSON-RPC by HTTP. */
export function evmAt(rpcUrl: string, fetcher: typeof fetch): EvmRequest {
  return async (method, params, signal) => {
    let answer: { result?: unknown; error?: { message?: string } };
    try {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const headers = { "content-type": "application/json" };
      const response = await fetcher(rpcUrl, { method: "POST", headers, body, signal });
      const text = await response.text();
      if (text.length > maxAnswerCharacters) throw new RangeError("its answer is too long");
      answer = JSON.parse(text);
    } catch (cause) {
      signal.throwIfAborted();
      throw unanswered(method, cause);
    }
    if (answer.error !== undefined) throw unanswered(method, new Error(answer.error.message ?? "an error"));
    return answer.result;
  };
}

/** The node behind a wallet: a provider of ethers, or what `browserWallet` made. */
export function evmOf(provider: unknown): EvmRequest | undefined {
  const send = (provider as { send?: unknown } | null | undefined)?.send;
  if (typeof send !== "function") return undefined;
  return async (method, params, signal) => {
    try {
      const answer: unknown = await send.call(provider, method, params);
      signal.throwIfAborted();
      return answer;
    } catch (cause) {
      signal.throwIfAborted();
      throw unanswered(method, cause);
    }
  };
}

function unanswered(method: string, cause: unknown): SdkError {
  return new SdkError("CHAIN_UNAVAILABLE", `${method}: the chain node refuses: ${messageOf(cause)}`, {
    cause,
  });
}

export interface FoundEscrow extends PaidEscrow {
  readonly payer: string;
  readonly paidBlock: number;
}

const escrowStates = ["none", "paid", "completed", "refunded"] as const;

/** Reads the network's contracts. */
export class ContractViews implements ReceiptChain {
  readonly #request: EvmRequest;
  readonly #chain: ChainGenesis;
  readonly #signal: AbortSignal;

  constructor(request: EvmRequest, chain: ChainGenesis, signal: AbortSignal) {
    this.#request = request;
    this.#chain = chain;
    this.#signal = signal;
  }

  async chainId(): Promise<number> {
    return Number(await this.#request("eth_chainId", [], this.#signal));
  }

  async number(to: string, name: keyof typeof selectors, args: readonly AbiValue[]): Promise<bigint> {
    const [value = "0x0"] = await this.#words(to, name, args, 1);
    return BigInt(value);
  }

  /** Undefined for who never staked. */
  async validator(address: string): Promise<object | undefined> {
    const [stake, status = "0x0"] = await this.#words(
      this.#chain.validator_registry,
      "validatorOf",
      [address],
      2,
    );
    return BigInt(status) === 0n ? undefined : { stakeWei: stake };
  }

  /** @throws SdkError CHAIN_UNAVAILABLE */
  async escrow(requestId: string): Promise<FoundEscrow> {
    const key = toHex(keccak_256(utf8(requestId)));
    const found = await this.#words(this.#chain.inference_payment, "escrows", [key], 13);
    const [payer = "", , state = "0x0", , client = "", paid = "0x0", closed = "0x0"] = found;
    const named = escrowStates[Number(state)] ?? "none";
    const validationDigest = fromHex(found[12] ?? "0x");
    const isClosed = named === "completed" || named === "refunded";
    const event = named === "completed" ? "InferenceCompleted" : "InferenceRefunded";
    return {
      state: named,
      payer: addressIn(payer),
      client: addressIn(client),
      validationDigest,
      paidBlock: Number(paid),
      paymentTx: named === "none" ? "" : await this.#transactionOf("InferenceInitiated", key, Number(paid)),
      closingTx: isClosed ? await this.#transactionOf(event, key, Number(closed)) : undefined,
    };
  }

  async #transactionOf(event: keyof typeof escrowTopics, key: string, block: number): Promise<string> {
    const at = `0x${block.toString(16)}`;
    const address = this.#chain.inference_payment;
    const filter = { address, topics: [escrowTopics[event], key], fromBlock: at, toBlock: at };
    const logs = await this.#request("eth_getLogs", [filter], this.#signal);
    const [log] = Array.isArray(logs) ? (logs as { transactionHash?: unknown }[]) : [];
    if (typeof log?.transactionHash === "string") return log.transactionHash.toLowerCase();
    throw new SdkError(
      "CHAIN_UNAVAILABLE",
      "the chain is reorganizing, or its node keeps no logs; try again",
    );
  }

  async #words(to: string, name: keyof typeof selectors, args: readonly AbiValue[], count: number) {
    const data = encodeCall(name, args);
    const answer = await this.#request("eth_call", [{ to, data }, "latest"], this.#signal);
    try {
      return words(String(answer), count);
    } catch (cause) {
      const message = `${name}: there is no contract of this network at ${to}`;
      throw new SdkError("CONFIG_INVALID", message, { cause });
    }
  }
}

const addressIn = (word: string): string => `0x${word.slice(-40).toLowerCase()}`;
