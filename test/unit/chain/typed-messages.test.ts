import assert from "node:assert/strict";
import { TypedDataEncoder, verifyMessage, verifyTypedData, Wallet } from "ethers";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/base/index.ts";
import {
  createLocalSigner,
  domainName,
  domainVersion,
  recoverHashSigner,
  recoverSigner,
  type TypedName,
  type TypedValue,
  typedFields,
  typedMessage,
} from "../../../src/chain/index.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const values = {
  string: fc.string({ unit: "grapheme" }),
  address: bytes(20).map(toHex),
  uint256: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  bytes32: bytes(32),
};

describe("typed messages", () => {
  for (const [name, fields] of Object.entries(typedFields)) {
    it(`hash ${name} as ethers does`, () => {
      const value = fc.record(Object.fromEntries(fields.map((field) => [field.name, values[field.type]])));
      const domain = fc.record({
        chainId: fc.integer({ min: 0, max: 2 ** 31 }),
        verifyingContract: values.address,
      });
      fc.assert(
        fc.property(domain, value, (chosenDomain, chosen) => {
          const ours = typedMessage(chosenDomain, name as TypedName, chosen as Record<string, TypedValue>);
          const full = { name: domainName, version: domainVersion, ...chosenDomain };
          assert.equal(toHex(ours.digest), TypedDataEncoder.hash(full, { [name]: [...fields] }, chosen));
        }),
        { numRuns: 30 },
      );
    });
  }
});

describe("a local wallet", () => {
  const key = fromHex(`0x${"11".repeat(32)}`);
  const signer = createLocalSigner(key);
  const domain = { chainId: 31337, verifyingContract: `0x${"22".repeat(20)}` };
  const refusal = { requestId: "r", round: "preprocessing", reason: "EXPIRED" };

  it("has the address and signs as ethers does", async () => {
    assert.equal(signer.address, new Wallet(toHex(key)).address.toLowerCase());
    const message = typedMessage(domain, "Refusal", refusal);
    const signature = await signer.signTyped(message);
    const full = { name: domainName, version: domainVersion, ...domain };
    const types = { Refusal: [...typedFields.Refusal] };
    assert.equal(verifyTypedData(full, types, refusal, toHex(signature)).toLowerCase(), signer.address);
    assert.equal(recoverSigner(message.digest, signature), signer.address);
    const hash = new Uint8Array(32).fill(7);
    const personal = await signer.signHash(hash);
    assert.equal(verifyMessage(hash, toHex(personal)).toLowerCase(), signer.address);
    assert.equal(recoverHashSigner(hash, personal), signer.address);
  });

  it("does not accept the malleable twin of a signature, nor anything malformed", async () => {
    const message = typedMessage(domain, "Refusal", refusal);
    const signature = await signer.signTyped(message);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const twin = new Uint8Array(signature);
    const highS = order - BigInt(toHex(signature.subarray(32, 64)));
    twin.set(fromHex(highS.toString(16).padStart(64, "0")), 32);
    twin[64] = (signature[64] ?? 0) === 27 ? 28 : 27;
    assert.equal(recoverSigner(message.digest, twin), undefined);
    assert.equal(recoverSigner(message.digest, signature.subarray(0, 64)), undefined);
    assert.equal(recoverSigner(message.digest, new Uint8Array(65)), undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (garbage) => {
        assert.notEqual(recoverSigner(message.digest, garbage), signer.address);
      }),
    );
  });
});
