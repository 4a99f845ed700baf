import type { Genesis } from "../../base/index.ts";
import type { Escrow } from "../../chain/index.ts";
import type { ModelDescriptor, NodeInfo } from "../../wire/index.ts";

// What a validator must know of the world to judge a proposal, each as narrow as it is used.

export interface KnownNode {
  readonly info: NodeInfo.$Properties;
  readonly roles: readonly string[];
  readonly status: "alive" | "suspect" | "offline";
  readonly peerId: string | undefined;
}

export interface NodeLookup {
  /** All nodes of a wallet; node ids are chosen by their owners, so an id alone names nobody. */
  byWallet(wallet: string): readonly KnownNode[];
}

export interface PaymentLookup {
  /** @throws CountersignError CHAIN_UNAVAILABLE */
  escrow(requestId: string): Promise<Escrow>;
  /** @throws CountersignError CHAIN_UNAVAILABLE; NOT_FOUND when not mined deep enough */
  tokenPaid(txHash: string, from: string, to: string): Promise<bigint>;
}

export interface FeeQuoteFacts {
  readonly network: string;
  readonly gateway: string;
  readonly feeWei: string;
  readonly expirySec: number;
}

/** The registry's rules of subnets: how an id, a hash and a fee are made, and what a quote says. */
export interface SubnetRules {
  subnetIdOf(gateway: string, quoteId: string): bigint;
  configHash(gateway: string, models: readonly ModelDescriptor.$Properties[]): Uint8Array;
  subnetFeeWei(genesis: Genesis, models: readonly ModelDescriptor.$Properties[]): bigint;
  /** The quote and the wallet that signed it, or undefined when the id is no quote. */
  readQuote(id: string): { readonly quote: FeeQuoteFacts; readonly signer: string } | undefined;
}

/** Runs models again, on a node that can. */
export interface Recheck {
  /** True when the model can be run here and gives the same output each time. */
  canRun(modelUuid: string): boolean;
  /** The output for an input. Rejects when it fails or the signal aborts. */
  run(modelUuid: string, inputData: string, signal: AbortSignal): Promise<string>;
}
