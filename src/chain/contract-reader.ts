import { keccak_256 } from "@noble/hashes/sha3.js";
import { CountersignError, fromHex, type Genesis, toHex, utf8 } from "../base/index.ts";
import type { Abis } from "./abis.ts";
import type { ChainValidator, ValidatorStatus } from "./chain.ts";
import type { BookedEscrow } from "./escrow-book.ts";
import type { BlockRef, ChainLog } from "./log-reader.ts";
import { type RpcClient, RpcError, toQuantity } from "./rpc.ts";
import { view } from "./view.ts";

/** Validators in one answer; some 200 bytes each. */
const validatorPage = 200;

type ChainGenesis = NonNullable<Genesis["chain"]>;

// As the contracts number them.
export const validatorStatuses: readonly (ValidatorStatus | undefined)[] = [
  undefined,
  "active",
  "unbonding",
  "slashed",
  "inactive",
];
const escrowStates = ["none", "paid", "completed", "refunded"] as const;

interface ValidatorStruct {
  readonly stakeWei: bigint;
  readonly status: bigint;
  readonly registeredAt: bigint;
}

interface EscrowStruct {
  readonly payer: string;
  readonly expiry: bigint;
  readonly state: bigint;
  readonly client: string;
  readonly paidBlock: bigint;
  readonly closedBlock: bigint;
  readonly gateway: string;
  readonly computeWei: bigint;
  readonly gatewayWei: bigint;
  readonly validatorWei: bigint;
  readonly treasuryWei: bigint;
  readonly validationDigest: string;
}

/** Single questions to the contracts; keeps nothing. */
export class ContractReader {
  readonly #rpc: RpcClient;
  readonly #abis: Abis;
  readonly #chain: ChainGenesis;

  constructor(rpc: RpcClient, abis: Abis, chain: ChainGenesis) {
    this.#rpc = rpc;
    this.#abis = abis;
    this.#chain = chain;
  }

