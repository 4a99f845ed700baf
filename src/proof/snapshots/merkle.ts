import { equalBytes, sha256 } from "../../base/bytes.ts";

// The Merkle tree of RFC 6962, section 2.1: leaves and nodes hash differently, and an odd leaf is never doubled, so that no
// two lists have one root.

const leafPrefix = 0x00;
const nodePrefix = 0x01;
const hashBytes = 32;

export function leafHash(leaf: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + leaf.length);
  bytes[0] = leafPrefix;
  bytes.set(leaf, 1);
  return sha256(bytes);
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * hashBytes);
  bytes[0] = nodePrefix;
  bytes.set(left, 1);
  bytes.set(right, 1 + hashBytes);
  return sha256(bytes);
}

/**
 * Every level of the tree, leaves first. Joining neighbours level by level and carrying the odd one up gives the same
 * tree as the RFC's split at the largest power of two.
 */
function levelsOf(leafHashes: readonly Uint8Array[]): Uint8Array[][] {
  const levels = [[...leafHashes]];
  for (let level = levels[0] ?? []; level.length > 1; ) {
    const above: Uint8Array[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = level.slice(index, index + 2);
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

/** The root of the leaves in their order; that of no leaves is the SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return levelsOf(leaves.map(leafHash)).at(-1)?.[0] ?? sha256(new Uint8Array());
}

/** What proves that the leaf at `index` is in the tree: the neighbours on the way to the root, lowest first. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`leaf ${index} of ${leaves.length} does not exist`);
  const proof: Uint8Array[] = [];
  let at = index;
  for (const level of levelsOf(leaves.map(leafHash))) {
    const neighbour = level[at % 2 === 0 ? at + 1 : at - 1];
    if (neighbour !== undefined) proof.push(neighbour);
    at = Math.floor(at / 2);
  }
  return proof;
}

/** True when `leaf` is number `index` of the `count` leaves under `root` (RFC 9162, section 2.1.3.2). */
export function provesInclusion(
  root: Uint8Array,
  count: number,
  index: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(index) || index < 0 || index >= count)
    return false;
  let hash = leafHash(leaf);
  let at = index;
  let used = 0;
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    const isLast = at === width - 1;
    if (at % 2 === 1 || !isLast) {
      const neighbour = proof[used++];
      if (neighbour?.length !== hashBytes) return false;
      hash = at % 2 === 1 ? nodeHash(neighbour, hash) : nodeHash(hash, neighbour);
    }
    at = Math.floor(at / 2);
  }
  return used === proof.length && equalBytes(hash, root);
}
