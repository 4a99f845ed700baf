import { z } from "zod";

/** A model's tokenizer file: byte-pair merges over the 256 bytes, and how a chat is written for it. */
export const tokenizerSchema = z.strictObject({
  type: z.literal("byte-pair"),
  vocab_size: z.int().min(257).max(1_000_000),
  /** Stands between documents: a prompt begins after it, and a text ends with it. */
  end_token: z.int().min(256),
  /** The tensors that carry the model's memory from one token to the next. */
  state: z.strictObject({
    input: z.string(),
    output: z.string(),
    shape: z.array(z.int().positive().max(65_536)).min(1).max(4),
  }),
  chat: z.strictObject({ user: z.string(), assistant: z.string(), separator: z.string() }),
  /** Where an answer in a chat is over. */
  stop: z.array(z.string().min(1)).max(16),
  merges: z.array(z.tuple([z.int().min(0), z.int().min(0)])).max(999_744),
});

export type TokenizerFile = z.infer<typeof tokenizerSchema>;

/** Longer words are cut, so that merging, quadratic in a word's length, stays cheap. No real word is that long. */
const maxWordBytes = 64;
const space = 0x20;
const lineBreak = 0x0a;

export class BytePairTokenizer {
  readonly file: TokenizerFile;
  readonly #ranks = new Map<number, number>();
  readonly #bytes: Uint8Array[] = [];

  constructor(file: TokenizerFile) {
    this.file = file;
    for (let byte = 0; byte < 256; byte++) this.#bytes.push(Uint8Array.of(byte));
    for (const [rank, [left, right]] of file.merges.entries()) {
      const [a, b] = [this.#bytes[left], this.#bytes[right]];
      if (a === undefined || b === undefined)
        throw new RangeError(`merge ${rank} names a token that is not there yet`);
      this.#bytes.push(Buffer.concat([a, b]));
      this.#ranks.set(this.#key(left, right), rank);
    }
    if (this.#bytes.length > file.vocab_size || file.end_token >= file.vocab_size)
      throw new RangeError("the tokenizer has more tokens than its vocabulary");
  }

  encode(text: string): number[] {
    const bytes = Buffer.from(text, "utf8");
    const tokens: number[] = [];
    let start = 0;
    for (let at = 1; at <= bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== undefined && byte !== space && byte !== lineBreak && at - start < maxWordBytes) continue;
      tokens.push(...this.#encodeWord(bytes.subarray(start, at)));
      start = at;
    }
    return tokens;
  }

  /** The bytes of one token; none for the end token. They need not be whole characters. */
  bytesOf(token: number): Uint8Array {
    return this.#bytes[token] ?? new Uint8Array(0);
  }

  #encodeWord(word: Uint8Array): number[] {
    let tokens = [...word];
    while (tokens.length > 1) {
      let best = Number.POSITIVE_INFINITY;
      for (let at = 0; at + 1 < tokens.length; at++) {
        const rank = this.#rankAt(tokens, at);
        if (rank !== undefined && rank < best) best = rank;
      }
      if (best === Number.POSITIVE_INFINITY) break;
      tokens = this.#mergeAll(tokens, best);
    }
    return tokens;
  }

  #mergeAll(tokens: number[], rank: number): number[] {
    const merged: number[] = [];
    for (let at = 0; at < tokens.length; at++) {
      if (this.#rankAt(tokens, at) === rank) {
        merged.push(256 + rank);
        at++;
      } else merged.push(tokens[at] ?? 0);
    }
    return merged;
  }

  #rankAt(tokens: number[], at: number): number | undefined {
    const right = tokens[at + 1];
    return right === undefined ? undefined : this.#ranks.get(this.#key(tokens[at] ?? 0, right));
  }

  #key(left: number, right: number): number {
    return left * this.file.vocab_size + right;
  }
}
