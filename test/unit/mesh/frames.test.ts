import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeFrame, FrameDecoder, FrameError } from "../../../src/mesh/frames.ts";

/** Everything the decoder gives for the bytes, cut into pieces at the given places. */
function decodeInPieces(bytes: Uint8Array, sizes: readonly number[], maxBytes: number): Uint8Array[] {
  const decoder = new FrameDecoder(maxBytes);
  const frames: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[turn % sizes.length] ?? 1);
    decoder.push(bytes.subarray(at, at + size));
    at += size;
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  }
  assert.equal(decoder.isPartial, false);
  return frames;
}

describe("frames", () => {
  it("come out as they went in, wherever the stream is cut", () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 10 });
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 });
    fc.assert(
      fc.property(payloads, sizes, (frames, pieces) => {
        const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame)));
        const decoded = decodeInPieces(bytes, pieces, 400);
        assert.deepEqual(
          decoded.map((frame) => [...frame]),
          frames.map((frame) => [...frame]),
        );
      }),
    );
  });

  it("over the bound are refused from their length alone", () => {
    const decoder = new FrameDecoder(100);
    decoder.push(encodeFrame(new Uint8Array(101)).subarray(0, 1));
    assert.throws(() => decoder.next(), FrameError);
  });

  it("with a length that never ends or wastes bytes are refused", () => {
    for (const bytes of [
      [0x80, 0x80, 0x80, 0x80, 0x80],
      [0x81, 0x00],
    ]) {
      const decoder = new FrameDecoder(1_000_000);
      decoder.push(Uint8Array.from(bytes));
      assert.throws(() => decoder.next(), FrameError);
    }
  });

  it("of garbage end in frames or in a FrameError, never past the bound", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const decoder = new FrameDecoder(64);
        decoder.push(bytes);
        try {
          for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
            assert.ok(frame.length <= 64);
          }
        } catch (error) {
          assert.ok(error instanceof FrameError);
        }
      }),
    );
  });

  it("half arrived are known to be half", () => {
    const decoder = new FrameDecoder(100);
    decoder.push(encodeFrame(new Uint8Array(10)).subarray(0, 5));
    assert.equal(decoder.next(), undefined);
    assert.equal(decoder.isPartial, true);
  });
});
