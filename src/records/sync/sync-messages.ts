import protobuf from "protobufjs/minimal.js";
import { CountersignError } from "../../base/index.ts";
import { countersign } from "../../wire/index.ts";
import type { Contents } from "./contents.ts";
import { fingerprintBytes } from "./fingerprint.ts";
import { type Bound, compareInSet, idBytes, type Range, type RecordId } from "./range.ts";
import type { SetName } from "./record-sets.ts";

// The sync protocol's messages as the rest of the code uses them. Everything here takes what a stranger sent: sizes are
// checked before anything is decoded, and what does not have the form is a MalformedMessage.

const m = countersign.v1;

const maxDigestBytes = 32;

export class MalformedMessage extends CountersignError {
  constructor(what: string) {
    super("INVALID_ARGUMENT", `sync message: ${what}`);
  }
}

/** Field numbers of SyncRequest. */
export const asks = { digests: 1, open: 2, fetch: 3, copy: 4, push: 5 } as const;
export type Ask = keyof typeof asks;

const lengthDelimited = 2;

export function encodeAsk(ask: Ask, body: Uint8Array): Uint8Array {
  return protobuf.Writer.create()
    .uint32((asks[ask] << 3) | lengthDelimited)
    .bytes(body)
    .finish();
}

/** Looks at a request's kind and length only. @throws MalformedMessage */
export function readAsk(frame: Uint8Array): { ask: Ask; body: Uint8Array } {
  return formed("no request", () => {
    const reader = protobuf.Reader.create(frame);
    const tag = reader.uint32();
    const body = reader.bytes();
    const ask = (Object.keys(asks) as Ask[]).find((name) => tag === ((asks[name] << 3) | lengthDelimited));
    if (ask === undefined) throw new MalformedMessage("an unknown request");
    if (reader.pos !== reader.len) throw new MalformedMessage("something after the request");
    return { ask, body };
  });
}

// ---- bounds and ids: versions travel as differences ----

class BoundWriter {
  #version = 0;

  write({ version, digest }: Bound): countersign.v1.SyncBound.$Properties {
    const since = version - this.#version;
    this.#version = version;
    return { version: since, digest };
  }
}

class BoundReader {
  #version = 0;

