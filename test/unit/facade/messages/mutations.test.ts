import assert from "node:assert/strict";
import { isCode } from "../../../../src/base/index.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  type Format,
  maxBodyBytes,
  mediaTypes,
} from "../../../../src/facade/messages/index.ts";
import { seededRandom } from "../../../../src/roles/compute/runners/sampler.ts";
import { goodEnvelopes, mutated } from "./mutations.ts";

/** `MUTATIONS=100000 npm test -- test/unit/facade/messages/mutations.test.ts` tries as many of each format. */
const mutations = Number(process.env["MUTATIONS"] ?? 4_000);
const seed = Number(process.env["SEED"] ?? 7);

describe("a body that was tampered with", () => {
  for (const format of Object.keys(mediaTypes) as Format[]) {
    it(`is read or refused, never anything else: ${mutations} of ${format}`, function () {
      this.timeout(0);
      const random = seededRandom(seed);
      const good = goodEnvelopes(format, 200, seed);
      let taken = 0;
      for (let i = 0; i < mutations; i++) {
        const body = mutated(good[i % good.length] ?? new Uint8Array(), random);
        const shown = () => `${format} ${Buffer.from(body).toString("base64")}`;
        let envelope: ReturnType<typeof decodeEnvelope>;
        try {
          envelope = decodeEnvelope(format, body);
        } catch (error) {
          assert(isCode(error, "INVALID_ARGUMENT") || isCode(error, "TOO_LARGE"), `${shown()}: ${error}`);
          continue;
        }
        taken++;
        if (format === "json") assert.doesNotThrow(() => JSON.parse(Buffer.from(body).toString()), shown());
        // What was taken is a message like any other: it goes out, within bounds, and comes back the same.
        const { member, value, correlationId } = envelope;
        const again = encodeEnvelope(format, { timeMs: 1, correlationId, type: member.name, value });
        assert(again.length <= 4 * maxBodyBytes, shown());
        assert.deepStrictEqual(decodeEnvelope(format, again).value, value, shown());
      }
      assert(taken > 0 && taken < mutations, `${taken} of ${mutations} were taken`);
    });
  }

  it("of any bytes at all is refused or read", () => {
    const random = seededRandom(seed);
    for (let i = 0; i < mutations; i++) {
      const body = Buffer.from(
        Array.from({ length: Math.floor(random() * 64) }, () => Math.floor(random() * 256)),
      );
      for (const format of Object.keys(mediaTypes) as Format[]) {
        try {
          decodeEnvelope(format, body);
        } catch (error) {
          assert(isCode(error, "INVALID_ARGUMENT"), `${format} ${body.toString("base64")}: ${error}`);
        }
      }
    }
  });
});
