import type { Versioned } from "../merge-rule.ts";

// A set is ordered by (version, digest). A bound is a place in that order, with as many bytes of a digest as it takes
// to tell two neighbours apart; it orders against items as an item whose digest ends there.

export type Bound = Versioned;

/** From `start` to before `end`; undefined reaches to the end of the set. */
export interface Range {
  readonly start: Bound;
  readonly end: Bound | undefined;
}

/** Bytes of a digest that name a record: finding two records of one version that share them takes 2^64 attempts. */
export const idBytes = 16;
/** Names a record in its set. */
export type RecordId = Versioned;

const noBytes = new Uint8Array(0);

export function boundAtVersion(version: number): Bound {
  return { version, digest: noBytes };
}

export const wholeSet: Range = { start: boundAtVersion(0), end: undefined };

/** Negative when `a` comes first. */
export function compareInSet(a: Versioned, b: Versioned): number {
  return a.version - b.version || Buffer.compare(a.digest, b.digest);
}

export function isEmptyRange({ start, end }: Range): boolean {
  return end !== undefined && compareInSet(start, end) >= 0;
}

/** What lies in both ranges. */
export function intersection(a: Range, b: Range): Range {
  const start = compareInSet(a.start, b.start) < 0 ? b.start : a.start;
  if (a.end === undefined || b.end === undefined) return { start, end: a.end ?? b.end };
  return { start, end: compareInSet(a.end, b.end) < 0 ? a.end : b.end };
}

/** The shortest bound that lies after `before` and not after `item`, which come in this order. */
export function boundBetween(before: Versioned, item: Versioned): Bound {
  if (before.version !== item.version) return boundAtVersion(item.version);
  let shared = 0;
  while (shared < item.digest.length && before.digest[shared] === item.digest[shared]) shared++;
  return { version: item.version, digest: item.digest.subarray(0, shared + 1) };
}
