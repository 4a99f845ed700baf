/** A verified record as the rest of the program sees it. */
export interface LiveRecord<T = unknown> {
  readonly kind: string;
  /** Wallet address, lower-case. */
  readonly owner: string;
  readonly id: string;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly deleted: boolean;
  readonly payload: T;
  /** The record as signed, to pass on unchanged. */
  readonly encoded: Uint8Array;
}

/** What a role registers to have its statements replicated. */
export interface RecordKind<T> {
  readonly name: string;
  readonly maxPayloadBytes: number;
  /** How long a record lives after its version. */
  readonly lifeMs: number;
  encode(payload: T): Uint8Array;
  /** @throws when the bytes are no such payload */
  decode(bytes: Uint8Array): T;
  /** The ownership rule: why this owner may not state this, or undefined when it may. Pure; nothing local. */
  check(
    record: Pick<LiveRecord, "owner" | "id" | "version">,
    payload: T,
    network: string,
  ): string | undefined;
}

export type MergeOutcome =
  | "applied"
  | "duplicate"
  | "older"
  | "expired"
  | "from_future"
  | "unknown_kind"
  | "rejected";

/** A node's local, durable copy of all live records, the same on every honest node that saw the same records. */
export interface Replica {
  /** Signs with this node's wallet, stores durably, gossips, then resolves. */
  publish<T>(kind: RecordKind<T>, id: string, payload: T): Promise<LiveRecord<T>>;
  /** Publishes a deletion of this node's own record; false when there is none. */
  remove(kind: RecordKind<unknown>, id: string): Promise<boolean>;
  get<T>(kind: RecordKind<T>, owner: string, id: string): LiveRecord<T> | undefined;
  /** Live records of a kind: neither deleted nor expired. */
  list<T>(kind: RecordKind<T>): LiveRecord<T>[];
  /** Calls back after each applied change, deletions included. */
  onChange<T>(kind: RecordKind<T>, listener: (record: LiveRecord<T>) => void): () => void;
  /** Verifies and merges records that came from anywhere. */
  merge(encoded: readonly Uint8Array[]): Promise<MergeOutcome[]>;
  /** Live records by kind. */
  counts(): Record<string, number>;
}
