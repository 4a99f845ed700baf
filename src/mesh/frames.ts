// A frame on a stream: its length as an unsigned varint (LEB128, as libp2p's own protocols have it), then its bytes.

/** The other side does not speak the protocol: a length past the bound, or one that is no varint. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** A varint of more bytes would be past 2^35, far over every bound. */
const maxLengthBytes = 5;

export function encodeFrame(payload: Uint8Array, prefix: readonly number[] = []): Uint8Array {
  const head = [...prefix];
  let rest = payload.length;
  while (rest >= 0x80) {
    head.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  head.push(rest);
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
}

/** Takes bytes as they come and gives whole frames. Holds what has arrived, never what a length merely claims. */
export class FrameDecoder {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** Length of the frame whose body is arriving. */
  #expected: number | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True inside a frame: its beginning has arrived and its end has not. */
  get isPartial(): boolean {
    return this.#expected !== undefined || this.#held > 0;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  /**
   * The next whole frame, or undefined until more bytes have come.
   * @throws FrameError when the bytes cannot become a frame; the decoder is of no use after that.
   */
  next(): Uint8Array | undefined {
    this.#expected ??= this.#takeLength();
    if (this.#expected === undefined || this.#held < this.#expected) return undefined;
    const frame = this.#takeBytes(this.#expected);
    this.#expected = undefined;
    return frame;
  }

  #takeLength(): number | undefined {
    let value = 0;
    for (let index = 0; index < maxLengthBytes; index++) {
      const byte = this.#byteAt(index);
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (value > this.#maxBytes) throw new FrameError(`a frame of more than ${this.#maxBytes} bytes`);
      if (byte < 0x80) {
        if (byte === 0 && index > 0) throw new FrameError("a frame length that is not in its shortest form");
        this.#takeBytes(index + 1);
        return value;
      }
    }
    throw new FrameError("a frame length that does not end");
  }

  #byteAt(index: number): number | undefined {
    let at = index;
    for (const chunk of this.#chunks) {
      if (at < chunk.length) return chunk[at];
      at -= chunk.length;
    }
    return undefined;
  }

  /** Removes and returns `count` bytes that are there. */
  #takeBytes(count: number): Uint8Array {
    this.#held -= count;
    const first = this.#chunks[0];
    if (count === 0 || first === undefined) return new Uint8Array(0);
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const taken: Uint8Array[] = [];
    let used = 0;
    let missing = count;
    while (missing > 0) {
      const chunk = this.#chunks[used];
      if (chunk === undefined) break;
      if (chunk.length > missing) {
        taken.push(chunk.subarray(0, missing));
        this.#chunks[used] = chunk.subarray(missing);
        break;
      }
      taken.push(chunk);
      missing -= chunk.length;
      used++;
    }
    this.#chunks.splice(0, used);
    return taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken, count);
  }
}
