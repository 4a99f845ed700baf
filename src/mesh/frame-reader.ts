import type { Stream } from "@libp2p/interface";
import type { Cancel, Clock } from "../base/index.ts";
import { FrameDecoder } from "./frames.ts";
import type { TokenBucket } from "./token-bucket.ts";

export interface FrameReaderOptions {
  readonly stream: Stream;
  readonly maxFrameBytes: number;
  /** Frames and bytes beyond them wait, and the sender with them: the stream's window fills up and stays full. */
  readonly frames: TokenBucket;
  readonly bytes: TokenBucket;
  readonly clock: Clock;
  /** The stream's first byte, when the opener says by it what it wants. */
  readonly onKind?: (kind: number) => void;
  readonly onFrame: (frame: Uint8Array) => void;
  /** Once, at the end: FrameError for garbage, the stream's error after a reset, undefined after a proper end. */
  readonly onEnd: (error: Error | undefined) => void;
}

/** Reads the frames of a stream as fast as the bucket allows. */
export class FrameReader {
  readonly #options: FrameReaderOptions;
  readonly #decoder: FrameDecoder;
  #kindAwaited: boolean;
  #cancelWait: Cancel | undefined;
  #isRemoteDone = false;
  #isStopped = false;

  constructor(options: FrameReaderOptions) {
    this.#options = options;
    this.#decoder = new FrameDecoder(options.maxFrameBytes);
    this.#kindAwaited = options.onKind !== undefined;
    const { stream } = options;
    stream.addEventListener("close", (event) => {
      if (event.error !== undefined) this.#end(event.error);
      else this.#remoteDone();
    });
    stream.addEventListener("remoteCloseWrite", () => {
      // What has arrived and is still in the stream's own buffer comes as messages first.
      if (stream.readBufferLength === 0) this.#remoteDone();
    });
    stream.addEventListener("message", (event) => {
      this.#take(event.data.subarray());
    });
  }

  /** Reads no more and calls nothing back. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelWait?.();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isStopped || chunk.length === 0) return;
    this.#options.bytes.charge(this.#options.clock.nowMs(), chunk.length);
    let bytes = chunk;
    if (this.#kindAwaited) {
      this.#kindAwaited = false;
      this.#options.onKind?.(bytes[0] ?? 0);
      if (this.#isStopped) return;
      bytes = bytes.subarray(1);
    }
    this.#decoder.push(bytes);
    this.#drain();
  }

  #drain(): void {
    if (this.#cancelWait !== undefined) return;
    const { frames, bytes, clock, onFrame } = this.#options;
    try {
      while (!this.#isStopped) {
        const waitMs = Math.max(frames.waitMs(clock.nowMs()), bytes.waitMs(clock.nowMs(), 0));
        if (waitMs > 0) {
          this.#pause(waitMs);
          return;
        }
        const frame = this.#decoder.next();
        if (frame === undefined) break;
        frames.take(clock.nowMs());
        onFrame(frame);
      }
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    const { stream } = this.#options;
    if (this.#isRemoteDone || (stream.remoteWriteStatus === "closed" && stream.readBufferLength === 0)) {
      this.#end(undefined);
    }
  }

  #pause(waitMs: number): void {
    const { stream, clock } = this.#options;
    if (stream.readStatus === "readable") stream.pause();
    this.#cancelWait = clock.after(waitMs, () => {
      this.#cancelWait = undefined;
      this.#drain();
      if (this.#cancelWait === undefined && stream.readStatus === "paused") this.#resume(stream);
    });
  }

  #resume(stream: Stream): void {
    try {
      stream.resume();
    } catch (error) {
      // The connection below has gone and the stream has not been told yet.
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #remoteDone(): void {
    this.#isRemoteDone = true;
    this.#drain();
  }

  #end(error: Error | undefined): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.onEnd(error);
  }
}
