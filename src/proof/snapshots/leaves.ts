import { CID } from "multiformats/cid";
import { canonicalJson, utf8 } from "../../base/bytes.ts";

/** What a snapshot says about one article. */
export interface SnapshotLeaf {
  readonly cid: string;
  /** `0x` and 40 lower-case hex digits. */
  readonly author: string;
  readonly lang: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Whole tokens. */
  readonly scoreNet: number;
  readonly status: "normal" | "under_dispute" | "action_taken";
}

/** The bytes that the tree holds: RFC 8785 JSON of these six fields and no others. */
export function leafBytes({ cid, author, lang, createdAt, scoreNet, status }: SnapshotLeaf): Uint8Array {
  return utf8(canonicalJson({ cid, author, lang, createdAt, scoreNet, status }));
}

/** The order of two digests' bytes. */
export function compareDigests(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}

/** The 32 bytes by which leaves are sorted, and which contracts know the article by. */
export function digestOf(cid: string): Uint8Array {
  return CID.parse(cid).multihash.digest;
}

/** In the order of the tree. Throws where an article is named twice: that is no set. */
export function sortedLeaves(leaves: Iterable<SnapshotLeaf>): SnapshotLeaf[] {
  const keyed = [...leaves].map((leaf) => ({ leaf, digest: digestOf(leaf.cid) }));
  keyed.sort((a, b) => compareDigests(a.digest, b.digest));
  for (const [index, { leaf }] of keyed.entries())
    if (index > 0 && keyed[index - 1]?.leaf.cid === leaf.cid) throw new Error(`${leaf.cid} is there twice`);
  return keyed.map(({ leaf }) => leaf);
}
