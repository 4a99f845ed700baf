import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { equalBytes, sha256 } from "../../../base/index.ts";
import { blockBytes } from "./limits.ts";
import { refuse } from "./refusal.ts";

/** One piece of content, named by the hash of its bytes. */
export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

// Multicodec numbers, https://github.com/multiformats/multicodec/blob/master/table.csv
export const rawCodec = 0x55;
export const dagPbCodec = 0x70;
const sha256Code = 0x12;
const identityCode = 0x00;

export function blockOf(codec: number, bytes: Uint8Array): Block {
  return { cid: CID.createV1(codec, createDigest(sha256Code, sha256(bytes))), bytes };
}

/** Refuses every CID but version 1 with SHA-256 over raw bytes or a UnixFS node. */
export function checkCid(cid: CID): void {
  if (cid.multihash.code === identityCode)
    refuse("CID_NOT_ALLOWED", "a CID holds its content instead of its hash; packages use SHA-256");
  if (cid.version !== 1 || cid.multihash.code !== sha256Code || cid.multihash.digest.length !== 32)
    refuse("CID_NOT_ALLOWED", `CID ${shortCid(cid)}: packages use CIDv1 with SHA-256`);
  if (cid.code !== rawCodec && cid.code !== dagPbCodec)
    refuse("CID_NOT_ALLOWED", `CID ${shortCid(cid)}: codec ${cid.code}; packages use raw and dag-pb`);
}

/** Refuses a block that is too large or whose bytes are not what its CID says. */
export function checkBlock({ cid, bytes }: Block): void {
  checkCid(cid);
  if (bytes.length > blockBytes)
    refuse(
      "OVER_LIMITS",
      `block ${shortCid(cid)} has ${bytes.length} bytes, at most ${blockBytes} are allowed`,
    );
  if (!equalBytes(cid.multihash.digest, sha256(bytes)))
    refuse("BAD_HASH", `block ${shortCid(cid)}: its bytes have another SHA-256`);
}

const shownCidCharacters = 64;

export function shortCid(cid: CID): string {
  const text = cid.toString();
  return text.length > shownCidCharacters ? `${text.slice(0, shownCidCharacters)}…` : text;
}
