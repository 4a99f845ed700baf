import { encode, prepare } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import { type Block, blockOf, dagPbCodec, rawCodec } from "./block.ts";
import { encodeUnixfs, unixfsType } from "./unixfs-node.ts";

// The same files always give the same CID: chunks of 1 MiB as raw leaves, one level above them, links in the order of
// their names' bytes. `ipfs add -r --cid-version=1 --chunker=size-1048576` and ipfs-unixfs-importer build the same.

/** Four of them are more than a package may hold, so that one level of links is enough. */
const chunkBytes = 1024 * 1024;

interface Entry {
  readonly cid: CID;
  /** Bytes of the entry's blocks, what dag-pb calls Tsize. */
  readonly treeBytes: number;
  readonly blocks: readonly Block[];
}

export interface Tree {
  readonly root: CID;
  /** The root first, every block once. */
  readonly blocks: readonly Block[];
}

/** Files by path; one `/` in a path makes a directory. The caller has checked names and sizes. */
export function buildTree(files: ReadonlyMap<string, Uint8Array>): Tree {
  const entries = new Map<string, Entry>();
  const folders = new Map<string, Map<string, Entry>>();
  for (const [path, bytes] of files) {
    const [folder = "", name] = path.split("/");
    if (name === undefined) {
      entries.set(path, fileOf(bytes));
      continue;
    }
    const inside = folders.get(folder) ?? new Map<string, Entry>();
    folders.set(folder, inside.set(name, fileOf(bytes)));
  }
  for (const [folder, inside] of folders) entries.set(folder, directoryOf(inside));
  const root = directoryOf(entries);
  const unique = new Map(root.blocks.map((block) => [block.cid.toString(), block]));
  return { root: root.cid, blocks: [...unique.values()] };
}

function fileOf(bytes: Uint8Array): Entry {
  const leaves: Block[] = [];
  for (let at = 0; at < Math.max(bytes.length, 1); at += chunkBytes)
    leaves.push(blockOf(rawCodec, bytes.subarray(at, at + chunkBytes)));
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1)
    return { cid: only.cid, treeBytes: only.bytes.length, blocks: leaves };
  const blockSizes = leaves.map((leaf) => leaf.bytes.length);
  const node = nodeOf(
    encodeUnixfs({ type: unixfsType.file, fileSize: bytes.length, blockSizes }),
    leaves.map((leaf) => ({ Name: "", Hash: leaf.cid, Tsize: leaf.bytes.length })),
  );
  return { cid: node.cid, treeBytes: node.bytes.length + bytes.length, blocks: [node, ...leaves] };
}

function directoryOf(entries: ReadonlyMap<string, Entry>): Entry {
  // dag-pb sorts links by their names' bytes when it prepares a node.
  const links = [...entries].map(([name, { cid, treeBytes }]) => ({
    Name: name,
    Hash: cid,
    Tsize: treeBytes,
  }));
  const node = nodeOf(encodeUnixfs({ type: unixfsType.directory }), links);
  const inside = [...entries.values()];
  return {
    cid: node.cid,
    treeBytes: inside.reduce((sum, entry) => sum + entry.treeBytes, node.bytes.length),
    blocks: [node, ...inside.flatMap((entry) => entry.blocks)],
  };
}

const nodeOf = (data: Uint8Array, links: { Name: string; Hash: CID; Tsize: number }[]): Block =>
  blockOf(dagPbCodec, encode(prepare({ Data: data, Links: links })));
