import { BoundedMap, type Clock, CountersignError, isCode, type Logger } from "../../base/index.ts";
import { TokenBucket } from "../../mesh/token-bucket.ts";
import { WorkQueue } from "../../mesh/work-queue.ts";
import type { HeldRecord } from "../held-records.ts";
import type { MergeOutcome } from "../record.ts";
import { decodeBundle } from "../record-bundle.ts";
import { nextTurn } from "../turn-taker.ts";
import { type Contents, contentsOf } from "./contents.ts";
import { boundBetween, intersection, isEmptyRange, type Range } from "./range.ts";
import type { RecordSet, RecordSets, SetName } from "./record-sets.ts";
import {
  allRangesPerSecond,
  bytesPerSecond,
  firstRefusalMs,
  longestRefusalMs,
  maxAnswering,
  maxAskBytes,
  maxAsOfDistanceMs,
  maxIdsAsked,
  maxPageRecords,
  maxRangesAsked,
  maxWaitingToBeAnswered,
  openedBytes,
  pageBytes,
  peersRemembered,
  pushedBurst,
  pushedPerSecond,
  rangesBurst,
  rangesPerSecond,
  rangesPerTurn,
  rejectedBurst,
  rejectedPerSecond,
} from "./sync-limits.ts";
import {
  decodeCopyRequest,
  decodeDigestsRequest,
  decodeFetchRequest,
  decodeOpenRequest,
  encodeDigests,
  encodeOpened,
  encodePushed,
  encodeRecordsPage,
  MalformedMessage,
  readAsk,
} from "./sync-messages.ts";

export interface SyncServerOptions {
  readonly sets: RecordSets;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined when there is too much to verify already. */
  readonly mergePushed: (records: readonly Uint8Array[]) => Promise<MergeOutcome[]> | undefined;
  /** A peer brought news. */
  readonly onPushed: () => void;
  /** A peer has more than it would push. */
  readonly onInvited: (peerId: string) => void;
}

/** What one peer may cost. */
interface Account {
  readonly ranges: TokenBucket;
  readonly bytes: TokenBucket;
  readonly pushed: TokenBucket;
  readonly rejected: TokenBucket;
  refusedUntilMs: number;
  refusalMs: number;
  lastAskedMs: number;
}

/** Parts and ids take less on the wire; a bound with a whole digest would take more. */
const roughPartBytes = 32;

