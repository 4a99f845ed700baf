import { randomBytes } from "node:crypto";
import { link, open, readFile, unlink } from "node:fs/promises";
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { Ed25519PrivateKey } from "@libp2p/interface";
import { CountersignError } from "../base/index.ts";

/** The node's identity on the mesh. Losing it costs a new peer id, never money: that is the wallet's. */
export type PeerKey = Ed25519PrivateKey;

export function createPeerKey(): Promise<PeerKey> {
  return generateKeyPair("Ed25519");
}

/**
 * Reads the peer key of a data folder, or makes one: the private key in libp2p's protobuf form, in base64, mode 0600.
 * @throws CountersignError CONFIG_INVALID when the file holds no Ed25519 key
 */
export async function loadOrCreatePeerKey(file: string): Promise<PeerKey> {
  const known = await readKey(file);
  if (known !== undefined) return known;
  const key = await createPeerKey();
  return (await writeKey(file, key)) ? key : ((await readKey(file)) ?? key);
}

async function readKey(file: string): Promise<PeerKey | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CountersignError("CONFIG_INVALID", `peer key ${file} cannot be read`, { file }, error);
  }
  try {
    const key = privateKeyFromProtobuf(Buffer.from(text.trim(), "base64"));
    if (key.type === "Ed25519") return key;
  } catch (error) {
    throw new CountersignError("CONFIG_INVALID", `peer key ${file} is damaged`, { file }, error);
  }
  throw new CountersignError("CONFIG_INVALID", `peer key ${file} is no Ed25519 key`, { file });
}

/** False when another process was first; its key counts. The file appears whole or not at all. */
async function writeKey(file: string, key: PeerKey): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(`${Buffer.from(privateKeyToProtobuf(key)).toString("base64")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link never replaces a key that is there.
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}
