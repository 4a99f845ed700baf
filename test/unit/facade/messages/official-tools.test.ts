import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  messageNamed,
} from "../../../../src/facade/messages/index.ts";
import { seededRandom } from "../../../../src/roles/compute/runners/sampler.ts";
import { tempFolder } from "../../../support/temp-folder.ts";
import { badTexts } from "./bad-texts.ts";
import {
  flatcBinary,
  flatcForm,
  flatcJson,
  flatcRefusal,
  generatedCode,
  type OfficialVerifier,
  officialVerifier,
  whyNoFlatc,
} from "./flatbuffers-tools.ts";
import { anyMember, memberNamed } from "./message-arbitrary.ts";
import { goodEnvelopes, mutated } from "./mutations.ts";

/** Of each kind; `MUTATIONS=100000` for the long run. */
const mutations = Number(process.env["MUTATIONS"] ?? 20_000);
const seed = Number(process.env["SEED"] ?? 11);
const samples = 150;

describe("FlatBuffers' own tools", () => {
  const missing = whyNoFlatc();
  const scratch = tempFolder();
  const folder = scratch.path;

  before(function () {
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
  });
  after(() => scratch.remove());

  const sampled = () => fc.sample(anyMember, { numRuns: samples, seed });

  it("make buffers from JSON that are read here", () => {
    const texts = sampled().map(({ name, value }) =>
      JSON.stringify({
        time: 5,
        correlation_id: "c",
        message_type: name,
        message: flatcForm(memberNamed(name).message, value),
      }),
    );
    const read = flatcBinary(folder, texts).map((buffer) => decodeEnvelope("flatbuffers", buffer));
    for (const [index, { name, value }] of sampled().entries()) {
      const expected = { member: memberNamed(name), value, correlationId: "c", credentials: undefined };
      assert.deepStrictEqual(read[index], expected);
    }
  });

  it("make JSON of buffers that were written here", () => {
    const buffers = sampled().map(({ name, value }) =>
      encodeEnvelope("flatbuffers", { timeMs: 5, correlationId: "c", type: name, value }),
    );
    const read = flatcJson(folder, buffers);
    for (const [index, { name, value }] of sampled().entries()) {
      const message = flatcForm(memberNamed(name).message, value);
      assert.deepStrictEqual(read[index], { time: 5, correlation_id: "c", message_type: name, message });
    }
  });

  it("generate code that reads what is written here and writes what is read here", async () => {
    const generated = await generatedCode(folder);
    for (const { name, value } of sampled()) {
      const buffer = encodeEnvelope("flatbuffers", { timeMs: 5, correlationId: "c", type: name, value });
      const {
        member,
        value: there,
        correlationId,
      } = decodeEnvelope("flatbuffers", generated.rewritten(buffer));
      assert.deepStrictEqual({ name: member.name, correlationId }, { name, correlationId: "c" });
      assert.deepStrictEqual(withoutEmptyBytes(there), withoutEmptyBytes(value));
    }
  });

  it("refuse what is refused here, in the same place and words", () => {
    for (const { message, text, differs } of badTexts) {
      if (differs !== undefined || text.trim() === "") continue;
      // Only an envelope can stand alone in their text; on the first line it moves the place.
      const head = `{"message_type": "${requestOf(message)}", "message": `;
      const theirs = flatcRefusal(folder, `${head}${text}}`);
      assert.equal(moved(refusal(message, text), head.length), theirs, JSON.stringify(text));
    }
  });

  describe("'s verifier", () => {
    let verifier: OfficialVerifier;

    before(function () {
      const made = officialVerifier(folder);
      if (typeof made === "string") {
        process.stderr.write(`skipped: ${made}\n`);
        return this.skip();
      }
      verifier = made;
    });

    it("takes every buffer that is written here", () => {
      assert(verifier.verify(goodEnvelopes("flatbuffers", samples, seed)).every((isGood) => isGood));
    });

    it(`takes every tampered buffer that is read here, of ${mutations}`, function () {
      this.timeout(0);
      const random = seededRandom(seed);
      const good = goodEnvelopes("flatbuffers", 200, seed);
      const buffers = Array.from({ length: mutations }, (_none, i) =>
        mutated(good[i % good.length] ?? new Uint8Array(), random),
      );
      const read = buffers.filter(isRead);
      assert(read.length > 0 && read.length < mutations);
      for (const [index, isGood] of verifier.verify(read).entries())
        assert(isGood, Buffer.from(read[index] ?? []).toString("base64"));
    });
  });
});

/** The generated objects have an empty list for bytes that are unset. */
function withoutEmptyBytes(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutEmptyBytes);
  const entries = Object.entries(value).filter(([, one]) => !(one instanceof Uint8Array && one.length === 0));
  return Object.fromEntries(entries.map(([name, one]) => [name, withoutEmptyBytes(one)]));
}

function isRead(buffer: Uint8Array): boolean {
  try {
    decodeEnvelope("flatbuffers", buffer);
    return true;
  } catch {
    return false;
  }
}

function refusal(message: string, text: string): string {
  try {
    decodeMessage("json", messageNamed(message), Buffer.from(text));
  } catch (error) {
    return (error as Error).message.replace("Invalid message format: ", "");
  }
  return "";
}

/** The name by which an envelope can carry a message. */
function requestOf(message: string): string {
  const names: Readonly<Record<string, string>> = {
    AccountWeight: "AccountWeight",
    ListTasksRequest: "ListTasks",
    NodeInfo: "NodeInfo",
    GetSubnetRequest: "GetSubnet",
  };
  return names[message] ?? message;
}

function moved(refusal: string, columns: number): string {
  return refusal.replace(/^1: (\d+)/, (_all, column: string) => `1: ${Number(column) + columns}`);
}