/** The answering side of reconciliation. It keeps nothing of a session: each question says all that its answer takes. */
export class SyncServer {
  readonly #options: SyncServerOptions;
  readonly #accounts = new BoundedMap<string, Account>(peersRemembered);
  readonly #work = new WorkQueue({
    maxRunning: maxAnswering,
    maxWaiting: maxWaitingToBeAnswered,
    dropOldest: false,
  });
  readonly #allRanges: TokenBucket;
  #answered = 0;
  #refused = 0;
  #malformed = 0;

  constructor(options: SyncServerOptions) {
    this.#options = options;
    this.#allRanges = new TokenBucket(allRangesPerSecond, 2 * rangesBurst, options.clock.nowMs());
  }

  get answered(): number {
    return this.#answered;
  }

  /** Questions that were not answered: too many, or of a peer that had sent garbage. */
  get refused(): number {
    return this.#refused;
  }

  /** Frames that were no question. */
  get malformed(): number {
    return this.#malformed;
  }

  /** The peer has asked something within this time: its session is under way. */
  isAskedBy(peerId: string, withinMs: number): boolean {
    const lastAskedMs = this.#accounts.get(peerId)?.lastAskedMs ?? 0;
    return Math.abs(this.#options.clock.nowMs() - lastAskedMs) < withinMs;
  }

  /**
   * Answers one frame.
   * @throws CountersignError RATE_LIMITED when the peer has to wait, INVALID_ARGUMENT for what is no question,
   * CLOCK_SKEW for another time than can be compared, NOT_FOUND for another kind
   */
  async answer(peerId: string, frame: Uint8Array): Promise<Uint8Array> {
    const account = this.#account(peerId);
    const nowMs = this.#options.clock.nowMs();
    try {
      if (account.refusedUntilMs > nowMs) throw limited("this peer sent garbage");
      account.lastAskedMs = nowMs;
      const answer = await this.#work.run(() => this.#answer(peerId, account, frame));
      if (answer === undefined) throw limited("too many questions at once");
      this.#answered++;
      return answer;
    } catch (error) {
      if (isCode(error, "RATE_LIMITED")) this.#refused++;
      if (error instanceof MalformedMessage) this.#onMalformed(peerId, account, error);
      throw error;
    }
  }

  async #answer(peerId: string, account: Account, frame: Uint8Array): Promise<Uint8Array> {
    const { ask, body } = readAsk(frame);
    if (ask === "push") return this.#takePush(peerId, account, body);
    if (frame.length > maxAskBytes) throw new MalformedMessage("a question of that size");
    if (ask === "digests") return this.#digests(decodeDigestsRequest(body));
    if (ask === "open") return this.#open(account, body);
    return ask === "fetch" ? this.#fetch(account, body) : this.#copy(account, body);
  }

  #digests(asOfMs: number): Uint8Array {
    this.#checkTime(asOfMs);
    const digests = [...this.#options.sets.all()].map((set) => {
      const sum = set.index.sum(set.window(asOfMs));
      return { kind: set.kind, deleted: set.deleted, count: sum.count, fingerprint: sum.fingerprint() };
    });
    return encodeDigests(digests);
  }

  async #open(account: Account, body: Uint8Array): Promise<Uint8Array> {
    const request = decodeOpenRequest(body, maxRangesAsked);
    const set = this.#set(request, request.asOfMs);
    const window = set.window(request.asOfMs);
    const nowMs = this.#options.clock.nowMs();
    const count = request.ranges.length;
    if (!account.ranges.take(nowMs, count) || !this.#allRanges.take(nowMs, count))
      throw limited("too many ranges");
    const contents: Contents[] = [];
    let bytes = 0;
    for (const range of request.ranges) {
      if (bytes > openedBytes) break;
      if (contents.length % rangesPerTurn === rangesPerTurn - 1) await nextTurn();
      const one = withinWindow(set, range, window);
      bytes += ("ids" in one ? one.ids.length : one.parts.length) * roughPartBytes;
      contents.push(one);
    }
    return encodeOpened(contents);
  }

  #fetch(account: Account, body: Uint8Array): Uint8Array {
    const request = decodeFetchRequest(body, maxIdsAsked);
    const { index } = this.#known(request);
    const records: Uint8Array[] = [];
    let handled = 0;
    let bytes = 0;
    for (const id of request.ids) {
      const encoded = index.named(id)?.live.encoded;
      if (encoded !== undefined && !fits(records, bytes, encoded)) break;
      handled++;
      if (encoded === undefined) continue;
      records.push(encoded);
      bytes += encoded.length;
    }
    this.#charge(account, bytes);
    return encodeRecordsPage({ records, handled, next: undefined });
  }

  #copy(account: Account, body: Uint8Array): Uint8Array {
    const request = decodeCopyRequest(body);
    const set = this.#set(request, request.asOfMs);
    const range = intersection(request.range, set.window(request.asOfMs));
    const records: Uint8Array[] = [];
    let bytes = 0;
    let last: HeldRecord | undefined;
    for (const record of isEmptyRange(range) ? [] : set.index.items(range)) {
      const { encoded } = record.live;
      if (last !== undefined && !fits(records, bytes, encoded)) {
        this.#charge(account, bytes);
        return encodeRecordsPage({ records, handled: 0, next: boundBetween(last, record) });
      }
      records.push(encoded);
      bytes += encoded.length;
      last = record;
    }
    this.#charge(account, bytes);
    return encodeRecordsPage({ records, handled: 0, next: undefined });
  }

  async #takePush(peerId: string, account: Account, body: Uint8Array): Promise<Uint8Array> {
    let records: Uint8Array[];
    try {
      records = decodeBundle(body);
    } catch {
      throw new MalformedMessage("no push");
    }
    if (records.length === 0) this.#options.onInvited(peerId);
    const nowMs = this.#options.clock.nowMs();
    if (!account.pushed.take(nowMs, records.length)) throw limited("too many records");
    if (account.rejected.waitMs(nowMs) > 0) throw limited("too many records that had to be rejected");
    const outcomes = await this.#options.mergePushed(records);
    if (outcomes === undefined) throw limited("too much to verify");
    const count = (wanted: MergeOutcome) => outcomes.filter((outcome) => outcome === wanted).length;
    const rejected = count("rejected");
    // Down to nothing, whatever is left: a token at a time.
    for (let taken = 0; taken < rejected && account.rejected.take(nowMs); taken++);
    const applied = count("applied");
    if (applied > 0) this.#options.onPushed();
    return encodePushed({ applied, rejected });
  }

  #set(name: SetName, asOfMs: number): RecordSet {
    this.#checkTime(asOfMs);
    return this.#known(name);
  }

  #known(name: SetName): RecordSet {
    const set = this.#options.sets.get(name);
    if (set === undefined) throw new CountersignError("NOT_FOUND", "a kind that is not known here");
    return set;
  }

  #checkTime(asOfMs: number): void {
    const distanceMs = Math.abs(asOfMs - this.#options.clock.nowMs());
    if (distanceMs <= maxAsOfDistanceMs) return;
    throw new CountersignError("CLOCK_SKEW", `clocks are ${Math.round(distanceMs / 1000)} s apart`);
  }

  #charge(account: Account, bytes: number): void {
    if (!account.bytes.take(this.#options.clock.nowMs(), bytes)) throw limited("too many bytes");
  }

  #onMalformed(peerId: string, account: Account, error: MalformedMessage): void {
    const { clock, logger } = this.#options;
    this.#malformed++;
    account.refusalMs = Math.min(longestRefusalMs, Math.max(firstRefusalMs, account.refusalMs * 2));
    account.refusedUntilMs = clock.nowMs() + account.refusalMs;
    logger.warn(
      { peerId, why: error.message, lengthMs: account.refusalMs },
      "peer sent garbage and is not answered",
    );
  }

  #account(peerId: string): Account {
    const nowMs = this.#options.clock.nowMs();
    const known = this.#accounts.get(peerId);
    if (known !== undefined) {
      this.#accounts.touch(peerId);
      return known;
    }
    const account: Account = {
      ranges: new TokenBucket(rangesPerSecond, rangesBurst, nowMs),
      bytes: new TokenBucket(bytesPerSecond, bytesPerSecond, nowMs),
      pushed: new TokenBucket(pushedPerSecond, pushedBurst, nowMs),
      rejected: new TokenBucket(rejectedPerSecond, rejectedBurst, nowMs),
      refusedUntilMs: 0,
      refusalMs: 0,
      lastAskedMs: 0,
    };
    this.#accounts.set(peerId, account);
    return account;
  }
}

function withinWindow({ index }: RecordSet, range: Range, window: Range): Contents {
  const shared = intersection(range, window);
  if (isEmptyRange(shared)) return { ids: [] };
  return contentsOf(index, shared);
}

function fits(records: readonly Uint8Array[], bytes: number, encoded: Uint8Array): boolean {
  if (records.length === 0) return true;
  return records.length < maxPageRecords && bytes + encoded.length <= pageBytes;
}

function limited(why: string): CountersignError {
  return new CountersignError("RATE_LIMITED", why);
}
