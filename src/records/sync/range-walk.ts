import { equalBytes } from "../../base/index.ts";
import type { Versioned } from "../merge-rule.ts";
import { type Contents, idOf, type Part } from "./contents.ts";
import { PeerLied } from "./peer-lied.ts";
import { compareInSet, idBytes, type Range, type RecordId } from "./range.ts";
import type { RangeIndex } from "./range-index.ts";

/** A range that differs and is to be opened. */
export interface OpenRange {
  readonly range: Range;
  /** Ranges that it lies in. */
  readonly depth: number;
}

/** What a range turned out to lack on either side. */
export interface Differences<T> {
  /** The peer lists these, and they are not here. */
  readonly missing: RecordId[];
  /** Nothing is here, and the peer has so many. */
  readonly absent: { readonly range: Range; readonly count: number }[];
  /** These are here, and the peer does not have them; not more than were asked for. */
  readonly extra: T[];
  /** Of `extra` if there were no bound. */
  extraCount: number;
}

/** A set of 10^12 records, split as the answerer splits, is this deep at most. */
const maxDepth = 16;
/** More than any answerer needs; each costs a sum over this side's set. */
const maxPartsTaken = 64;
const maxIdsTaken = 256;

/**
 * The asking side of reconciliation: which ranges of the peer's set to open next, and what the answers mean. It asks
 * from the lowest range on, so that what waits stays small. Nothing that the peer says makes it go on for ever: a range
 * is opened once, and its parts lie inside it, up to a depth.
 */
export class RangeWalk<T extends Versioned> {
  readonly #own: RangeIndex<T>;
  readonly #maxExtra: number;
  #extra = 0;
  /** The lowest range last. */
  readonly #waiting: OpenRange[];

  /** @param maxExtra records of this side's that are found, at most */
  constructor(own: RangeIndex<T>, whole: Range, maxExtra: number) {
    this.#own = own;
    this.#maxExtra = maxExtra;
    this.#waiting = [{ range: whole, depth: 0 }];
  }

  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes up to so many ranges to ask about, in order. */
  next(count: number): OpenRange[] {
    return this.#waiting.splice(-count).sort((a, b) => compareInSet(a.range.start, b.range.start));
  }

  /** What was not answered is asked again. */
  putBack(asked: readonly OpenRange[]): void {
    this.#waiting.push(...asked.toReversed());
  }

  /** @throws PeerLied when no honest peer answers so */
  take({ range, depth }: OpenRange, contents: Contents): Differences<T> {
    const found: Differences<T> = { missing: [], absent: [], extra: [], extraCount: 0 };
    if ("ids" in contents) this.#compareIds(range, contents.ids, found);
    else this.#compareParts(range, depth, contents.parts, found);
    return found;
  }

  #compareParts(range: Range, depth: number, parts: readonly Part[], found: Differences<T>): void {
    if (depth >= maxDepth) throw new PeerLied("splits its ranges without end");
    if (parts.length === 0 || parts.length > maxPartsTaken)
      throw new PeerLied("splits into too many parts, or none");
    const differing: OpenRange[] = [];
    let start = range.start;
    for (const [place, { end: partEnd, count, fingerprint }] of parts.entries()) {
      const isLast = place === parts.length - 1;
      if (isLast !== (partEnd === undefined))
        throw new PeerLied("describes another range than was asked for");
      const end = partEnd ?? range.end;
      if (end !== undefined && compareInSet(start, end) >= 0) throw new PeerLied("splits out of order");
      if (partEnd !== undefined && range.end !== undefined && compareInSet(partEnd, range.end) >= 0)
        throw new PeerLied("splits beyond the range");
      const part: Range = { start, end };
      if (end !== undefined) start = end;
      const own = this.#own.sum(part);
      if (own.count === count && equalBytes(own.fingerprint(), fingerprint)) continue;
      if (count === 0) this.#addExtra(this.#own.items(part), own.count, found);
      else if (own.count === 0) found.absent.push({ range: part, count });
      else differing.push({ range: part, depth: depth + 1 });
    }
    this.putBack(differing);
  }

  #compareIds(range: Range, ids: readonly RecordId[], found: Differences<T>): void {
    checkIds(range, ids);
    if (ids.length === 0) return this.#addExtra(this.#own.items(range), this.#own.count(range), found);
    const extra: T[] = [];
    let extraCount = 0;
    let next = 0;
    for (const own of this.#own.items(range)) {
      const ownId = idOf(own);
      for (let id = ids[next]; id !== undefined && compareInSet(id, ownId) < 0; id = ids[++next]) {
        found.missing.push(id);
      }
      const id = ids[next];
      if (id !== undefined && compareInSet(id, ownId) === 0) next++;
      else if (extraCount++ < this.#maxExtra) extra.push(own);
    }
    found.missing.push(...ids.slice(next));
    this.#addExtra(extra, extraCount, found);
  }

  #addExtra(items: Iterable<T>, count: number, found: Differences<T>): void {
    found.extraCount += count;
    if (this.#extra >= this.#maxExtra) return;
    for (const own of items) {
      found.extra.push(own);
      if (++this.#extra >= this.#maxExtra) return;
    }
  }
}

function checkIds({ start, end }: Range, ids: readonly RecordId[]): void {
  if (ids.length > maxIdsTaken) throw new PeerLied("lists too many ids");
  let before: RecordId | undefined;
  for (const id of ids) {
    if (id.digest.length !== idBytes) throw new PeerLied("lists what is no id");
    if (before !== undefined && compareInSet(before, id) >= 0) throw new PeerLied("lists ids out of order");
    before = id;
  }
  const [first] = ids;
  // Bounds may be longer than ids; then the ids' length is all that can be compared.
  if (first !== undefined && compareInSet(first, idOf(start)) < 0)
    throw new PeerLied("lists ids of other ranges");
  if (before === undefined || end === undefined) return;
  const order = compareInSet(before, idOf(end));
  if (order > 0 || (order === 0 && end.digest.length <= idBytes))
    throw new PeerLied("lists ids of other ranges");
}
