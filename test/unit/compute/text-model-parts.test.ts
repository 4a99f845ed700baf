import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { BytePairTokenizer, tokenizerSchema } from "../../../src/roles/compute/runners/byte-pair.ts";
import { LineReader } from "../../../src/roles/compute/runners/json-lines.ts";
import { sample, seededRandom } from "../../../src/roles/compute/runners/sampler.ts";
import { sseData } from "../../../src/roles/compute/runners/sse.ts";
import { StopFilter } from "../../../src/roles/compute/runners/stop-filter.ts";

const tokenizerPath = new URL("../../../models/tiny-text/tokenizer.json", import.meta.url);
const file = tokenizerSchema.parse(JSON.parse(readFileSync(tokenizerPath, "utf8")));

/** Cuts bytes at any places. */
const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const parts: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...parts, bytes.subarray(at)];
};

describe("byte-pair tokenizer", () => {
  const tokenizer = new BytePairTokenizer(file);

  it("gives every text back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const tokens = tokenizer.encode(text);
        const bytes = Buffer.concat(tokens.map((token) => tokenizer.bytesOf(token)));
        assert.deepEqual(bytes, Buffer.from(text, "utf8"));
      }),
    );
  });

  it("needs fewer tokens than bytes for text it was made from, and reads a long word in time", () => {
    const text = "A gateway takes a task from a client, chooses a compute node and hands back the result.";
    assert.ok(tokenizer.encode(text).length < text.length / 2);
    assert.ok(tokenizer.encode("a".repeat(500_000)).length > 0);
  });

  it("refuses merges that make no sense", () => {
    assert.throws(() => new BytePairTokenizer({ ...file, merges: [[300, 1]] }), /not there yet/);
    assert.throws(() => new BytePairTokenizer({ ...file, vocab_size: 257 }), /vocabulary/);
  });
});

describe("sampler", () => {
  it("takes the likeliest at temperature 0, the first of equals", () => {
    assert.equal(
      sample(Float32Array.of(1, 3, 3, 2), 0, () => 0.99),
      1,
    );
  });

  it("chooses as often as the weights say", () => {
    const random = seededRandom(1);
    const counts = [0, 0];
    for (let times = 0; times < 4_000; times++) {
      const token = sample(Float32Array.of(Math.log(3), 0), 1, random);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    assert.ok(Math.abs((counts[0] ?? 0) / 4_000 - 0.75) < 0.03, String(counts));
  });

  it("always names a token", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (logits, temperature, draw) => {
          const token = sample(Float32Array.from(logits), temperature, () => draw);
          assert.ok(token >= 0 && token < logits.length);
        },
      ),
    );
  });
});

describe("stop filter", () => {
  it("shows the text up to the first stop string, however it is cut", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 40 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), stops, (pieces, stopStrings) => {
        const filter = new StopFilter(stopStrings);
        let shown = "";
        for (const piece of pieces) shown += filter.push(piece);
        if (!filter.isStopped) shown += filter.end();
        const text = pieces.join("");
        // A stop counts once it is complete, so of overlapping ones any complete one may have ended the text.
        const found = stopStrings.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
        assert.equal(filter.isStopped, found.length > 0);
        assert.ok(text.startsWith(shown));
        if (found.length === 0) assert.equal(shown, text);
        else for (const stop of stopStrings) assert.ok(!shown.includes(stop));
      }),
    );
  });
});

describe("streams of lines", () => {
  it("reads JSON lines however they are cut, and bounds them", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "ü", "漢"), minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), (lines, sizes) => {
        const reader = new LineReader(10_000);
        const parts = cut(Buffer.from(lines.join("\n")), sizes);
        const read = [...parts.flatMap((part) => reader.push(part) ?? []), ...reader.end()];
        assert.deepEqual(read, lines);
      }),
    );
    assert.equal(new LineReader(3).push(Buffer.from("abcd")), undefined);
  });

  it("reads server-sent events however they are cut and whatever ends their lines", async () => {
    const text = "data: one\n\nevent: x\ndata:two\ndata: lines\n\n: comment\r\ndata: ü\r\n\r\ndata: cut off";
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }), async (sizes) => {
        const chunks = async function* () {
          yield* cut(Buffer.from(text), sizes);
        };
        const events: string[] = [];
        for await (const data of sseData(chunks())) events.push(data);
        assert.deepEqual(events, ["one", "two\nlines", "ü"]);
      }),
    );
  });
});
