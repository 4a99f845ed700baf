import type { Versioned } from "../merge-rule.ts";
import { type Bound, compareInSet, idBytes, type Range, type RecordId } from "./range.ts";
import type { RangeIndex } from "./range-index.ts";

/** A share of a range, from where the one before it ends. */
export interface Part {
  /** Undefined in the last one: where the range ends. */
  readonly end: Bound | undefined;
  readonly count: number;
  readonly fingerprint: Uint8Array;
}

/** What one side says it has in a range: parts with their fingerprints, or the ids of everything. */
export type Contents = { readonly parts: readonly Part[] } | { readonly ids: readonly RecordId[] };

export interface Shape {
  /** Parts of a range at most. */
  readonly parts: number;
  /** A range with no more items is listed. */
  readonly listed: number;
}

/**
 * A part costs about as many bytes as an id, so both numbers are small: where differences are few and far between, each
 * costs a handful of parts a level and one short list.
 */
export const defaultShape: Shape = { parts: 16, listed: 12 };
/** Parts of the last level keep this many items, half of what is listed. */
const itemsPerPart = 6;

/** The answer to "what have you there?". It depends on nothing but the set and the range. */
export function contentsOf(index: RangeIndex, range: Range, shape: Shape = defaultShape): Contents {
  const count = index.count(range);
  if (count <= shape.listed) return { ids: [...index.items(range)].map(idOf) };
  const split = index.split(range, Math.max(2, Math.min(shape.parts, Math.ceil(count / itemsPerPart))));
  const parts: Part[] = split.map(({ sum }, place) => ({
    end: split[place + 1]?.start,
    count: sum.count,
    fingerprint: sum.fingerprint(),
  }));
  // What lies before the first item is said to be empty, so that the asker knows it without another question.
  const first = split[0]?.start;
  if (first !== undefined && compareInSet(range.start, first) < 0) {
    const sum = index.sum({ start: range.start, end: first });
    parts.unshift({ end: first, count: sum.count, fingerprint: sum.fingerprint() });
  }
  return { parts };
}

export function idOf({ version, digest }: Versioned): RecordId {
  return { version, digest: digest.subarray(0, idBytes) };
}
