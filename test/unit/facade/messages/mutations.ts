import fc from "fast-check";
import { encodeEnvelope, type Format } from "../../../../src/facade/messages/index.ts";
import { anyMember } from "./message-arbitrary.ts";

/** Bytes that offsets, lengths and digits are likely to be led astray by. */
const nastyBytes = [
  0, 1, 2, 3, 4, 7, 8, 0x0f, 0x10, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff, 0x22, 0x5b, 0x5c, 0x7b, 0x7d,
];

/** Envelopes with any message, each good as it is. */
export function goodEnvelopes(format: Format, count: number, seed: number): Uint8Array[] {
  return fc
    .sample(anyMember, { numRuns: count, seed })
    .map(({ name, value }) => encodeEnvelope(format, { timeMs: 1, correlationId: "c", type: name, value }));
}

/** One to four changes: bytes replaced, a bit turned, a word made another, a part cut out, copied or left off. */
export function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  let result = Buffer.from(bytes);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let change = 0; change <= below(4); change++) {
    const at = below(result.length);
    switch (below(6)) {
      case 0:
        result[at] = nastyBytes[below(nastyBytes.length)] ?? 0;
        break;
      case 1:
        result[at] = (result[at] ?? 0) ^ (1 << below(8));
        break;
      case 2: {
        const word = at & ~3;
        if (word + 4 <= result.length)
          result.writeUInt32LE(below(3) === 0 ? below(2 ** 32) : below(result.length + 8), word);
        break;
      }
      case 3:
        result = result.subarray(0, at);
        break;
      case 4:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + below(8))]);
        break;
      default: {
        const from = below(result.length);
        result.copy(result, at, from, from + below(16));
      }
    }
    if (result.length === 0) break;
  }
  return result;
}
