import * as CarBufferWriter from "@ipld/car/buffer-writer";
import { CarBlockIterator } from "@ipld/car/iterator";
import * as dagCbor from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { equalBytes, sha256, toHex } from "../../base/bytes.ts";
import { leafBytes, type SnapshotLeaf, sortedLeaves } from "./leaves.ts";
import { merkleRoot } from "./merkle.ts";

// A bundle is a snapshot's leaves as CAR: chunks of leaves, and a root that links them. Its CID names all of it.

/** A chunk stays far below the 1 MiB that every IPFS node takes as a block. */
const leavesPerChunk = 1_000;
const chunkBytes = 1024 * 1024;
/** Four million articles in one language; the CAR of as many has about a gigabyte. */
const chunksPerBundle = 4_000;
const sha256Code = 0x12;

export interface Bundle {
  /** CIDv1 of the bundle's root block. */
  readonly cid: string;
  readonly root: Uint8Array;
  readonly count: number;
  readonly car: Uint8Array;
}

export type ReadBundle =
  | { readonly ok: true; readonly leaves: readonly SnapshotLeaf[]; readonly root: Uint8Array }
  | { readonly ok: false; readonly reason: string };

const blockOf = (value: unknown) => {
  const bytes = dagCbor.encode(value);
  return { bytes, cid: CID.createV1(dagCbor.code, createDigest(sha256Code, sha256(bytes))) };
};

/** The same leaves always give the same bundle, in whatever order they come. */
export function buildBundle(lang: string, leaves: Iterable<SnapshotLeaf>): Bundle {
  const sorted = sortedLeaves(leaves);
  const root = merkleRoot(sorted.map(leafBytes));
  const chunks = [];
  for (let at = 0; at < sorted.length; at += leavesPerChunk)
    chunks.push(blockOf(sorted.slice(at, at + leavesPerChunk).map(plainLeaf)));
  const head = blockOf({
    version: 1,
    lang,
    count: sorted.length,
    root,
    chunks: chunks.map(({ cid }) => cid),
  });
  const blocks = [head, ...chunks];
  const size = blocks.reduce(
    (sum, block) => sum + CarBufferWriter.blockLength(block),
    CarBufferWriter.headerLength({ roots: [head.cid] }),
  );
  const writer = CarBufferWriter.createWriter(new ArrayBuffer(size), { roots: [head.cid] });
  for (const block of blocks) writer.write(block);
  return { cid: head.cid.toString(), root, count: sorted.length, car: writer.close() };
}

const plainLeaf = ({ cid, author, lang, createdAt, scoreNet, status }: SnapshotLeaf): SnapshotLeaf => ({
  cid,
  author,
  lang,
  createdAt,
  scoreNet,
  status,
});

/**
 * Reads the bundle that `cid` names and recomputes its root. Every block is hashed; a bundle out of order, with an article
 * twice, with other fields or another root than it says is not read, and the reason is told.
 */
export async function readBundle(cid: string, car: Uint8Array): Promise<ReadBundle> {
  try {
    const blocks = await blocksOf(car);
    const head = headOf(load(blocks, cid));
    const leaves: SnapshotLeaf[] = [];
    for (const chunk of head.chunks) leaves.push(...leavesOf(load(blocks, chunk.toString())));
    const sorted = sortedLeaves(leaves);
    if (leaves.some((leaf, index) => leaf.cid !== sorted[index]?.cid))
      throw new Unreadable("leaves are not sorted");
    const root = merkleRoot(leaves.map(leafBytes));
    if (leaves.length !== head.count)
      throw new Unreadable(`it says ${head.count} articles and holds ${leaves.length}`);
    if (!equalBytes(root, head.root)) throw new Unreadable(`its leaves have the root ${toHex(root)}`);
    return { ok: true, leaves, root };
  } catch (error) {
    // Foreign bytes: whatever a decoder throws is a reason not to read them.
    return { ok: false, reason: error instanceof Error ? error.message.slice(0, 200) : "not readable" };
  }
}

class Unreadable extends Error {}

async function blocksOf(car: Uint8Array): Promise<Map<string, Uint8Array>> {
  const blocks = new Map<string, Uint8Array>();
  let count = 0;
  for await (const { cid, bytes } of await CarBlockIterator.fromBytes(car)) {
    if (++count > chunksPerBundle + 1) throw new Unreadable(`more than ${chunksPerBundle} chunks`);
    if (bytes.length > chunkBytes) throw new Unreadable("a block is larger than 1 MiB");
    if (cid.multihash.code !== sha256Code || !equalBytes(cid.multihash.digest, sha256(bytes)))
      throw new Unreadable(`block ${cid.toString().slice(0, 64)} has another SHA-256`);
    blocks.set(cid.toString(), bytes);
  }
  return blocks;
}

function load(blocks: ReadonlyMap<string, Uint8Array>, cid: string): unknown {
  const bytes = blocks.get(cid);
  if (bytes === undefined) throw new Unreadable(`block ${cid.slice(0, 64)} is missing`);
  return dagCbor.decode(bytes);
}

function headOf(value: unknown): { count: number; root: Uint8Array; chunks: readonly CID[] } {
  const { version, count, root, chunks } = Object(value);
  const isHead =
    version === 1 &&
    Number.isSafeInteger(count) &&
    root instanceof Uint8Array &&
    Array.isArray(chunks) &&
    chunks.length <= chunksPerBundle &&
    chunks.every((chunk) => CID.asCID(chunk) !== null);
  if (!isHead) throw new Unreadable("its root block is no bundle of version 1");
  return { count, root, chunks };
}

const leafFields = "author,cid,createdAt,lang,scoreNet,status";
const statuses = new Set(["normal", "under_dispute", "action_taken"]);

function leavesOf(value: unknown): SnapshotLeaf[] {
  if (!Array.isArray(value) || value.length > leavesPerChunk)
    throw new Unreadable("a chunk is no list of leaves");
  for (const leaf of value) {
    const { cid, author, lang, createdAt, scoreNet, status } = Object(leaf);
    const isLeaf =
      Object.keys(Object(leaf)).sort().join() === leafFields &&
      [cid, author, lang].every((text) => typeof text === "string") &&
      Number.isSafeInteger(createdAt) &&
      Number.isSafeInteger(scoreNet) &&
      statuses.has(status);
    if (!isLeaf) throw new Unreadable("a leaf has other fields than leaves have");
  }
  return value;
}
