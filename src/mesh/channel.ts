import type { Stream } from "@libp2p/interface";
import {
  type Cancel,
  type Clock,
  CountersignError,
  type Logger,
  messageOf,
  withTimeLimit,
} from "../base/index.ts";
import { backoffMs } from "./backoff.ts";
import { FrameReader } from "./frame-reader.ts";
import { encodeFrame, FrameError } from "./frames.ts";
import {
  channelAnswersPerSecond,
  maxChannelFrameBytes,
  maxChannelQueueBytes,
  maxChannelQueueFrames,
} from "./limits.ts";
import type { Channel } from "./mesh.ts";
import { Nonsense } from "./nonsense.ts";
import type { OnOffence } from "./offences.ts";
import { type OpenStream, streamKind } from "./open-stream.ts";
import { byteBucket } from "./stream-quota.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A validator that restarts is back within a second; one that is gone costs a dial every ten. */
const reopenBounds = { firstMs: 100, longestMs: 10_000 };
/** A stream that lived this long was no failure to open. */
const provenMs = 5_000;
const openTimeoutMs = 10_000;

export interface PeerChannelOptions {
  readonly peerId: string;
  readonly protocol: string;
  readonly open: OpenStream;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onFrame: (frame: Uint8Array) => void;
  readonly onOffence: OnOffence;
  readonly onClose: () => void;
}

/** The opening side of a channel: keeps one stream to the peer open, and holds what cannot be sent just now. */
export class PeerChannel implements Channel {
  readonly peerId: string;
  readonly #options: PeerChannelOptions;
  onFrame: (frame: Uint8Array) => void;
  /** Encoded frames that wait, oldest first. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #stream: Stream | undefined;
  #attempt = 0;
  #isOpening = false;
  #cancelReopen: Cancel | undefined;
  readonly #stop = new AbortController();

  constructor(options: PeerChannelOptions) {
    this.peerId = options.peerId;
    this.#options = options;
    this.onFrame = options.onFrame;
    this.#open();
  }

  send(frame: Uint8Array): boolean {
    if (frame.length > maxChannelFrameBytes) {
      throw new CountersignError(
        "TOO_LARGE",
        `a channel's frame holds at most ${maxChannelFrameBytes} bytes`,
      );
    }
    if (this.#stop.signal.aborted) return false;
    const encoded = encodeFrame(frame);
    if (this.#queue.length === 0 && this.#trySend(encoded)) return true;
    if (
      this.#queue.length >= maxChannelQueueFrames ||
      this.#queuedBytes + encoded.length > maxChannelQueueBytes
    ) {
      return false;
    }
    this.#queue.push(encoded);
    this.#queuedBytes += encoded.length;
    return true;
  }

  /** The peer has just connected: no need to wait for the next attempt. */
  poke(): void {
    if (this.#cancelReopen === undefined) return;
    this.#cancelReopen();
    this.#cancelReopen = undefined;
    this.#open();
  }

  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#cancelReopen?.();
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#stream?.close().catch((error: unknown) => this.#stream?.abort(asError(error)));
    this.#options.onClose();
  }

  /** False when the stream is not there or has no room; then nothing was sent. */
  #trySend(encoded: Uint8Array): boolean {
    const stream = this.#stream;
    if (stream === undefined || stream.writeStatus !== "writable" || stream.writableNeedsDrain) return false;
    try {
      // What the window does not take at once waits inside the stream, until `drain`.
      stream.send(encoded);
      return true;
    } catch (error) {
      stream.abort(asError(error));
      return false;
    }
  }

  #flush(): void {
    let sent = 0;
    for (const encoded of this.#queue) {
      if (!this.#trySend(encoded)) break;
      this.#queuedBytes -= encoded.length;
      sent++;
    }
    if (sent > 0) this.#queue.splice(0, sent);
  }

  #open(): void {
    if (this.#isOpening || this.#stream !== undefined || this.#stop.signal.aborted) return;
    this.#isOpening = true;
    const { open, protocol, logger, clock } = this.#options;
    const late = () => new Error("the peer did not open in time");
    withTimeLimit(clock, openTimeoutMs, late, this.#stop.signal, (signal) =>
      open(this.peerId, protocol, signal),
    )
      .then((stream) => this.#opened(stream))
      .catch((error: unknown) => {
        logger.debug({ peerId: this.peerId, protocol, error: messageOf(error) }, "channel not opened");
        this.#reopenLater();
      })
      .finally(() => {
        this.#isOpening = false;
      });
  }

  #opened(stream: Stream): void {
    if (this.#stop.signal.aborted) {
      stream.abort(new Error("the channel was closed"));
      return;
    }
    const { clock, onOffence } = this.#options;
    const openedAtMs = clock.nowMs();
    stream.send(Uint8Array.of(streamKind.channel));
    this.#stream = stream;
    stream.addEventListener("drain", () => this.#flush());
    new FrameReader({
      stream,
      clock,
      maxFrameBytes: maxChannelFrameBytes,
      frames: new TokenBucket(channelAnswersPerSecond, channelAnswersPerSecond, openedAtMs),
      bytes: byteBucket(openedAtMs),
      onFrame: (frame) => this.onFrame(frame),
      onEnd: (error) => {
        stream.abort(error ?? new Error("the other side has closed the channel"));
        this.#stream = undefined;
        if (error instanceof FrameError) onOffence(this.peerId, "garbage", error.message);
        if (error instanceof Nonsense) onOffence(this.peerId, "nonsense", error.message);
        if (clock.nowMs() - openedAtMs >= provenMs) this.#attempt = 0;
        this.#reopenLater();
      },
    });
    this.#flush();
  }

  #reopenLater(): void {
    if (this.#stop.signal.aborted || this.#cancelReopen !== undefined) return;
    this.#attempt++;
    const waitMs = backoffMs(this.#attempt, reopenBounds, this.#options.random());
    this.#cancelReopen = this.#options.clock.after(waitMs, () => {
      this.#cancelReopen = undefined;
      this.#open();
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
