import { addressPattern, equalBytes, sha256 } from "../base/index.ts";
import { countersign } from "../wire/index.ts";

// A record has exactly one form in bytes: proto3 fields in tag order, defaults left out, nothing unknown. Whoever
// re-encodes a record gets what its owner signed, so its digest names it everywhere.

export interface RecordFields {
  readonly network: string;
  readonly kind: string;
  readonly owner: string;
  readonly id: string;
  /** Unix milliseconds. */
  readonly version: number;
  /** Unix milliseconds. */
  readonly expiresAtMs: number;
  readonly deleted: boolean;
  readonly payload: Uint8Array;
}

export interface SignedRecord extends RecordFields {
  readonly signature: Uint8Array;
  readonly encoded: Uint8Array;
}

export const signatureLength = 65;
/** Its tag, its length and itself. */
const signatureFieldBytes = 2 + signatureLength;
export const maxIdBytes = 256;
const kindPattern = /^[a-z][a-z0-9_-]{0,31}$/;
/** Printable and without the key's separator trouble: kind and owner hold no slash, so an id may. */
const idPattern = /^[\x21-\x7e]+$/;

/** The place of a record in a replica: at most one record is held for each. */
export function recordKey(record: Pick<RecordFields, "kind" | "owner" | "id">): string {
  return `${record.kind}/${record.owner}/${record.id}`;
}

export function isRecordId(id: string): boolean {
  return id.length <= maxIdBytes && idPattern.test(id);
}

const withoutSignature = new Uint8Array(0);

export function encodeRecord(fields: RecordFields, signature: Uint8Array): Uint8Array {
  const { network, kind, owner, id, version, expiresAtMs, deleted, payload } = fields;
  const message = { network, kind, owner, id, version, expires_at: expiresAtMs, deleted, payload, signature };
  // Copied out of the writer's shared slab: records are kept for hours.
  return new Uint8Array(countersign.v1.Record.encode(message).finish());
}

/** What the owner signs (EIP-191): SHA-256 of the record without its signature. */
export function signedHash(fields: RecordFields): Uint8Array {
  return sha256(encodeRecord(fields, withoutSignature));
}

/** As `signedHash`, of a record that was decoded: the signature is its last field. */
export function decodedSignedHash({ encoded }: Pick<SignedRecord, "encoded">): Uint8Array {
  return sha256(encoded.subarray(0, encoded.length - signatureFieldBytes));
}

/** Undefined when the bytes are no record in its one form. Says nothing about who signed. */
export function decodeRecord(bytes: Uint8Array): SignedRecord | undefined {
  let fields: RecordFields & { readonly signature: Uint8Array };
  try {
    fields = fieldsOf(bytes);
  } catch {
    return undefined;
  }
  const { signature } = fields;
  if (!kindPattern.test(fields.kind) || !isRecordId(fields.id)) return undefined;
  if (!addressPattern.test(fields.owner) || fields.owner !== fields.owner.toLowerCase()) return undefined;
  if (!isTime(fields.version) || !isTime(fields.expiresAtMs)) return undefined;
  if (signature.length !== signatureLength) return undefined;
  const encoded = encodeRecord(fields, signature);
  if (!equalBytes(encoded, bytes)) return undefined;
  return { ...fields, payload: copyOf(fields.payload), signature: copyOf(signature), encoded };
}

/** Decodes what `decodeRecord` has found in order before, without looking again. */
export function decodeOwnForm(bytes: Uint8Array): SignedRecord {
  const encoded = copyOf(bytes);
  return { ...fieldsOf(encoded), encoded };
}

function fieldsOf(bytes: Uint8Array): RecordFields & { readonly signature: Uint8Array } {
  const message = countersign.v1.Record.decode(bytes);
  return {
    network: message.network,
    kind: message.kind,
    owner: message.owner,
    id: message.id,
    version: message.version,
    expiresAtMs: message.expires_at,
    deleted: message.deleted,
    payload: message.payload,
    signature: message.signature,
  };
}

function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

/** The decoder gives views of the frame; a copy lets go of it. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