  read(bound: countersign.v1.SyncBound.$Properties): Bound {
    const digest = bound.digest ?? new Uint8Array(0);
    if (digest.length > maxDigestBytes) throw new MalformedMessage("a bound with more than a digest");
    this.#version = timeOf(this.#version + (bound.version ?? 0));
    return { version: this.#version, digest };
  }
}

function timeOf(value: number): number {
  if (!Number.isSafeInteger(value)) throw new MalformedMessage("a time that is none");
  return value;
}

export function encodeIds(ids: readonly RecordId[]): countersign.v1.SyncIds.$Properties {
  const digests = new Uint8Array(ids.length * idBytes);
  let before = 0;
  const versions = ids.map(({ version, digest }, index) => {
    digests.set(digest.subarray(0, idBytes), index * idBytes);
    const since = version - before;
    before = version;
    return since;
  });
  return { versions, digests };
}

export function decodeIds(ids: countersign.v1.SyncIds.$Properties | null | undefined): RecordId[] {
  const { versions, digests } = ids ?? {};
  const count = versions?.length ?? 0;
  if ((digests?.length ?? 0) !== count * idBytes) throw new MalformedMessage("ids without digests");
  let version = 0;
  return Array.from({ length: count }, (_, index) => {
    version = timeOf(version + (versions?.[index] ?? 0));
    return { version, digest: (digests as Uint8Array).subarray(index * idBytes, (index + 1) * idBytes) };
  });
}

function encodeRange({ start, end }: Range, bounds: BoundWriter): countersign.v1.SyncRange.$Properties {
  return { start: bounds.write(start), end: end === undefined ? null : bounds.write(end) };
}

function decodeRange(
  range: countersign.v1.SyncRange.$Properties | null | undefined,
  bounds: BoundReader,
): Range {
  const start = bounds.read(range?.start ?? {});
  const end = range?.end == null ? undefined : bounds.read(range.end);
  if (end !== undefined && compareInSet(start, end) >= 0)
    throw new MalformedMessage("a range that ends before it starts");
  return { start, end };
}

// ---- digests ----

export interface SetDigest extends SetName {
  readonly count: number;
  readonly fingerprint: Uint8Array;
}

export function encodeDigestsRequest(asOfMs: number): Uint8Array {
  return m.SyncDigestsRequest.encode({ as_of_ms: asOfMs }).finish();
}

export function decodeDigestsRequest(body: Uint8Array): number {
  return formed("no digests request", () => timeOf(m.SyncDigestsRequest.decode(body).as_of_ms));
}

export function encodeDigests(sets: readonly SetDigest[]): Uint8Array {
  return m.SyncDigests.encode({ sets: [...sets] }).finish();
}

export function decodeDigests(bytes: Uint8Array): SetDigest[] {
  return formed("no digests", () =>
    m.SyncDigests.decode(bytes).sets.map(({ kind, deleted, count, fingerprint }) => ({
      kind: kind ?? "",
      deleted: deleted ?? false,
      count: timeOf(count ?? 0),
      fingerprint: fingerprintOf(fingerprint),
    })),
  );
}

function fingerprintOf(bytes: Uint8Array | null | undefined): Uint8Array {
  if (bytes?.length !== fingerprintBytes) throw new MalformedMessage("a fingerprint of another length");
  return bytes;
}

// ---- opening ranges ----

export interface OpenRequest extends SetName {
  readonly asOfMs: number;
  readonly ranges: readonly Range[];
}

export function encodeOpenRequest({ asOfMs, kind, deleted, ranges }: OpenRequest): Uint8Array {
  const bounds = new BoundWriter();
  return m.SyncOpenRequest.encode({
    as_of_ms: asOfMs,
    kind,
    deleted,
    ranges: ranges.map((range) => encodeRange(range, bounds)),
  }).finish();
}

export function decodeOpenRequest(body: Uint8Array, maxRanges: number): OpenRequest {
  return formed("no open request", () => {
    const { as_of_ms, kind, deleted, ranges } = m.SyncOpenRequest.decode(body);
    if (ranges.length === 0 || ranges.length > maxRanges)
      throw new MalformedMessage(`not 1 to ${maxRanges} ranges`);
    const bounds = new BoundReader();
    return {
      asOfMs: timeOf(as_of_ms),
      kind,
      deleted,
      ranges: ranges.map((range) => decodeRange(range, bounds)),
    };
  });
}

export function encodeOpened(contents: readonly Contents[]): Uint8Array {
  const bounds = new BoundWriter();
  return m.SyncOpened.encode({
    ranges: contents.map((one) =>
      "ids" in one
        ? { ids: encodeIds(one.ids) }
        : {
            parts: one.parts.map(({ end, count, fingerprint }) => ({
              end: end === undefined ? null : bounds.write(end),
              count,
              fingerprint,
            })),
          },
    ),
  }).finish();
}

export function decodeOpened(bytes: Uint8Array): Contents[] {
  return formed("no opened ranges", () => {
    const bounds = new BoundReader();
    return m.SyncOpened.decode(bytes).ranges.map(({ parts, ids }): Contents => {
      if (parts == null || parts.length === 0) return { ids: decodeIds(ids) };
      return {
        parts: parts.map(({ end, count, fingerprint }) => ({
          end: end == null ? undefined : bounds.read(end),
          count: timeOf(count ?? 0),
          fingerprint: fingerprintOf(fingerprint),
        })),
      };
    });
  });
}

// ---- records ----

export interface FetchRequest extends SetName {
  readonly ids: readonly RecordId[];
}

export function encodeFetchRequest({ kind, deleted, ids }: FetchRequest): Uint8Array {
  return m.SyncFetchRequest.encode({ kind, deleted, ids: encodeIds(ids) }).finish();
}

export function decodeFetchRequest(body: Uint8Array, maxIds: number): FetchRequest {
  return formed("no fetch request", () => {
    const { kind, deleted, ids } = m.SyncFetchRequest.decode(body);
    const decoded = decodeIds(ids);
    if (decoded.length === 0 || decoded.length > maxIds) throw new MalformedMessage(`not 1 to ${maxIds} ids`);
    return { kind, deleted, ids: decoded };
  });
}

export interface CopyRequest extends SetName {
  readonly asOfMs: number;
  readonly range: Range;
}

export function encodeCopyRequest({ asOfMs, kind, deleted, range }: CopyRequest): Uint8Array {
  const encoded = encodeRange(range, new BoundWriter());
  return m.SyncCopyRequest.encode({ as_of_ms: asOfMs, kind, deleted, range: encoded }).finish();
}

export function decodeCopyRequest(body: Uint8Array): CopyRequest {
  return formed("no copy request", () => {
    const { as_of_ms, kind, deleted, range } = m.SyncCopyRequest.decode(body);
    return { asOfMs: timeOf(as_of_ms), kind, deleted, range: decodeRange(range, new BoundReader()) };
  });
}

export interface RecordsPage {
  readonly records: readonly Uint8Array[];
  /** Of a fetch: so many ids are dealt with. */
  readonly handled: number;
  /** Of a copy: where the next page begins; undefined on the last. */
  readonly next: Bound | undefined;
}

export function encodeRecordsPage({ records, handled, next }: RecordsPage): Uint8Array {
  return m.SyncRecords.encode({
    records: [...records],
    handled,
    next: next === undefined ? null : new BoundWriter().write(next),
  }).finish();
}

export function decodeRecordsPage(bytes: Uint8Array): RecordsPage {
  return formed("no page of records", () => {
    const { records, handled, next } = m.SyncRecords.decode(bytes);
    return { records, handled, next: next == null ? undefined : new BoundReader().read(next) };
  });
}

export interface Pushed {
  readonly applied: number;
  readonly rejected: number;
}

export function encodePushed(pushed: Pushed): Uint8Array {
  return m.SyncPushed.encode(pushed).finish();
}

export function decodePushed(bytes: Uint8Array): Pushed {
  return formed("no answer to a push", () => {
    const { applied, rejected } = m.SyncPushed.decode(bytes);
    return { applied, rejected };
  });
}

/** The decoders' own errors become one that says whose fault it is. */
function formed<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedMessage) throw error;
    throw new MalformedMessage(what);
  }
}
