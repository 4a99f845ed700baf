import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptKeystoreJsonSync, Wallet } from "ethers/wallet";
import { readKeystore } from "../../../src/node/keystore.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const passphrase = "Grüße, ﬁsh";

/** The example of the format's own description: PBKDF2, passphrase "testpassword". */
const pbkdf2Example = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

describe("a wallet's keystore", () => {
  let folder: ReturnType<typeof tempFolder>;
  let key: Uint8Array;
  let json: string;

  beforeEach(() => {
    folder = tempFolder();
    key = new Uint8Array(randomBytes(32));
    const { address, privateKey } = new Wallet(`0x${Buffer.from(key).toString("hex")}`);
    json = encryptKeystoreJsonSync({ address, privateKey }, passphrase, { scrypt: { N: 1024 } });
  });
  afterEach(() => folder.remove());

  const file = (text: string): string => {
    const path = join(folder.path, "wallet.json");
    writeFileSync(path, text);
    return path;
  };

  it("opens as ethers wrote it, whatever letters the passphrase has", async () => {
    assert.deepEqual(await readKeystore(file(json), passphrase), key);
  });

  it("opens as the format's description has it", async () => {
    const opened = await readKeystore(file(JSON.stringify(pbkdf2Example)), "testpassword");
    assert.equal(
      Buffer.from(opened).toString("hex"),
      "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d",
    );
  });

  it("says that a passphrase is wrong", async () => {
    await assert.rejects(readKeystore(file(json), "other"), {
      code: "CONFIG_INVALID",
      message: /the passphrase is wrong$/,
    });
  });

  it("says that a file is no keystore", async () => {
    await assert.rejects(readKeystore(file('{"version":3}'), passphrase), {
      message: /is no JSON keystore$/,
    });
    await assert.rejects(readKeystore(file("null"), passphrase), { message: /is no JSON keystore$/ });
  });

  it("refuses one that asks for more memory than a wallet needs", async () => {
    const greedy = JSON.parse(json);
    (greedy.Crypto ?? greedy.crypto).kdfparams.n = 2 ** 30;
    await assert.rejects(readKeystore(file(JSON.stringify(greedy)), passphrase), { message: /cannot open/ });
  });
});
