import type { Clock, Genesis, Logger, RandomBytes } from "../../base/index.ts";
import type { Chain, Signer } from "../../chain/index.ts";
import type { Cosigner } from "../../cosign/round.ts";
import type { RecordKind, Replica } from "../../records/record.ts";
import type { Store } from "../../storage/store.ts";
import type { countersign } from "../../wire/index.ts";

/** A node of the network: its record and what this node knows of its state. */
export interface KnownNode {
  /** Wallet that signed the record: the node's own, or the host's that vouches for it. */
  readonly owner: string;
  readonly record: countersign.v1.NodeRecord.$Properties;
  readonly status: "alive" | "suspect" | "offline";
  /** Unix milliseconds; undefined when it was never heard. */
  readonly lastSeenMs: number | undefined;
  readonly load: number;
  /** Measured round trip to the node or its host; undefined when there is none yet. */
  readonly latencyMs: number | undefined;
}

/** The nodes that have a live record, one entry for each wallet and node id. */
export interface KnownNodes {
  list(): Iterable<KnownNode>;
}

/** Where heartbeats of hosted nodes go. */
export interface HostedLiveness {
  heard(beat: countersign.v1.HostedHeartbeat.$Properties): void;
}

export interface ObservedConduct {
  readonly score: number;
  readonly successes: number;
  readonly failures: number;
  readonly noAnswers: number;
  /** Unix milliseconds, 0 when never seen. */
  readonly lastSeenMs: number;
}

/** What the network's observers say of a wallet, weighed and summed. */
export interface Conduct {
  of(wallet: string): ObservedConduct;
}

export interface RegistryKinds {
  readonly node: RecordKind<countersign.v1.NodeRecord.$Properties>;
  readonly subnet: RecordKind<countersign.v1.SubnetRecord.$Properties>;
  readonly validator: RecordKind<countersign.v1.ValidatorRecord.$Properties>;
}

/** What the parts of a registry work with. */
export interface RegistryContext {
  readonly genesis: Genesis;
  readonly network: string;
  readonly replica: Replica;
  readonly kinds: RegistryKinds;
  readonly nodes: KnownNodes;
  readonly liveness: HostedLiveness;
  readonly reputation: Conduct;
  /** Undefined on a network without a chain. */
  readonly chain: Chain | undefined;
  readonly cosigner: Cosigner;
  readonly signer: Signer;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
}

/** Wallet of the node that a record is about, lower-case; a signed registration may spell it otherwise. */
export function walletOf(record: countersign.v1.NodeRecord.$Properties): string {
  return (record.info?.wallet_address ?? "").toLowerCase();
}
