import {
  maxInboundStreamsPerPeer,
  maxRequestsUnderWay,
  streamBurstSec,
  streamBytesPerSecond,
} from "./limits.ts";
import { TokenBucket } from "./token-bucket.ts";
import { WorkQueue } from "./work-queue.ts";

/** What one peer may use of one protocol, on all its streams and connections together. Beyond it the peer waits. */
export class StreamQuota {
  readonly frames: TokenBucket;
  readonly bytes: TokenBucket;
  /** Requests under way, and those that wait for their turn: no more than the peer may have streams. */
  readonly requests = new WorkQueue({
    maxRunning: maxRequestsUnderWay,
    maxWaiting: maxInboundStreamsPerPeer,
    dropOldest: false,
  });
  #streams = 0;

  /** A burst of frames is one second's worth. */
  constructor(framesPerSecond: number, nowMs: number) {
    this.frames = new TokenBucket(framesPerSecond, Math.max(1, framesPerSecond), nowMs);
    this.bytes = byteBucket(nowMs);
  }

  get streams(): number {
    return this.#streams;
  }

  /** False when the peer has as many streams as it may have. Otherwise `close` must follow. */
  open(): boolean {
    if (this.#streams >= maxInboundStreamsPerPeer) return false;
    this.#streams++;
    return true;
  }

  close(): void {
    this.#streams--;
  }
}

export const byteBucket = (nowMs: number): TokenBucket =>
  new TokenBucket(streamBytesPerSecond, streamBytesPerSecond * streamBurstSec, nowMs);