  async head(): Promise<BlockRef> {
    const block = await this.#rpc.call<{ number: string; hash: string }>("eth_getBlockByNumber", [
      "latest",
      false,
    ]);
    return { number: Number(block.number), hash: block.hash };
  }

  /** Everyone who ever staked, as of a block. */
  async validators(blockNumber: number): Promise<ChainValidator[]> {
    const found: ChainValidator[] = [];
    for (;;) {
      const [addresses, entries] = (await view(
        this.#rpc,
        this.#chain.validator_registry,
        this.#abis.registry,
        "validators",
        [found.length, validatorPage],
        toQuantity(blockNumber),
      )) as unknown as [string[], ValidatorStruct[]];
      for (const [index, address] of addresses.entries()) {
        const entry = entries[index];
        const status = validatorStatuses[Number(entry?.status ?? 0n)];
        if (entry === undefined || status === undefined) continue;
        found.push({
          address: address.toLowerCase(),
          stakeWei: entry.stakeWei,
          status,
          registeredAtSec: Number(entry.registeredAt),
        });
      }
      if (addresses.length < validatorPage) return found;
    }
  }

  /** An escrow with its transactions, and the head it was read at; undefined when the id was never paid. */
  async escrow(requestId: string): Promise<{ escrow: BookedEscrow | undefined; head: number }> {
    const key = toHex(keccak_256(utf8(requestId)));
    const { inference_payment } = this.#chain;
    const data = this.#abis.payment.encodeFunctionData("escrows", [key]);
    const [head, answer] = await this.#batch([
      { method: "eth_blockNumber", params: [] },
      { method: "eth_call", params: [{ to: inference_payment, data }, "latest"] },
    ]);
    const [struct] = this.#abis.payment.decodeFunctionResult("escrows", answer as string) as unknown as [
      EscrowStruct,
    ];
    const state = escrowStates[Number(struct.state)] ?? "none";
    if (state === "none") return { escrow: undefined, head: Number(head) };
    const paidBlock = Number(struct.paidBlock);
    const closedBlock = state === "paid" ? undefined : Number(struct.closedBlock);
    const [paymentTx, closingTx] = await Promise.all([
      this.#transactionOf("InferenceInitiated", key, paidBlock),
      closedBlock === undefined
        ? undefined
        : this.#transactionOf(
            state === "completed" ? "InferenceCompleted" : "InferenceRefunded",
            key,
            closedBlock,
          ),
    ]);
    const escrow: BookedEscrow = {
      requestId,
      state,
      payer: struct.payer.toLowerCase(),
      client: struct.client.toLowerCase(),
      gatewayWallet: struct.gateway.toLowerCase(),
      totalWei: struct.computeWei + struct.gatewayWei + struct.validatorWei + struct.treasuryWei,
      expirySec: Number(struct.expiry),
      validationDigest: fromHex(struct.validationDigest),
      paymentTx,
      paidBlock,
      closingTx,
      closedBlock,
    };
    return { escrow, head: Math.max(Number(head), closedBlock ?? paidBlock) };
  }

  async #transactionOf(event: string, key: string, block: number): Promise<string> {
    const topic = this.#abis.payment.getEvent(event)?.topicHash;
    const filter = {
      address: this.#chain.inference_payment,
      topics: [topic, key],
      fromBlock: toQuantity(block),
      toBlock: toQuantity(block),
    };
    const [logs] = await this.#batch([{ method: "eth_getLogs", params: [filter] }]);
    const [log] = logs as { transactionHash: string }[];
    // Reorganized away since the struct was read; the caller repeats.
    if (log === undefined)
      throw new CountersignError("CHAIN_UNAVAILABLE", "the chain is reorganizing; try again");
    return log.transactionHash;
  }

  async balanceOf(address: string): Promise<bigint> {
    const [balance] = await view(this.#rpc, this.#chain.token, this.#abis.token, "balanceOf", [address]);
    return balance as bigint;
  }

  async prepaidOf(client: string, gateway: string): Promise<bigint> {
    const { inference_payment: contract } = this.#chain;
    const [amount] = await view(this.#rpc, contract, this.#abis.payment, "prepaidOf", [client, gateway]);
    return amount as bigint;
  }

  /** Sum of the token's transfers in a mined transaction. @throws NOT_FOUND when it is not deep enough */
  async tokenPaid(txHash: string, from: string, to: string): Promise<bigint> {
    if (!/^0x[0-9a-fA-F]{64}$/.test(txHash)) throw notMined(txHash);
    const [head, answer] = await this.#batch([
      { method: "eth_blockNumber", params: [] },
      { method: "eth_getTransactionReceipt", params: [txHash] },
    ]);
    const receipt = answer as { blockNumber: string; status: string; logs: ChainLog[] } | null;
    if (receipt === null || receipt.blockNumber === null) throw notMined(txHash);
    const depth = Number(head) - Number(receipt.blockNumber) + 1;
    if (depth < this.#chain.confirmations) throw notMined(txHash);
    let paidWei = 0n;
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== this.#chain.token) continue;
      const event = this.#abis.token.parseLog(log);
      if (event?.name !== "Transfer") continue;
      const [sender, receiver, amount] = event.args as unknown as [string, string, bigint];
      if (sender.toLowerCase() === from.toLowerCase() && receiver.toLowerCase() === to.toLowerCase())
        paidWei += amount;
    }
    return paidWei;
  }

  async #batch(requests: Parameters<RpcClient["batch"]>[0]): Promise<unknown[]> {
    const answers = await this.#rpc.batch(requests);
    const problem = answers.find((answer) => answer instanceof RpcError);
    if (problem !== undefined) throw problem;
    return answers;
  }
}

function notMined(txHash: string): CountersignError {
  return new CountersignError("NOT_FOUND", `transaction ${txHash} is not mined deep enough, if it exists`, {
    txHash,
  });
}
