import assert from "node:assert/strict";
import fc from "fast-check";
import { imageHeader } from "../../../src/roles/indexer/content/image-size.ts";
import { pngOf } from "../../support/articles.ts";

const bytesOf = (...parts: (string | readonly number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : part)),
  );

const samples: [string, Uint8Array, string, number, number][] = [
  ["PNG", pngOf(2560, 7), "image/png", 2560, 7],
  ["GIF", bytesOf("GIF89a", [0x2c, 1, 0x10, 0]), "image/gif", 300, 16],
  [
    "JPEG with an APP0 segment, fill bytes and a progressive frame",
    bytesOf([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 17, 8, 0, 20, 1, 0]),
    "image/jpeg",
    256,
    20,
  ],
  [
    "lossy WebP",
    bytesOf("RIFF", [0, 0, 0, 0], "WEBPVP8 ", [0, 0, 0, 0, 0, 0, 0], "\x9d\x01\x2a", [0x80, 2, 0xe0, 1]),
    "image/webp",
    640,
    480,
  ],
  [
    "lossless WebP",
    bytesOf("RIFF", [0, 0, 0, 0], "WEBPVP8L", [0, 0, 0, 0, 0x2f, 0x09, 0xc0, 0x04, 0]),
    "image/webp",
    10,
    20,
  ],
  [
    "extended WebP",
    bytesOf("RIFF", [0, 0, 0, 0], "WEBPVP8X", [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 9, 0, 0x01, 0, 0]),
    "image/webp",
    2560,
    2,
  ],
];

describe("an image's header", () => {
  for (const [what, bytes, mime, width, height] of samples) {
    it(`tells the size of ${what}, and nothing when it ends early`, () => {
      assert.deepEqual(imageHeader(bytes), { mime, width, height });
      for (let length = 0; length < 10; length++)
        assert.equal(imageHeader(bytes.subarray(0, length)), undefined);
    });
  }

  it("is no header where a side has no pixels, or pixels come before a frame", () => {
    assert.equal(imageHeader(pngOf(0, 5)), undefined);
    assert.equal(imageHeader(bytesOf([0xff, 0xd8, 0xff, 0xda, 0, 8], "pixels and more")), undefined);
  });

  it("is read or not, whatever bytes follow a magic number", () => {
    const start = fc.constantFrom(...samples.map(([, bytes]) => bytes.subarray(0, 12)));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 64 }), (magic, rest) => {
        const header = imageHeader(Uint8Array.of(...magic, ...rest));
        assert.ok(header === undefined || (header.width > 0 && header.height > 0));
      }),
    );
  });
});
