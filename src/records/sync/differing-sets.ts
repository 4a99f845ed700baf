import { equalBytes } from "../../base/index.ts";
import type { RecordSet, RecordSets } from "./record-sets.ts";
import type { SetDigest } from "./sync-messages.ts";

/** The sets that both sides know and that are not equal. What only one side knows, it has from others of its version. */
export function differingSets(sets: RecordSets, asOfMs: number, digests: readonly SetDigest[]): RecordSet[] {
  const differing: RecordSet[] = [];
  for (const digest of digests) {
    const set = sets.get(digest);
    if (set === undefined || differing.includes(set)) continue;
    const own = set.index.sum(set.window(asOfMs));
    if (own.count === digest.count && equalBytes(own.fingerprint(), digest.fingerprint)) continue;
    differing.push(set);
  }
  return differing;
}
