import { readFile } from "node:fs/promises";
import { CountersignError, fromHex, messageOf } from "../base/index.ts";

/** A client's key: from a JSON keystore, or from a devnet's file that holds a key in the clear. */
export async function openClientWallet(
  file: string,
  passphraseFile: string | undefined,
): Promise<Uint8Array> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new CountersignError("CONFIG_INVALID", `--wallet: cannot read ${file}: ${messageOf(error)}`);
  }
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return fromHex(text);
  const { passphraseFor, readKeystore } = await import("../node/index.ts");
  return readKeystore(file, passphraseFor(passphraseFile, process.env));
}
