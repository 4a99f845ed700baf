import type { TopicName } from "./mesh.ts";

// Every bound of the mesh, with its reason. docs/mesh.md repeats the ones that an operator meets.

const KiB = 1024;
const MiB = 1024 * KiB;

/** Largest gossip message by topic. Bundles hold up to 256 records or co-sign messages of about a kilobyte. */
export const maxTopicBytes: Readonly<Record<TopicName, number>> = {
  heartbeat: 64 * KiB,
  records: 512 * KiB,
  cosign: 512 * KiB,
  signatures: 256 * KiB,
  snapshots: 64 * KiB,
};

/** Topics whose messages replace each other: the oldest waiting one may go. Of the others none is dropped unsaid. */
export const replaceableTopics: ReadonlySet<TopicName> = new Set(["heartbeat"]);

/** Gossip messages of a topic whose handler runs at once: enough to keep signature checks busy. */
export const maxRunningHandlers = 256;
/** Gossip messages of a topic that wait for a handler: a few seconds of the busiest topic. */
export const maxWaitingMessages = 4096;

/** One gossip RPC may carry several messages in answer to IWANT. Past this the stream is reset. */
export const maxGossipRpcBytes = 8 * MiB;
/** What waits for one slow neighbour before its gossip stream is given up and opened afresh. */
export const maxGossipBacklogBytes = 16 * MiB;

/** Frames on a channel that this node opened; bundles of verdicts and records stay far below. */
export const maxChannelFrameBytes = 4 * MiB;
/** What a channel holds while its stream is down or slow: about a second of a busy gateway. */
export const maxChannelQueueFrames = 4096;
export const maxChannelQueueBytes = 16 * MiB;
/** Answers a peer may send on a channel that this node opened, a second. */
export const channelAnswersPerSecond = 20_000;

/** Streams of one protocol that one connection may hold open; more are reset by libp2p. */
export const maxInboundStreamsPerProtocol = 64;
export const maxOutboundStreamsPerProtocol = 256;
/** Streams of all protocols on one connection. */
export const maxStreamsPerConnection = 512;
/** A request must have arrived whole after this long: a slow peer loses the stream, nothing else. */
export const requestArrivalMs = 20_000;
/** Longest error text that goes back to a requester. */
export const maxErrorBytes = KiB;

/** Per-peer tables: token buckets, bans, foreign peers, failed dials. Older entries are forgotten first. */
export const maxTrackedPeers = 4096;

/** A peer that sent garbage is refused for this long, doubled for each repetition up to the longest. */
export const firstBanMs = 60_000;
export const longestBanMs = 3_600_000;

/** A connection whose peer has not shown by identify that it speaks this network's protocols is closed. */
export const identifyWithinMs = 15_000;

/** libp2p's default of 5 a second and host refuses local networks, which share one address. */
export const inboundConnectionsPerSecondAndHost = 200;
export const maxPendingInboundConnections = 128;
export const maxConnections = 300;

/** The info answer: a few hundred bytes and the addresses below. */
export const maxInfoBytes = 16 * KiB;
export const maxSharedPeers = 16;
export const infoRequestsPerSecond = 20;
