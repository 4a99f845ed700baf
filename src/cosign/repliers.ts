import { BoundedMap, type Clock } from "../base/index.ts";
import { type Bundler, createBundler } from "../mesh/index.ts";
import { encodeFrames, maxBundleItems } from "./frames.ts";

/** Verdicts to one initiator wait this long for company. */
const channelDelayMs = 2;
/** Initiators that have a channel open here; the one that has been silent longest makes room. */
const maxInitiators = 1_024;

type Send = (frame: Uint8Array) => boolean;

/** A validator's answers on the channels that initiators opened, bundled. */
export class Repliers {
  readonly #clock: Clock;
  readonly #byPeer = new BoundedMap<string, { send: Send; readonly bundler: Bundler<Uint8Array> }>(
    maxInitiators,
    (_peerId, { bundler }) => bundler.stop(),
  );

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newest stream of a peer is the one to answer on: it may have opened its channel again. */
  use(peerId: string, send: Send): void {
    const known = this.#byPeer.get(peerId);
    if (known !== undefined) {
      known.send = send;
      this.#byPeer.touch(peerId);
      return;
    }
    const replier = {
      send,
      bundler: createBundler<Uint8Array>({
        maxItems: maxBundleItems,
        maxDelayMs: channelDelayMs,
        clock: this.#clock,
        flush: (items) => {
          for (const frame of encodeFrames("verdicts", items)) replier.send(frame);
        },
      }),
    };
    this.#byPeer.set(peerId, replier);
  }

  /** Sends an encoded verdict, soon; it is lost when the peer made room for others, as gossip brings it too. */
  add(peerId: string, verdict: Uint8Array): void {
    this.#byPeer.get(peerId)?.bundler.add(verdict);
  }

  stop(): void {
    for (const { bundler } of this.#byPeer.values()) bundler.stop();
  }
}
