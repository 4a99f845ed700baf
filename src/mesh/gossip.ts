import type { Message as GossipMessageOfLibrary, GossipSub, GossipsubOpts } from "@libp2p/gossipsub";
import { StrictSign, TopicValidatorResult } from "@libp2p/gossipsub";
import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { type Clock, CountersignError, type Logger, messageOf } from "../base/index.ts";
import { GossipQuota } from "./gossip-quota.ts";
import { openStreamsSideBySide } from "./gossip-streams.ts";
import {
  maxGossipBacklogBytes,
  maxGossipRpcBytes,
  maxRunningHandlers,
  maxTopicBytes,
  maxWaitingMessages,
  replaceableTopics,
} from "./limits.ts";
import {
  type Handled,
  type TopicHandler,
  type TopicName,
  type TopicVerdict,
  type TopicView,
  topicNames,
} from "./mesh.ts";
import { allTopicIds, topicId } from "./protocol-ids.ts";
import { WorkQueue } from "./work-queue.ts";

export interface GossipTuning {
  /** Neighbours per topic: D, and the bounds at which the mesh grows and shrinks. */
  readonly degree: number;
  readonly degreeLow: number;
  readonly degreeHigh: number;
  readonly heartbeatMs: number;
}

/**
 * A smaller degree than the library's 6: every message costs each node a receipt and a write per neighbour. Measured with
 * eight nodes in one process: degree 6 1,000 deliveries a second, 4 2,100, 3 3,400, none lost. What a thinner mesh loses
 * when nodes vanish, IHAVE at the next heartbeat and reconciliation bring.
 */
export const defaultGossipTuning: GossipTuning = { degree: 3, degreeLow: 2, degreeHigh: 6, heartbeatMs: 700 };

const validatorResults: Readonly<Record<TopicVerdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

export function validatorResult(verdict: TopicVerdict): TopicValidatorResult {
  return validatorResults[verdict];
}

/** Author and sequence number: unique by StrictSign, and read without hashing or checking anything. */
function idText(from: Uint8Array | undefined, sequence: Uint8Array | undefined): string {
  return latin1(from) + latin1(sequence);
}

