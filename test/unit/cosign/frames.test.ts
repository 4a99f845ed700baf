import assert from "node:assert/strict";
import fc from "fast-check";
import { genesisSchema, toHex } from "../../../src/base/index.ts";
import {
  decodeFrame,
  decodeRequests,
  decodeVerdicts,
  encodeFrames,
  encodeRequest,
  encodeTopicMessages,
  encodeVerdict,
  maxBundleItems,
  maxFrameBytes,
  maxTopicMessageBytes,
} from "../../../src/cosign/frames.ts";
import { readProposal } from "../../../src/cosign/index.ts";
import { completionOf, genesisOf, preprocessingOf, termsOf } from "./builders.ts";

const genesis = genesisSchema.parse({ name: "frames", chain: null });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("co-sign frames", () => {
  it("carry requests unchanged", () => {
    const request = {
      round_id: "ab",
      initiator: "0x1",
      deadline_ms: 1_800_000_000_000,
      digest: new Uint8Array(32).fill(7),
      asked: ["0xa", "0xb"],
      ...preprocessingOf(genesis, 1_800_000_000_000),
    };
    const [frame] = encodeFrames("requests", [encodeRequest(request)]);
    const decoded = decodeFrame(frame ?? new Uint8Array());
    assert.equal(decoded?.kind, "requests");
    assert.deepEqual(encodeRequest(decoded.requests[0] ?? {}), encodeRequest(request));
    assert.deepEqual(readProposal(decoded.requests[0] ?? {}, genesis), readProposal(request, genesis));
  });

  it("carry every verdict and record once, in order, in bundles within the bounds", () => {
    const verdict = fc.record({
      round_id: fc.string({ maxLength: 64 }),
      validator_address: fc.string({ maxLength: 42 }),
      digest: bytes(32),
      signature: bytes(65),
      reason: fc.constantFrom("", "NODE_UNKNOWN"),
      time_ms: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 600, size: "max" }), (verdicts) => {
        const items = verdicts.map(encodeVerdict);
        const frames = encodeFrames("verdicts", items).map(decodeFrame);
        const back = frames.flatMap((frame) => (frame?.kind === "verdicts" ? frame.verdicts : []));
        assert.deepEqual(back.map(encodeVerdict).map(toHex), items.map(toHex));
        assert.ok(
          frames.every((frame) => frame?.kind === "verdicts" && frame.verdicts.length <= maxBundleItems),
        );
        const topics = encodeTopicMessages(items);
        assert.ok(topics.every((message) => message.length <= maxTopicMessageBytes));
        assert.equal(topics.flatMap((message) => decodeVerdicts(message) ?? []).length, items.length);
      }),
      { numRuns: 30 },
    );
    const records = [new Uint8Array([1, 2]), new Uint8Array(100_000)];
    const decoded = encodeFrames("records", records).map(decodeFrame);
    assert.deepEqual(
      decoded.flatMap((frame) => (frame?.kind === "records" ? frame.records : [])).map(toHex),
      records.map(toHex),
    );
  });

  it("split by bytes, and leave out what fits no frame", () => {
    const large = new Uint8Array(maxFrameBytes / 2);
    assert.equal(encodeFrames("records", [large, large, large]).length, 3);
    assert.ok(encodeFrames("records", [large, large]).every((frame) => frame.length <= maxFrameBytes));
    assert.equal(encodeFrames("records", [new Uint8Array(maxFrameBytes)]).length, 0);
  });

  it("decode or are refused, whatever their bytes", () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), noise, (kind, body) => {
        const frame = decodeFrame(Uint8Array.from([kind, ...body]));
        if (frame?.kind !== "requests") return;
        for (const request of frame.requests) readProposal(request, genesis);
      }),
      { numRuns: 2_000 },
    );
    assert.equal(decodeFrame(new Uint8Array(0)), undefined);
    assert.equal(decodeFrame(new Uint8Array([9])), undefined);
  });

  it("that were damaged on the way never throw", async () => {
    const validation = termsOf(genesis, 1_800_000_000_000);
    const completion = await completionOf(genesisOf(), validation, 1_800_000_040);
    const requests = [
      { round_id: "a", ...preprocessingOf(genesis, 1_800_000_000_000) },
      { round_id: "b", completion: { ...completion, input_data: "in", output_data: "out" } },
    ].map(encodeRequest);
    const [good] = encodeFrames("requests", requests);
    const frame = good ?? new Uint8Array();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(frame.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.nat(frame.length),
        (changes, length) => {
          const damaged = frame.slice(0, length);
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
          const decoded = decodeFrame(damaged);
          if (decoded?.kind !== "requests") return;
          for (const request of decoded.requests) readProposal(request, genesis);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("of too many items, or items that unfold to too much, are refused before they are decoded", () => {
    const empty = Uint8Array.from({ length: 2 * (maxBundleItems + 1) }, (_, index) =>
      index % 2 === 0 ? 10 : 0,
    );
    assert.equal(decodeRequests(empty), undefined);
    assert.equal(decodeVerdicts(empty), undefined);
    assert.equal(decodeRequests(empty.subarray(2))?.length, maxBundleItems);
    // A completion of a million empty grants: two bytes each, a hundred once decoded.
    const grants = new Uint8Array(2_000_000);
    for (let at = 0; at < grants.length; at += 2) grants[at] = (6 << 3) | 2;
    const text = "x".repeat(1_000_000);
    const fits = encodeRequest({ completion: { client: "c", input_data: text, output_data: text } });
    const [bundle] = encodeTopicMessages([fits]);
    assert.equal(bundle, undefined);
    const withTexts = encodeFrames("requests", [fits])[0] ?? new Uint8Array();
    assert.equal(decodeFrame(withTexts)?.kind, "requests");
    const item = Buffer.concat([Buffer.from([(11 << 3) | 2, 0x80, 0x89, 0x7a]), grants]);
    assert.equal(decodeFrame(encodeFrames("requests", [item])[0] ?? new Uint8Array()), undefined);
  });
});
