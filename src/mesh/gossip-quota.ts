import type { GossipSub } from "@libp2p/gossipsub";
import type { PeerId, Stream } from "@libp2p/interface";
import { BoundedMap, type Cancel, type Clock } from "../base/index.ts";
import {
  authorMessagesPerSecond,
  gossipBurstSec,
  gossipBytesPerSecond,
  gossipMessagesPerSecond,
  maxTrackedPeers,
  wastedMessageCost,
} from "./limits.ts";
import type { TopicName } from "./mesh.ts";
import { TokenBucket } from "./token-bucket.ts";

interface Rpc {
  readonly messages?: readonly { readonly data?: Uint8Array }[];
}

/** What gossipsub's class has and its exported interface does not name. */
interface Intake {
  handleReceivedRpc(from: PeerId, rpc: Rpc): Promise<void>;
  readonly streamsInbound: ReadonlyMap<string, { readonly rawStream: Stream }>;
}

interface Neighbour {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  cancelWait: Cancel | undefined;
}

const bucketOf = (perSecond: number, nowMs: number): TokenBucket =>
  new TokenBucket(perSecond, perSecond * gossipBurstSec, nowMs);

/** What a neighbour, and an author, may send by gossip. Gossipsub itself takes whatever comes, as fast as it comes. */
export class GossipQuota {
  readonly #intake: Intake;
  readonly #clock: Clock;
  readonly #neighbours = new BoundedMap<string, Neighbour>(maxTrackedPeers, (peerId, { cancelWait }) => {
    cancelWait?.();
    this.#resume(peerId);
  });
  readonly #authors = new BoundedMap<string, TokenBucket>(maxTrackedPeers);
  #isStopped = false;

  constructor(pubsub: GossipSub, clock: Clock) {
    this.#intake = pubsub as unknown as Intake;
    this.#clock = clock;
  }

  /** From now on a neighbour that sends too fast is read no faster than it may send. */
  start(): void {
    const handle = this.#intake.handleReceivedRpc.bind(this.#intake);
    this.#intake.handleReceivedRpc = (from, rpc) => {
      this.#charge(from.toString(), rpc);
      return handle(from, rpc);
    };
  }

  stop(): void {
    this.#isStopped = true;
    for (const { cancelWait } of this.#neighbours.values()) cancelWait?.();
  }

  /** False when the author has had its share of the topic for now. */
  admits(topic: TopicName, author: string): boolean {
    const key = `${topic} ${author}`;
    const nowMs = this.#clock.nowMs();
    const bucket = this.#authors.get(key) ?? bucketOf(authorMessagesPerSecond[topic], nowMs);
    this.#authors.delete(key);
    this.#authors.set(key, bucket);
    return bucket.take(nowMs);
  }

  /** A message that the neighbour passed on was not accepted. */
  wasted(peerId: string): void {
    const neighbour = this.#neighbours.get(peerId);
    if (neighbour === undefined) return;
    neighbour.messages.charge(this.#clock.nowMs(), wastedMessageCost - 1);
    this.#waitIfOwing(peerId, neighbour);
  }

  #charge(peerId: string, { messages = [] }: Rpc): void {
    const nowMs = this.#clock.nowMs();
    const neighbour = this.#neighbours.get(peerId) ?? this.#welcome(peerId, nowMs);
    // An RPC without messages costs as much as one with: control messages are work too.
    neighbour.messages.charge(nowMs, Math.max(1, messages.length));
    neighbour.bytes.charge(
      nowMs,
      messages.reduce((sum, { data }) => sum + (data?.length ?? 0), 0),
    );
    this.#waitIfOwing(peerId, neighbour);
  }

  /** While the neighbour owes something its stream is not read, also a newer one: the window fills up, and the neighbour waits. */
  #waitIfOwing(peerId: string, neighbour: Neighbour): void {
    const nowMs = this.#clock.nowMs();
    const waitMs = Math.max(neighbour.messages.waitMs(nowMs, 0), neighbour.bytes.waitMs(nowMs, 0));
    if (waitMs === 0 || this.#isStopped) return;
    const stream = this.#streamFrom(peerId);
    if (stream?.readStatus === "readable") stream.pause();
    neighbour.cancelWait ??= this.#clock.after(waitMs, () => {
      neighbour.cancelWait = undefined;
      this.#waitIfOwing(peerId, neighbour);
      if (neighbour.cancelWait === undefined) this.#resume(peerId);
    });
  }

  #streamFrom(peerId: string): Stream | undefined {
    return this.#intake.streamsInbound.get(peerId)?.rawStream;
  }

  #resume(peerId: string): void {
    const stream = this.#streamFrom(peerId);
    if (stream?.readStatus !== "paused") return;
    try {
      stream.resume();
    } catch (error) {
      // The connection below has gone and the stream has not been told yet.
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #welcome(peerId: string, nowMs: number): Neighbour {
    const neighbour = {
      messages: bucketOf(gossipMessagesPerSecond, nowMs),
      bytes: bucketOf(gossipBytesPerSecond, nowMs),
      cancelWait: undefined,
    };
    this.#neighbours.set(peerId, neighbour);
    return neighbour;
  }
}
