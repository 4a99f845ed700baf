import { BoundedMap, type Clock } from "../base/index.ts";
import { type Bundler, type Channel, createBundler, type Mesh } from "../mesh/index.ts";
import { encodeFrames, maxBundleItems } from "./frames.ts";

/** Requests to one validator wait this long for company: a round trip costs as much. */
const channelDelayMs = 2;
/** Channels held open: as many as a large validator set. */
const maxChannels = 256;

interface Link {
  readonly channel: Channel;
  readonly bundler: Bundler<Uint8Array>;
}

/** A round runner's channels to validators: opened when first needed, requests bundled. */
export class ValidatorLinks {
  readonly #mesh: Pick<Mesh, "channel">;
  readonly #clock: Clock;
  readonly #onFrame: (peerId: string, frame: Uint8Array) => void;
  readonly #links = new BoundedMap<string, Link>(maxChannels, (_peerId, link) => closeLink(link));

  constructor(
    mesh: Pick<Mesh, "channel">,
    clock: Clock,
    onFrame: (peerId: string, frame: Uint8Array) => void,
  ) {
    this.#mesh = mesh;
    this.#clock = clock;
    this.#onFrame = onFrame;
  }

  /** Sends an encoded request, soon. */
  ask(peerId: string, request: Uint8Array): void {
    this.#open(peerId).bundler.add(request);
  }

  /** Sends records at once, so that they are there before the next request. */
  sendRecords(peerId: string, records: readonly Uint8Array[]): void {
    const { channel } = this.#open(peerId);
    for (const frame of encodeFrames("records", records)) channel.send(frame);
  }

  stop(): void {
    for (const link of this.#links.values()) closeLink(link);
  }

  #open(peerId: string): Link {
    const known = this.#links.get(peerId);
    if (known !== undefined) {
      this.#links.touch(peerId);
      return known;
    }
    const channel = this.#mesh.channel(peerId, "cosign", (frame) => this.#onFrame(peerId, frame));
    const bundler = createBundler<Uint8Array>({
      maxItems: maxBundleItems,
      maxDelayMs: channelDelayMs,
      clock: this.#clock,
      flush: (items) => {
        for (const frame of encodeFrames("requests", items)) channel.send(frame);
      },
    });
    const link = { channel, bundler };
    this.#links.set(peerId, link);
    return link;
  }
}

function closeLink({ bundler, channel }: Link): void {
  bundler.stop();
  channel.close();
}
