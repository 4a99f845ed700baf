import assert from "node:assert/strict";
import fc from "fast-check";
import { equalBytes, fromHex, sha256, toHex } from "../../../src/base/index.ts";
import { portableBytes } from "../../../src/base/portable-bytes.ts";

describe("bytes in a browser", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });

  it("hash, print and read as they do in Node.js", () => {
    const anything = fc.oneof(bytes, fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(anything, bytes, (data, shown) => {
        assert.deepEqual(new Uint8Array(portableBytes.sha256(data)), new Uint8Array(sha256(data)));
        assert.equal(`0x${portableBytes.toDigits(shown)}`, toHex(shown));
        assert.deepEqual(portableBytes.fromDigits(toHex(shown).slice(2)), fromHex(toHex(shown)));
      }),
    );
  });

  it("are equal where they are in Node.js", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        assert.equal(portableBytes.equal(a, b), equalBytes(a, b));
        assert.ok(portableBytes.equal(a, Uint8Array.from(a)));
      }),
    );
  });
});
