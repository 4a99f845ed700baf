import { decode, type PBNode } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import { checkCid, dagPbCodec, rawCodec, shortCid } from "./block.ts";
import { dagDepth, packageBytes, visitsPerPackage } from "./limits.ts";
import { decoded, refuse } from "./refusal.ts";
import { decodeUnixfs, type UnixfsNode, unixfsType } from "./unixfs-node.ts";

/** Blocks by CID in base32, each checked against its hash. */
export type BlockSource = (cid: string) => Uint8Array | undefined;

/** A directory that packages have: its name and whether files may be in it under `name`. */
export interface Layout {
  readonly isFile: (path: string) => boolean;
  readonly isFolder: (path: string) => boolean;
}

/**
 * The files below `root` by path, put together from their blocks. Steps, depth and bytes are counted on the way, so
 * that a few blocks that link to each other many times cost no more than an honest package.
 */
export function readTree(root: CID, blocks: BlockSource, layout: Layout): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let visits = 0;
  let bytesLeft = packageBytes;

  const load = (cid: CID, depth: number): Uint8Array => {
    checkCid(cid);
    if (depth > dagDepth) refuse("BLOCK_BOMB", `blocks are nested deeper than ${dagDepth}`);
    if (++visits > visitsPerPackage)
      refuse("BLOCK_BOMB", `more than ${visitsPerPackage} links lead to blocks`);
    return blocks(cid.toString()) ?? refuse("MISSING_BLOCK", `block ${shortCid(cid)} is not in the package`);
  };

  const readFolder = (cid: CID, prefix: string, depth: number): void => {
    const bytes = load(cid, depth);
    const { links, unixfs } = nodeOf(cid, bytes);
    if (unixfs.type !== unixfsType.directory)
      refuse("MALFORMED_DAG", `${prefix === "" ? "the root" : prefix} is no plain UnixFS directory`);
    const seen = new Set<string>();
    for (const link of links) {
      const name = link.Name ?? "";
      checkName(name);
      if (seen.has(name)) refuse("DUPLICATE_NAME", `two entries have the name ${name}`, name);
      seen.add(name);
      const path = `${prefix}${name}`;
      if (layout.isFolder(path)) readFolder(link.Hash, `${path}/`, depth + 1);
      else if (layout.isFile(path)) files.set(path, joined(chunksOf(link.Hash, path, depth + 1)));
      else refuse("UNKNOWN_FILE", `packages have no ${path}`, path);
    }
  };

  const chunksOf = (cid: CID, path: string, depth: number): Uint8Array[] => {
    const bytes = load(cid, depth);
    if (cid.code === rawCodec) return [counted(bytes)];
    const { links, unixfs } = nodeOf(cid, bytes);
    if (unixfs.type !== unixfsType.file && unixfs.type !== unixfsType.raw)
      refuse("MALFORMED_DAG", `${path} is no plain UnixFS file`, path);
    const chunks = unixfs.data.length > 0 ? [counted(unixfs.data)] : [];
    for (const [index, link] of links.entries()) {
      const below = chunksOf(link.Hash, path, depth + 1);
      if (unixfs.blockSizes[index] !== sizeOf(below))
        refuse("MALFORMED_DAG", `${path}: a chunk has another size than its node says`, path);
      for (const chunk of below) chunks.push(chunk);
    }
    if (unixfs.blockSizes.length !== links.length || (unixfs.fileSize ?? sizeOf(chunks)) !== sizeOf(chunks))
      refuse("MALFORMED_DAG", `${path} has another size than its node says`, path);
    return chunks;
  };

  const counted = (bytes: Uint8Array): Uint8Array => {
    bytesLeft -= bytes.length;
    if (bytesLeft < 0) refuse("OVER_LIMITS", `the files have more than ${packageBytes} bytes together`);
    return bytes;
  };

  readFolder(root, "", 0);
  return files;
}

function nodeOf(cid: CID, bytes: Uint8Array): { links: PBNode["Links"]; unixfs: UnixfsNode } {
  if (cid.code !== dagPbCodec) refuse("MALFORMED_DAG", `block ${shortCid(cid)} is no UnixFS node`);
  const node = decoded("MALFORMED_DAG", `block ${shortCid(cid)}`, () => decode(bytes));
  if (node.Data === undefined) refuse("MALFORMED_DAG", `block ${shortCid(cid)} has no UnixFS message`);
  return { links: node.Links, unixfs: decodeUnixfs(node.Data) };
}

/** Names that could lead out of a folder, or show as another name. */
function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (name === "" || name === "." || name === ".." || /[/\\\u0000-\u001f\u007f]|\p{Cf}/u.test(name))
    refuse("PATH_TRICK", `an entry's name is ${JSON.stringify(name.slice(0, 80))}`);
}

const sizeOf = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(sizeOf(chunks));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
