import { readFileSync } from "node:fs";
import { CountersignError, messageOf } from "../base/index.ts";
import { decryptKeystore, parseKeystore } from "./keystore-cipher.ts";

export const passphraseVariable = "COUNTERSIGN_PASSPHRASE";

export function passphraseFor(file: string | undefined, environment: NodeJS.ProcessEnv): string {
  if (file === undefined) {
    const passphrase = environment[passphraseVariable];
    if (passphrase !== undefined) return passphrase;
    throw new CountersignError(
      "CONFIG_INVALID",
      `the wallet's passphrase is missing: set ${passphraseVariable} or the key wallet.passphrase_file`,
    );
  }
  try {
    return readFileSync(file, "utf8").split("\n")[0] ?? "";
  } catch (error) {
    throw new CountersignError(
      "CONFIG_INVALID",
      `wallet.passphrase_file: cannot read ${file}: ${messageOf(error)}`,
    );
  }
}

/** Decrypts a JSON keystore (Web3 Secret Storage, version 3). */
export async function readKeystore(file: string, passphrase: string): Promise<Uint8Array> {
  let json: string;
  try {
    json = readFileSync(file, "utf8");
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "there is no such file; `countersign init` makes one"
        : messageOf(error);
    throw new CountersignError("CONFIG_INVALID", `wallet.keystore: cannot read ${file}: ${reason}`);
  }
  const keystore = parseKeystore(json);
  if (keystore === undefined)
    throw new CountersignError("CONFIG_INVALID", `wallet.keystore: ${file} is no JSON keystore`);
  let key: Uint8Array | undefined;
  try {
    key = await decryptKeystore(keystore, passphrase);
  } catch (error) {
    throw new CountersignError("CONFIG_INVALID", `wallet.keystore: cannot open ${file}: ${messageOf(error)}`);
  }
  if (key === undefined)
    throw new CountersignError(
      "CONFIG_INVALID",
      `wallet.keystore: cannot open ${file}: the passphrase is wrong`,
    );
  return key;
}

/** Encrypts a key as `readKeystore` reads it. */
export async function sealKeystore(privateKey: Uint8Array, passphrase: string): Promise<string> {
  // ethers is heavy and needed here only.
  const { encryptKeystoreJson, Wallet } = await import("ethers/wallet");
  const { address, privateKey: hex } = new Wallet(`0x${Buffer.from(privateKey).toString("hex")}`);
  return encryptKeystoreJson({ address, privateKey: hex }, passphrase);
}
