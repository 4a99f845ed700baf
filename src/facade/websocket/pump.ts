import type { EventFollower } from "../../events/index.ts";
import type { Feed } from "../../operations/index.ts";
import type { OpenCall } from "../front/index.ts";
import type { EventFrames } from "./event-frames.ts";

/** Where a connection's messages go. */
export interface Outlet {
  answer(text: string): void;
  event(frame: Buffer): void;
  /** Resolves when there is room for more, or never will be; undefined while there is. */
  room(): Promise<void> | undefined;
}

export interface PumpOptions {
  readonly feed: Feed;
  readonly call: OpenCall;
  readonly follower: EventFollower;
  readonly frames: EventFrames;
  readonly outlet: Outlet;
}

/** Moves one subscription's events from the log to the connection, no faster than the connection takes them. */
export class Pump {
  readonly #o: PumpOptions;
  #toldSeq = 0;
  #isStopped = false;

  constructor(options: PumpOptions) {
    this.#o = options;
  }

  /** Every event up to this sequence was told, or is not the subscription's. */
  get place(): number {
    return Math.max(this.#toldSeq, this.#o.follower.place);
  }

  /** Resolves once stopped. @throws what reading the log throws, or making a message of an event */
  async run(): Promise<void> {
    const { call, follower, feed, frames, outlet } = this.#o;
    const { signal } = call;
    try {
      while (!signal.aborted) {
        for (const event of await follower.next(signal)) {
          if (signal.aborted) return;
          let frame = frames.of(event, feed);
          // Most are there already, and a turn for each would cost more than the rest.
          if (frame instanceof Promise) {
            frame = await frame;
            if (signal.aborted) return;
          }
          outlet.event(frame);
          this.#toldSeq = event.seq;
          const room = outlet.room();
          if (room !== undefined) await room;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      call.end(error);
      this.#isStopped = true;
      throw error;
    } finally {
      follower.close();
    }
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { call } = this.#o;
    call.hangUp();
    call.end();
  }
}
