import type { Figures } from "../bench.ts";

// What a node of a network of some size has to do, from what each piece of work was measured to cost. Pure arithmetic; docs/scale.md tells
// the assumptions in words.

export interface NetworkSize {
  readonly computeNodes: number;
  readonly gateways: number;
  readonly validators: number;
}

export const sizes: readonly NetworkSize[] = [
  { computeNodes: 1_000, gateways: 10, validators: 7 },
  { computeNodes: 10_000, gateways: 50, validators: 21 },
  { computeNodes: 100_000, gateways: 200, validators: 51 },
];

const intervalSec = 10;
/** Gateways that each compute node registers with. */
const hostsPerNode = 2;
/** Copies of a gossip message that a node receives: it has three to six neighbours, and sends to those that did not send it first. */
const copies = 3;
/** A record is published again when half of its day is over; a node's own four times a day. */
const vouchesPerSec = 2 / 86_400;
const ownRecordsPerSec = 4 / 86_400;
/** A comparison of replicas, and a session, every 30 s each: this node's own and a peer's. */
const comparisonsPerSec = 4 / 30;

/** A task on each compute node every 100 s, each with two rounds. */
const tasksPerNodeSec = 0.01;
const roundsPerTask = 2;
const askedPerRound = 5;
/** Who gossips of rounds does so in bundles, at most so often. */
const bundlesPerSec = 40;

export interface Estimate extends NetworkSize {
  readonly hostedPerGateway: number;
  readonly messagesPerSec: number;
  readonly heartbeatKbPerSec: number;
  readonly heartbeatKbPerSecBefore: number;
  readonly recordsPerSec: number;
  readonly recordKbPerSec: number;
  /** Share of one core, in percent: heartbeats, records, comparisons. */
  readonly heartbeatCpu: number;
  readonly recordCpu: number;
  readonly syncCpu: number;
  /** Of gateways, validators and registries only. */
  readonly roundMessagesPerSec: number;
  readonly roundKbPerSec: number;
  readonly roundCpu: number;
  readonly replicaRecords: number;
  readonly replicaMb: number;
}

/** @param silentShare of the compute nodes, that hosts have to list */
export function estimate(size: NetworkSize, costs: Figures, silentShare: number): Estimate {
  const of = (name: string) => costs[name] ?? Number.NaN;
  const { computeNodes, gateways, validators } = size;
  const hosts = gateways + validators;
  const hostedPerGateway = (computeNodes * hostsPerNode) / gateways;
  const beatsPerSec = hosts / intervalSec;
  const listed = Math.round(hostedPerGateway * silentShare) * 8;
  const envelope = of("gossipWireBytes") - of("beatBytes");
  const plain = of("beatBytesAllWell") + envelope;
  const bytesPerSec = copies * ((gateways * (plain + listed) + validators * plain) / intervalSec);
  const bytesBefore =
    copies * ((hosts * plain + computeNodes * hostsPerNode * of("entryBytesBefore")) / intervalSec);
  const recordsPerSec = computeNodes * (hostsPerNode * vouchesPerSec + ownRecordsPerSec);
  const tasksPerSec = computeNodes * tasksPerNodeSec;
  const roundsPerSec = tasksPerSec * roundsPerTask;
  const asks = gateways * Math.min(bundlesPerSec, roundsPerSec / gateways);
  const answers = validators * Math.min(bundlesPerSec, (roundsPerSec * askedPerRound) / validators);
  const bytesPerTask =
    of("preprocessingBytes") + of("completionBytes") + roundsPerTask * askedPerRound * of("verdictBytes");
  const replicaRecords = computeNodes * (hostsPerNode + 1) + hosts + validators;
  return {
    ...size,
    hostedPerGateway,
    messagesPerSec: beatsPerSec + recordsPerSec,
    heartbeatKbPerSec: bytesPerSec / 1_000,
    heartbeatKbPerSecBefore: bytesBefore / 1_000,
    recordsPerSec,
    recordKbPerSec: (copies * recordsPerSec * of("recordBytes")) / 1_000,
    heartbeatCpu: (beatsPerSec * (of("gossipUs") + of("handledUs"))) / 10_000,
    recordCpu: (recordsPerSec * of("mergedUs")) / 10_000,
    syncCpu: (comparisonsPerSec * of("compareUs")) / 10_000,
    roundMessagesPerSec: asks + answers,
    roundKbPerSec: (copies * (tasksPerSec * bytesPerTask + (asks + answers) * envelope)) / 1_000,
    roundCpu: ((asks + answers) * of("gossipUs")) / 10_000,
    replicaRecords,
    replicaMb: (replicaRecords * of("recordMemoryBytes") + computeNodes * of("directoryBytesPerNode")) / 1e6,
  };
}
