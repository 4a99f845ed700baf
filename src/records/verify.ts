import { sha256 } from "../base/index.ts";
import { recoverHashSigner } from "../chain/wallet.ts";
import type { HeldRecord } from "./held-records.ts";
import { expiryOf, maxVersionAheadMs } from "./lifetimes.ts";
import { supersedes, type Versioned } from "./merge-rule.ts";
import type { MergeOutcome, RecordKind } from "./record.ts";
import { decodeRecord, recordKey, signedHash } from "./record-codec.ts";

export interface VerifyContext {
  readonly network: string;
  readonly nowMs: number;
  kind(name: string): RecordKind<unknown> | undefined;
  /** What is held, or being written, under a key. */
  held(key: string): Versioned | undefined;
}

export type Verification =
  | { readonly record: HeldRecord }
  | { readonly outcome: Exclude<MergeOutcome, "applied">; readonly reason?: string };

const rejected = (reason: string): Verification => ({ outcome: "rejected", reason });

/** Everything that decides whether a record is taken, cheapest first, the signature last. */
export function verifyRecord(bytes: Uint8Array, context: VerifyContext): Verification {
  const record = decodeRecord(bytes);
  if (record === undefined) return rejected("malformed");
  if (record.network !== context.network) return rejected("of another network");
  const kind = context.kind(record.kind);
  if (kind === undefined) return { outcome: "unknown_kind" };
  if (record.expiresAtMs !== expiryOf(kind, record.version, record.deleted)) {
    return rejected("does not live as long as its kind");
  }
  if (record.expiresAtMs <= context.nowMs) return { outcome: "expired" };
  if (record.version > context.nowMs + maxVersionAheadMs) return { outcome: "from_future" };
  if (record.payload.length > kind.maxPayloadBytes) return rejected("too large");
  if (record.deleted && record.payload.length > 0) return rejected("a deletion with a payload");

  const key = recordKey(record);
  const versioned = { version: record.version, digest: sha256(record.encoded) };
  const held = context.held(key);
  if (held !== undefined && !supersedes(versioned, held)) {
    return { outcome: supersedes(held, versioned) ? "older" : "duplicate" };
  }

  if (recoverHashSigner(signedHash(record), record.signature) !== record.owner) return rejected("forged");
  const { owner, id, version, expiresAtMs, deleted, encoded } = record;
  let payload: unknown;
  try {
    payload = kind.decode(record.payload);
    const problem = deleted ? undefined : kind.check({ owner, id, version }, payload, context.network);
    if (problem !== undefined) return rejected(problem);
  } catch {
    return rejected("payload is not of its kind");
  }
  const live = { kind: kind.name, owner, id, version, expiresAtMs, deleted, payload, encoded };
  return { record: { key, ...versioned, live } };
}
