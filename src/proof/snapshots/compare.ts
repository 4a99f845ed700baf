import { equalBytes } from "../../base/bytes.ts";
import { compareDigests, digestOf, leafBytes, type SnapshotLeaf } from "./leaves.ts";

/** What one indexer says about another's snapshot after it has looked at all of it. */
export interface Comparison {
  readonly verdict: "agree" | "differ";
  /** Articles that only one side has, or that the sides describe differently. */
  readonly differing: number;
  /** The first of them by digest. */
  readonly firstCids: readonly string[];
}

/** Enough to look into a difference; a snapshot that differs everywhere does not make a long message. */
const firstCidsKept = 10;

/** Compares two snapshots, each sorted as `sortedLeaves` does. */
export function compareLeaves(mine: readonly SnapshotLeaf[], theirs: readonly SnapshotLeaf[]): Comparison {
  const firstCids: string[] = [];
  let differing = 0;
  const differ = (leaf: SnapshotLeaf) => {
    differing += 1;
    if (firstCids.length < firstCidsKept) firstCids.push(leaf.cid);
  };
  for (let at = 0, other = 0; at < mine.length || other < theirs.length; ) {
    const [left, right] = [mine[at], theirs[other]];
    const order =
      left === undefined
        ? 1
        : right === undefined
          ? -1
          : compareDigests(digestOf(left.cid), digestOf(right.cid));
    if (order <= 0) at += 1;
    if (order >= 0) other += 1;
    if (order < 0 && left !== undefined) differ(left);
    else if (order > 0 && right !== undefined) differ(right);
    else if (left !== undefined && right !== undefined && !equalBytes(leafBytes(left), leafBytes(right)))
      differ(left);
  }
  return { verdict: differing === 0 ? "agree" : "differ", differing, firstCids };
}
