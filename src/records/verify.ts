import { sha256 } from "../base/index.ts";
import { recoverHashSigner } from "../proof/wallet.ts";
import type { HeldRecord } from "./held-records.ts";
import { expiryOf, maxVersionAheadMs } from "./lifetimes.ts";
import { supersedes, type Versioned } from "./merge-rule.ts";
import type { MergeOutcome, RecordKind } from "./record.ts";
import {
  decodedSignedHash,
  decodeOwnForm,
  decodeRecord,
  recordKey,
  type SignedRecord,
} from "./record-codec.ts";

/** What a record's bytes are checked against, the same on every node of a network. */
export interface StatementContext {
  readonly network: string;
  kind(name: string): RecordKind<unknown> | undefined;
}

export interface VerifyContext extends StatementContext {
  readonly nowMs: number;
  /** What has ended by then is not taken. */
  readonly asOfMs: number;
  /** What is held, or being written, under a key. */
  held(key: string): Versioned | undefined;
}

type Refusal = { readonly outcome: Exclude<MergeOutcome, "applied">; readonly reason?: string };
export type Verification = { readonly record: HeldRecord } | Refusal;
/** A record whose bytes are in order: SHA-256 of them. */
export type CheckedStatement = { readonly digest: Uint8Array } | Refusal;

const rejected = (reason: string): Refusal => ({ outcome: "rejected", reason });

/** Everything that decides whether a record is taken, cheapest first, the signature last. */
export function verifyRecord(bytes: Uint8Array, context: VerifyContext): Verification {
  const formed = checkForm(bytes, context);
  if ("outcome" in formed) return formed;
  const { record, kind } = formed;
  const digest = sha256(record.encoded);
  const early = checkPlace(record, digest, context);
  if (early !== undefined) return early;
  const statement = checkOwner(record, kind, context.network);
  return "outcome" in statement ? statement : held(record, digest, statement.payload);
}

/** The part that looks at nothing but the bytes, for other threads. */
export function checkStatement(bytes: Uint8Array, context: StatementContext): CheckedStatement {
  const formed = checkForm(bytes, context);
  if ("outcome" in formed) return formed;
  const statement = checkOwner(formed.record, formed.kind, context.network);
  return "outcome" in statement ? statement : { digest: sha256(formed.record.encoded) };
}

/** The other part, for bytes that `checkStatement` found in order. */
export function admitChecked(bytes: Uint8Array, digest: Uint8Array, context: VerifyContext): Verification {
  const record = decodeOwnForm(bytes);
  const kind = context.kind(record.kind);
  if (kind === undefined) return { outcome: "unknown_kind" };
  return checkPlace(record, digest, context) ?? held(record, digest, kind.decode(record.payload));
}

function checkForm(
  bytes: Uint8Array,
  context: StatementContext,
): { readonly record: SignedRecord; readonly kind: RecordKind<unknown> } | Refusal {
  const record = decodeRecord(bytes);
  if (record === undefined) return rejected("malformed");
  if (record.network !== context.network) return rejected("of another network");
  const kind = context.kind(record.kind);
  if (kind === undefined) return { outcome: "unknown_kind" };
  if (record.expiresAtMs !== expiryOf(kind, record.version, record.deleted)) {
    return rejected("does not live as long as its kind");
  }
  if (record.payload.length > kind.maxPayloadBytes) return rejected("too large");
  if (record.deleted && record.payload.length > 0) return rejected("a deletion with a payload");
  return { record, kind };
}

/** Time, and what is held already. */
function checkPlace(record: SignedRecord, digest: Uint8Array, context: VerifyContext): Refusal | undefined {
  if (record.expiresAtMs <= context.asOfMs) return { outcome: "expired" };
  if (record.version > context.nowMs + maxVersionAheadMs) return { outcome: "from_future" };
  const versioned = { version: record.version, digest };
  const other = context.held(recordKey(record));
  if (other === undefined || supersedes(versioned, other)) return undefined;
  return { outcome: supersedes(other, versioned) ? "older" : "duplicate" };
}

/** The signature, and what the kind says of its owner and payload. */
function checkOwner(
  record: SignedRecord,
  kind: RecordKind<unknown>,
  network: string,
): { readonly payload: unknown } | Refusal {
  if (recoverHashSigner(decodedSignedHash(record), record.signature) !== record.owner)
    return rejected("forged");
  const { owner, id, version, deleted } = record;
  try {
    const payload = kind.decode(record.payload);
    const problem = deleted ? undefined : kind.check({ owner, id, version }, payload, network);
    return problem === undefined ? { payload } : rejected(problem);
  } catch {
    return rejected("payload is not of its kind");
  }
}

function held(record: SignedRecord, digest: Uint8Array, payload: unknown): Verification {
  const { kind, owner, id, version, expiresAtMs, deleted, encoded } = record;
  const live = { kind, owner, id, version, expiresAtMs, deleted, payload, encoded };
  return { record: { key: recordKey(record), version, digest, live } };
}
