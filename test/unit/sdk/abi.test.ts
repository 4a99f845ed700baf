import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../../src/base/index.ts";
import { loadAbis } from "../../../src/chain/abis.ts";
import { type AbiValue, bytes, encodeCall, escrowTopics, selectors, text } from "../../../src/sdk/abi.ts";

const hexOf = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map(toHex);
const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const terms = fc.tuple(
  fc.string({ unit: "binary", maxLength: 80 }),
  hexOf(20),
  hexOf(20),
  fc.string({ maxLength: 80 }),
  hexOf(20),
  uint(256),
  uint(256),
  uint(256),
  uint(256),
  uint(64),
);
const tupleOf = ([id, client, gateway, node, ...rest]: (string | bigint)[]): AbiValue => ({
  tuple: [text(String(id)), client ?? "", gateway ?? "", text(String(node)), ...rest],
});

describe("contract calls of the SDK", () => {
  it("are the bytes that ethers makes", async () => {
    const { token, registry, payment } = await loadAbis();
    const signatures = fc.array(hexOf(65), { maxLength: 5 });
    const permit = fc.tuple(uint(256), fc.constantFrom(27n, 28n), hexOf(32), hexOf(32));
    fc.assert(
      fc.property(terms, signatures, permit, (values, signed, permitted) => {
        const call = [tupleOf(values), { list: signed.map(bytes) }];
        assert.equal(
          encodeCall("initiateInferenceRequest", call),
          payment.encodeFunctionData("initiateInferenceRequest", [values, signed]),
        );
        assert.equal(
          encodeCall("initiateWithPermit", [...call, ...permitted]),
          payment.encodeFunctionData("initiateWithPermit", [values, signed, ...permitted]),
        );
        const [, owner, spender, , , wei] = values;
        assert.equal(encodeCall("approve", [owner, wei]), token.encodeFunctionData("approve", [owner, wei]));
        assert.equal(
          encodeCall("allowance", [owner, spender]),
          token.encodeFunctionData("allowance", [owner, spender]),
        );
      }),
      { numRuns: 50 },
    );
    for (const [name, selector] of Object.entries(selectors)) {
      const found = [token, registry, payment].map((abi) => abi.getFunction(name)?.selector).filter(Boolean);
      assert.ok(found.includes(selector), name);
    }
    for (const [name, topic] of Object.entries(escrowTopics))
      assert.equal(payment.getEvent(name)?.topicHash, topic);
  });

  it("refuse a number that fits no word", () => {
    assert.throws(() => encodeCall("approve", ["0x00", 2n ** 256n]), RangeError);
    assert.throws(() => encodeCall("approve", ["0x00", -1n]), RangeError);
  });
});
