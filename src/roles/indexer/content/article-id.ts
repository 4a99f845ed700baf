import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { fromHex, toHex } from "../../../base/index.ts";
import { dagPbCodec } from "./block.ts";

/** An article's two names: the CID of its package, and that CID's SHA-256, which contracts use. */
export interface ArticleId {
  /** CIDv1 in base32. */
  readonly cid: string;
  /** `0x` and 64 lower-case hex digits. */
  readonly digest: string;
}

const digestPattern = /^0x[0-9a-fA-F]{64}$/;
/** A CIDv1 with a 32-byte hash in the longest base that anyone writes, base2. */
const cidCharacters = 300;
const sha256Code = 0x12;

export function articleIdOfDigest(digest: Uint8Array): ArticleId {
  const cid = CID.createV1(dagPbCodec, createDigest(sha256Code, digest));
  return { cid: cid.toString(), digest: toHex(digest) };
}

/** The root of an article's package. */
export function rootOf({ digest }: ArticleId): CID {
  return CID.createV1(dagPbCodec, createDigest(sha256Code, fromHex(digest)));
}

/** Reads either name (reference, section 1.2). Undefined for anything that cannot name a package. */
export function parseArticleId(text: string): ArticleId | undefined {
  if (digestPattern.test(text)) return articleIdOfDigest(fromHex(text));
  if (text.length > cidCharacters) return undefined;
  const cid = parseCid(text);
  if (cid === undefined || cid.version !== 1 || cid.code !== dagPbCodec) return undefined;
  if (cid.multihash.code !== sha256Code || cid.multihash.digest.length !== 32) return undefined;
  return articleIdOfDigest(cid.multihash.digest);
}

function parseCid(text: string): CID | undefined {
  try {
    return CID.parse(text);
  } catch {
    // Not swallowed: undefined is the answer for text that is no CID.
    return undefined;
  }
}
