/** Cuts a stream of bytes into lines and bounds the whole. */
export class LineReader {
  readonly #limitBytes: number;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The lines that this chunk completes; undefined once there were too many bytes. */
  push(chunk: Uint8Array): string[] | undefined {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limitBytes) return undefined;
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "");
  }

  /** A last line without its end. */
  end(): string[] {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return rest.trim() === "" ? [] : [rest];
  }
}
