import { equalBytes } from "../../base/index.ts";
import type { Versioned } from "../merge-rule.ts";
import { DigestSum } from "./fingerprint.ts";
import { type Bound, boundBetween, compareInSet, type Range, type RecordId, wholeSet } from "./range.ts";

/** Items of a chunk at most: an insertion moves half as many, a sum over 100,000 items adds a thousand chunks. */
const maxChunkItems = 128;

interface Chunk<T> {
  /** In order, never empty. */
  readonly items: T[];
  /** Of all items; made when first asked for, then kept up to date. */
  sum: DigestSum | undefined;
}

/** Where a range begins or ends: an item of a chunk, or just past the last chunk. */
interface Position {
  readonly chunk: number;
  readonly offset: number;
}

/** A set in the order of (version, digest) that knows the fingerprint of any range of it. */
export class RangeIndex<T extends Versioned = Versioned> {
  readonly #chunks: Chunk<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False when it is there already. */
  insert(item: T): boolean {
    const place = this.#find(item);
    // What is past the end belongs to the last chunk.
    const chunkIndex = Math.min(place.chunk, this.#chunks.length - 1);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) {
      this.#chunks.push({ items: [item], sum: undefined });
      this.#size = 1;
      return true;
    }
    const offset = place.chunk > chunkIndex ? chunk.items.length : place.offset;
    const there = chunk.items[offset];
    if (there !== undefined && compareInSet(there, item) === 0) return false;
    chunk.items.splice(offset, 0, item);
    chunk.sum?.add(item.digest);
    this.#size++;
    if (chunk.items.length > maxChunkItems) this.#split(chunkIndex, chunk);
    return true;
  }

  /** False when it is not there. */
  remove(item: Versioned): boolean {
    const { chunk: chunkIndex, offset } = this.#find(item);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined || !this.has(item)) return false;
    chunk.items.splice(offset, 1);
    chunk.sum?.subtract(item.digest);
    this.#size--;
    this.#mend(chunkIndex, chunk);
    return true;
  }

  has(item: Versioned): boolean {
    const there = this.#itemAt(this.#find(item));
    return there !== undefined && compareInSet(there, item) === 0;
  }

  /** The item whose digest begins as the id's. */
  named(id: RecordId): T | undefined {
    const there = this.#itemAt(this.#find(id));
    const isNamed =
      there?.version === id.version && equalBytes(there.digest.subarray(0, id.digest.length), id.digest);
    return isNamed ? there : undefined;
  }

  /** Number and digests of what lies in the range. */
  sum(range: Range): DigestSum {
    return this.#sumBetween(this.#find(range.start), this.#end(range));
  }

  count(range: Range): number {
    return this.#countBetween(this.#find(range.start), this.#end(range));
  }

  /** What lies in the range, in order. The set must not change meanwhile. */
  *items(range: Range = wholeSet): IterableIterator<T> {
    let { chunk, offset } = this.#find(range.start);
    for (const end = this.#end(range); isBefore({ chunk, offset }, end); chunk++, offset = 0) {
      const { items = [] } = this.#chunks[chunk] ?? {};
      const until = chunk === end.chunk ? end.offset : items.length;
      for (; offset < until; offset++) yield items[offset] as T;
    }
  }

  /**
   * Cuts the range into so many parts of about equal counts, in order. Each begins at the bound of its first item, the
   * first one too; there are fewer when there are fewer items.
   */
  split(range: Range, parts: number): { readonly start: Bound; readonly sum: DigestSum }[] {
    const end = this.#end(range);
    let from = this.#find(range.start);
    const count = this.#countBetween(from, end);
    const wanted = Math.min(parts, count);
    const made: { start: Bound; sum: DigestSum }[] = [];
    for (let part = 0; part < wanted; part++) {
      const length = Math.floor(((part + 1) * count) / wanted) - Math.floor((part * count) / wanted);
      const to = this.#advance(from, length);
      made.push({ start: this.#boundAt(from), sum: this.#sumBetween(from, to) });
      from = to;
    }
    return made;
  }

  /** The first item that does not lie before the bound. */
  #find(bound: Bound): Position {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = chunks[middle]?.items.at(-1);
      if (last !== undefined && compareInSet(last, bound) < 0) low = middle + 1;
      else high = middle;
    }
    const items = chunks[low]?.items;
    if (items === undefined) return { chunk: low, offset: 0 };
    let from = 0;
    let to = items.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compareInSet(items[middle] as T, bound) < 0) from = middle + 1;
      else to = middle;
    }
    return { chunk: low, offset: from };
  }

  #end({ end }: Range): Position {
    return end === undefined ? { chunk: this.#chunks.length, offset: 0 } : this.#find(end);
  }

  #advance(from: Position, by: number): Position {
    let { chunk, offset } = from;
    let left = by;
    for (let items = this.#chunks[chunk]?.items; items !== undefined; items = this.#chunks[++chunk]?.items) {
      if (offset + left < items.length) return { chunk, offset: offset + left };
      left -= items.length - offset;
      offset = 0;
    }
    return { chunk, offset: 0 };
  }

  #itemAt({ chunk, offset }: Position): T | undefined {
    return this.#chunks[chunk]?.items[offset];
  }

  #boundAt({ chunk, offset }: Position): Bound {
    const item = this.#chunks[chunk]?.items[offset] as T;
    const before = this.#chunks[chunk]?.items[offset - 1] ?? this.#chunks[chunk - 1]?.items.at(-1);
    return before === undefined
      ? { version: item.version, digest: new Uint8Array(0) }
      : boundBetween(before, item);
  }

  #countBetween(start: Position, end: Position): number {
    if (!isBefore(start, end)) return 0;
    let count = end.offset - start.offset;
    for (let chunk = start.chunk; chunk < end.chunk; chunk++) count += this.#chunks[chunk]?.items.length ?? 0;
    return count;
  }

  #sumBetween(start: Position, end: Position): DigestSum {
    const sum = new DigestSum();
    for (let { chunk, offset } = start; isBefore({ chunk, offset }, end); chunk++, offset = 0) {
      const held = this.#chunks[chunk] as Chunk<T>;
      const until = chunk === end.chunk ? end.offset : held.items.length;
      if (offset === 0 && until === held.items.length) sum.addSum(sumOf(held));
      else for (; offset < until; offset++) sum.add((held.items[offset] as T).digest);
    }
    return sum;
  }

  /** Chunks that have become small are joined, or years of replaced records would leave one chunk for each that stayed. */
  #mend(index: number, chunk: Chunk<T>): void {
    const next = this.#chunks[index + 1];
    if (chunk.items.length === 0) this.#chunks.splice(index, 1);
    else if (next !== undefined && chunk.items.length + next.items.length <= maxChunkItems / 2) {
      chunk.items.push(...next.items);
      chunk.sum = undefined;
      this.#chunks.splice(index + 1, 1);
    }
  }

  #split(index: number, chunk: Chunk<T>): void {
    const later = chunk.items.splice(chunk.items.length >> 1);
    chunk.sum = undefined;
    this.#chunks.splice(index + 1, 0, { items: later, sum: undefined });
  }
}

function sumOf<T extends Versioned>(chunk: Chunk<T>): DigestSum {
  if (chunk.sum === undefined) {
    chunk.sum = new DigestSum();
    for (const item of chunk.items) chunk.sum.add(item.digest);
  }
  return chunk.sum;
}

function isBefore(a: Position, b: Position): boolean {
  return a.chunk < b.chunk || (a.chunk === b.chunk && a.offset < b.offset);
}
