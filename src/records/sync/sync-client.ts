import { type Clock, isCode, withTimeLimit } from "../../base/index.ts";
import type { Mesh } from "../../mesh/mesh.ts";
import type { Contents } from "./contents.ts";
import { PeerLied } from "./peer-lied.ts";
import type { Range, RecordId } from "./range.ts";
import type { SetName } from "./record-sets.ts";
import {
  maxDigestsBytes,
  maxOpenedBytes,
  maxPageRecords,
  maxPushedBytes,
  pageBytes,
  recordOverheadBytes,
  requestTimeoutMs,
} from "./sync-limits.ts";
import {
  type Ask,
  decodeDigests,
  decodeOpened,
  decodePushed,
  decodeRecordsPage,
  encodeAsk,
  encodeCopyRequest,
  encodeDigestsRequest,
  encodeFetchRequest,
  encodeOpenRequest,
  MalformedMessage,
  type Pushed,
  type RecordsPage,
  type SetDigest,
} from "./sync-messages.ts";

export interface SyncClientOptions {
  readonly peerId: string;
  readonly mesh: Pick<Mesh, "request">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The largest payload of the kinds that are known here. */
  readonly maxPayloadBytes: number;
}

/** Asks one peer; counts what goes to and fro. What the peer answers is checked for form, not for truth. */
export class SyncClient {
  readonly #options: SyncClientOptions;
  #received = 0;
  #sent = 0;

  constructor(options: SyncClientOptions) {
    this.#options = options;
  }

  get peerId(): string {
    return this.#options.peerId;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  get sentBytes(): number {
    return this.#sent;
  }

  digests(asOfMs: number): Promise<SetDigest[]> {
    return this.#ask("digests", encodeDigestsRequest(asOfMs), maxDigestsBytes, decodeDigests);
  }

  /** What the peer has in the first ones of the ranges: in at least one. */
  async open(set: SetName, asOfMs: number, ranges: readonly Range[]): Promise<Contents[]> {
    const contents = await this.#ask(
      "open",
      encodeOpenRequest({ ...nameOf(set), asOfMs, ranges }),
      maxOpenedBytes,
      decodeOpened,
    );
    if (contents.length === 0 || contents.length > ranges.length) throw new PeerLied("opens other ranges");
    return contents;
  }

  async fetch(set: SetName, ids: readonly RecordId[]): Promise<RecordsPage> {
    const page = await this.#records("fetch", encodeFetchRequest({ ...nameOf(set), ids }));
    if (page.handled === 0 || page.handled > ids.length || page.records.length > page.handled) {
      throw new PeerLied("serves other records than were asked for");
    }
    return page;
  }

  copy(set: SetName, asOfMs: number, range: Range): Promise<RecordsPage> {
    return this.#records("copy", encodeCopyRequest({ ...nameOf(set), asOfMs, range }));
  }

  /** @param bundle a RecordBundle, which is what a push is */
  push(bundle: Uint8Array): Promise<Pushed> {
    return this.#ask("push", bundle, maxPushedBytes, decodePushed);
  }

  async #records(ask: Ask, body: Uint8Array): Promise<RecordsPage> {
    const largestBytes = pageBytes + this.#options.maxPayloadBytes + recordOverheadBytes;
    const page = await this.#ask(ask, body, largestBytes, decodeRecordsPage);
    if (page.records.length > maxPageRecords) throw new PeerLied("serves too many records at once");
    return page;
  }

  async #ask<T>(
    ask: Ask,
    body: Uint8Array,
    maxResponseBytes: number,
    decode: (bytes: Uint8Array) => T,
  ): Promise<T> {
    const { mesh, clock, peerId, signal } = this.#options;
    const late = () => new Error("the peer did not answer in time");
    try {
      const frame = encodeAsk(ask, body);
      this.#sent += frame.length;
      const answer = await withTimeLimit(clock, requestTimeoutMs, late, signal, (limited) =>
        mesh.request(peerId, "sync", frame, { signal: limited, maxResponseBytes }),
      );
      this.#received += answer.length;
      return decode(answer);
    } catch (error) {
      if (error instanceof MalformedMessage || isCode(error, "TOO_LARGE"))
        throw new PeerLied(`sends ${error.message}`);
      throw error;
    }
  }
}

function nameOf({ kind, deleted }: SetName): SetName {
  return { kind, deleted };
}
