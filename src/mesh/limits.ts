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

/**
 * Gossip messages and bytes a second from one neighbour, with a burst of four seconds' worth. Past it the neighbour's stream
 * is not read for a while. A thousand signatures to check are a fifth of a core; networks of today's size stay at a tenth.
 */
export const gossipMessagesPerSecond = 1_000;
export const gossipBytesPerSecond = 16 * MiB;
export const gossipBurstSec = 4;
/** What a message that was not accepted counts as: neighbours pass on only what they have accepted themselves. */
export const wastedMessageCost = 10;
/**
 * Messages a second that one author may have in a topic, with a burst of four seconds' worth; what is more goes no further
 * than to its first neighbours. Authors bundle: the busiest send one message every 25 ms.
 */
export const authorMessagesPerSecond: Readonly<Record<TopicName, number>> = {
  heartbeat: 5,
  records: 100,
  cosign: 100,
  signatures: 100,
  snapshots: 20,
};

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
/** Streams of one protocol that one peer may hold open on all its connections; more are reset. */
export const maxInboundStreamsPerPeer = 96;
/** Requests of one protocol and peer that are worked on at once; more wait for their turn, as many as have streams. */
export const maxRequestsUnderWay = 32;
/** Bytes a second that one peer may send on one protocol, with a burst of four seconds' worth: a fifth of a gigabit link. */
export const streamBytesPerSecond = 24 * MiB;
export const streamBurstSec = 4;
/** Streams of all protocols on one connection. */
export const maxStreamsPerConnection = 512;
/** A request must have arrived whole after this long: a slow peer loses the stream, nothing else. */
export const requestArrivalMs = 20_000;
/** Longest error text that goes back to a requester. */
export const maxErrorBytes = KiB;

/** Per-peer tables: quotas, penalties, foreign peers, failed dials. Older entries are forgotten first. */
export const maxTrackedPeers = 4096;

/** Misbehaviour is half forgotten after this long: one frame of garbage costs ten minutes, the next soon after it sixteen. */
export const penaltyHalfLifeMs = 600_000;
/** At so many points a peer is cut off; at half of them it is welcome again. */
export const penaltyThreshold = 100;
export const penaltyForgivenAt = 50;
/** A prefix gets a quarter of its peers' points: four offenders are more than one operator's bad luck. */
export const prefixShareOfPenalty = 0.25;

/** Connections that one public prefix may hold: a tenth of all, and a whole small network. `mesh.peers_per_prefix` changes it. */
export const defaultPeersPerPrefix = 32;
/** Connections that one peer may hold: two that dialled each other at once, and two that have not noticed their end yet. */
export const maxConnectionsPerPeer = 4;
/** Of the peers that a node looks for by itself, one public prefix gets half at most; below four there is no choice. */
export const dialledSharePerPrefix = 0.5;
export const minDialledPerPrefix = 4;

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