function latin1(bytes: Uint8Array | undefined): string {
  return bytes === undefined
    ? ""
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function messageId(message: GossipMessageOfLibrary): Uint8Array {
  if (message.type !== "signed") throw new TypeError("an unsigned message");
  const author = message.from.toMultihash().bytes;
  const id = new Uint8Array(author.length + 8);
  id.set(author);
  new DataView(id.buffer).setBigUint64(author.length, message.sequenceNumber);
  return id;
}

export function gossipsubOptions(network: string, tuning: GossipTuning): Partial<GossipsubOpts> {
  const topics = allTopicIds(network);
  return {
    globalSignaturePolicy: StrictSign,
    fallbackToFloodsub: false,
    floodPublish: false,
    batchPublish: true,
    allowPublishToZeroTopicPeers: true,
    emitSelf: false,
    D: tuning.degree,
    Dlo: tuning.degreeLow,
    Dhi: tuning.degreeHigh,
    Dout: Math.max(0, Math.min(tuning.degreeLow - 1, Math.floor(tuning.degree / 2))),
    Dscore: Math.max(1, tuning.degree - 1),
    Dlazy: 4,
    heartbeatInterval: tuning.heartbeatMs,
    // A pruned neighbour may be wanted again soon on a small network; a minute (the default) outlasts a restart.
    pruneBackoff: 15_000,
    unsubcribeBackoff: 2_000,
    graftFloodThreshold: 2_000,
    // Telling neighbours not to send costs a frame each; below this size the message itself is cheaper.
    idontwantMinDataSize: 16_384,
    fastMsgIdFn: (message) => idText(message.from, message.seqno),
    msgIdFn: messageId,
    msgIdToStrFn: latin1,
    allowedTopics: topics,
    maxInboundDataLength: maxGossipRpcBytes,
    maxOutboundBufferSize: maxGossipBacklogBytes,
    // Two connections to one peer are possible for a moment, each with its stream.
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    decodeRpcLimits: {
      maxSubscriptions: 4 * topicNames.length,
      maxMessages: 1_000,
      maxControlMessages: 256,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxPeerInfos: 0,
    },
    // Only what a peer forged costs score; being quiet, slow or on a shared address does not.
    scoreParams: {
      IPColocationFactorWeight: 0,
      behaviourPenaltyWeight: -1,
      behaviourPenaltyThreshold: 20,
      behaviourPenaltyDecay: 0.9,
      topics: Object.fromEntries(
        topics.map((topic) => [
          topic,
          {
            topicWeight: 1,
            timeInMeshWeight: 0,
            timeInMeshQuantum: 1_000,
            timeInMeshCap: 1,
            firstMessageDeliveriesWeight: 0.01,
            firstMessageDeliveriesDecay: 0.9,
            firstMessageDeliveriesCap: 100,
            meshMessageDeliveriesWeight: 0,
            meshMessageDeliveriesDecay: 0.5,
            meshMessageDeliveriesCap: 1,
            meshMessageDeliveriesThreshold: 1,
            meshMessageDeliveriesWindow: 10,
            meshMessageDeliveriesActivation: 1_000,
            meshFailurePenaltyWeight: 0,
            meshFailurePenaltyDecay: 0.5,
            invalidMessageDeliveriesWeight: -1,
            invalidMessageDeliveriesDecay: 0.9,
          },
        ]),
      ),
    },
    scoreThresholds: { gossipThreshold: -50, publishThreshold: -100, graylistThreshold: -400 },
  };
}

/** Topics with their handlers, on gossipsub. */
export class Gossip {
  readonly #pubsub: GossipSub;
  readonly #network: string;
  readonly #logger: Logger;
  readonly #queues = new Map<TopicName, WorkQueue>();
  readonly #dropped = new Map<TopicName, number>();
  readonly #quota: GossipQuota;

  constructor(pubsub: GossipSub, network: string, clock: Clock, logger: Logger) {
    this.#pubsub = pubsub;
    this.#network = network;
    this.#logger = logger;
    this.#quota = new GossipQuota(pubsub, clock);
  }

  /** Before the host starts, whose connections bring the first messages. */
  start(): void {
    openStreamsSideBySide(this.#pubsub, this.#logger);
    this.#quota.start();
  }

  stop(): void {
    this.#quota.stop();
  }

  async publish(topic: TopicName, data: Uint8Array): Promise<number> {
    if (data.length > maxTopicBytes[topic]) {
      throw new CountersignError(
        "TOO_LARGE",
        `a ${topic} message holds at most ${maxTopicBytes[topic]} bytes`,
        { topic },
      );
    }
    const { recipients } = await this.#pubsub.publish(topicId(this.#network, topic), data);
    return recipients.length;
  }

  subscribe(topic: TopicName, handler: TopicHandler): void {
    if (this.#queues.has(topic))
      throw new CountersignError("INTERNAL", `topic ${topic} has its handler already`);
    const queue = new WorkQueue({
      maxRunning: maxRunningHandlers,
      maxWaiting: maxWaitingMessages,
      dropOldest: replaceableTopics.has(topic),
    });
    this.#queues.set(topic, queue);
    const id = topicId(this.#network, topic);
    this.#pubsub.topicValidators.set(id, async (relay, message) => {
      if (message.type !== "signed" || message.data.length > maxTopicBytes[topic])
        return TopicValidatorResult.Reject;
      const { from, data } = message;
      if (!this.#quota.admits(topic, from.toString())) {
        this.#onDropped(topic);
        this.#quota.wasted(relay.toString());
        return TopicValidatorResult.Ignore;
      }
      const handled = await queue.run(async (): Promise<Handled> => {
        try {
          return await handler({ author: from.toString(), relay: relay.toString(), data });
        } catch (error) {
          // A fault of ours must not cost the neighbour its score.
          this.#logger.error({ topic, error: messageOf(error) }, "gossip handler failed");
          return "ignore";
        }
      });
      if (handled === undefined) this.#onDropped(topic);
      // Whoever waits for what it is about holds up nobody else.
      const verdict = typeof handled === "object" ? await handled.parked : handled;
      if (verdict !== "accept") this.#quota.wasted(relay.toString());
      return validatorResult(verdict ?? "ignore");
    });
    this.#pubsub.subscribe(id);
  }

  views(): TopicView[] {
    return topicNames.map((topic) => {
      const id = topicId(this.#network, topic);
      return {
        topic,
        subscribers: this.#pubsub.getSubscribers(id).length,
        mesh: this.meshPeers(topic).length,
      };
    });
  }

  subscribers(topic: TopicName): string[] {
    return this.#pubsub.getSubscribers(topicId(this.#network, topic)).map(String);
  }

  meshPeers(topic: TopicName): string[] {
    return (this.#pubsub as unknown as GossipInsides).getMeshPeers(topicId(this.#network, topic));
  }

  subscribed(): TopicName[] {
    return [...this.#queues.keys()];
  }

  /** The streams that gossipsub itself uses for the peer, while they live. */
  streams(peerId: string): { readonly inbound: Stream | undefined; readonly outbound: Stream | undefined } {
    const { streamsInbound, streamsOutbound } = this.#pubsub as unknown as GossipInsides;
    const inbound = streamsInbound.get(peerId)?.rawStream;
    const outbound = streamsOutbound.get(peerId)?.rawStream;
    return {
      inbound: inbound?.status === "open" && inbound.remoteWriteStatus !== "closed" ? inbound : undefined,
      outbound: outbound?.status === "open" && outbound.writeStatus === "writable" ? outbound : undefined,
    };
  }

  /** Tells gossipsub of a connection as if it were new, so that it opens its stream where it has none. */
  attach(peerId: PeerId, connection: Connection): void {
    (this.#pubsub as unknown as GossipInsides).onPeerConnected(peerId, connection);
  }

  score(peerId: string): number {
    return (this.#pubsub as unknown as GossipInsides).getScore(peerId);
  }

  /** Messages by topic that were not handled because too many waited. */
  dropped(): ReadonlyMap<TopicName, number> {
    return this.#dropped;
  }

  #onDropped(topic: TopicName): void {
    const count = (this.#dropped.get(topic) ?? 0) + 1;
    this.#dropped.set(topic, count);
    // Logged at 1, 2, 4, 8 …: said, without a flood of its own.
    if ((count & (count - 1)) === 0)
      this.#logger.warn({ topic, count }, "gossip arrives faster than it is handled");
  }
}

/** What gossipsub's class has and its exported interface does not name. */
interface GossipInsides {
  readonly streamsInbound: ReadonlyMap<string, { readonly rawStream: Stream }>;
  readonly streamsOutbound: ReadonlyMap<string, { readonly rawStream: Stream }>;
  onPeerConnected(peerId: PeerId, connection: Connection): void;
  getMeshPeers(topic: string): string[];
  getScore(peerId: string): number;
}
