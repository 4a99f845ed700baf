import { clockStateOf, clockWarnMs } from "./clock-health.ts";
import type { FailedDial } from "./dial-log.ts";
import type { Gossip } from "./gossip.ts";
import type { InfoExchange } from "./info-exchange.ts";
import { type TopicName, topicNames } from "./mesh.ts";
import type { PeerGuard, Refusal } from "./peer-guard.ts";
import type { Roster } from "./roster.ts";

export type PeerState = "connected" | "deaf" | "banned" | "denied" | "foreign" | "unreachable";

/** One peer as this node sees it, for its operator. */
export interface PeerReport {
  readonly peerId: string;
  /** As the peer says; its record must confirm it. */
  readonly claimedNodeId: string | undefined;
  readonly state: PeerState;
  /** In words; empty where there is nothing to say. */
  readonly reason: string;
  readonly address: string;
  /** Public prefix of the address. */
  readonly prefix: string | undefined;
  readonly direction: "inbound" | "outbound" | undefined;
  /** Unix milliseconds. */
  readonly sinceMs: number | undefined;
  readonly latencyMs: number | undefined;
  /** How far its clock is ahead of this node's. */
  readonly clockOffsetMs: number | undefined;
  readonly version: string | undefined;
  readonly features: readonly string[];
  readonly score: number;
  readonly penalty: number;
  /** In whose gossip mesh this node has it. */
  readonly topics: readonly TopicName[];
  readonly streams: number;
  /** Unix milliseconds: not before this will it be let in, or dialled, again. */
  readonly untilMs: number | undefined;
  readonly failedDials: number;
}

export interface PeerReportSources {
  readonly roster: Roster;
  readonly info: InfoExchange;
  readonly gossip: Gossip;
  readonly guard: PeerGuard;
  failedDials(): [string, FailedDial][];
}

/** Connected peers; with `all` also those that are not, and why. */
export function reportPeers(sources: PeerReportSources, all: boolean): PeerReport[] {
  const connected = connectedPeers(sources);
  if (!all) return connected;
  const seen = new Set(connected.map(({ peerId }) => peerId));
  const others: PeerReport[] = [];
  for (const report of [...refusedPeers(sources), ...foreignPeers(sources), ...unreachedPeers(sources)]) {
    if (report.peerId !== "" && seen.has(report.peerId)) continue;
    seen.add(report.peerId);
    others.push(report);
  }
  return [...connected, ...others];
}

function connectedPeers({ roster, info, gossip, guard }: PeerReportSources): PeerReport[] {
  const topicsOf = new Map<string, TopicName[]>();
  for (const topic of topicNames)
    for (const peerId of gossip.meshPeers(topic))
      topicsOf.set(peerId, [...(topicsOf.get(peerId) ?? []), topic]);
  return roster.views().map(({ peerId, addresses, direction, sinceMs, rttMs, streams }) => {
    const [address] = addresses;
    const told = info.of(peerId);
    const { inbound, outbound } = gossip.streams(peerId);
    const isDeaf = inbound === undefined || outbound === undefined;
    const score = gossip.score(peerId);
    const penalty = guard.penalty(peerId);
    return {
      ...absent,
      peerId,
      claimedNodeId: told?.nodeId,
      state: isDeaf ? "deaf" : "connected",
      reason: [
        isDeaf
          ? `no gossip stream ${inbound === undefined ? "from" : "to"} it; opened anew after some heartbeats`
          : "",
        clockWords(told?.certainOffsetMs),
        score < 0 ? "some of its gossip was rejected" : "",
        penalty >= 1 ? "it misbehaved" : "",
      ]
        .filter((text) => text !== "")
        .join("; "),
      address: address?.toString() ?? "",
      prefix: address && guard.prefixOf(address),
      direction,
      sinceMs,
      latencyMs: told?.latencyMs ?? rttMs,
      clockOffsetMs: told?.offsetMs,
      version: told?.version,
      features: told?.features ?? [],
      score,
      penalty,
      topics: topicsOf.get(peerId) ?? [],
      streams,
    };
  });
}

function clockWords(offsetMs: number | undefined): string {
  if (offsetMs === undefined || Math.abs(offsetMs) < clockWarnMs) return "";
  const words = `its clock is ${Math.abs(Math.round(offsetMs))} ms ${offsetMs > 0 ? "ahead" : "behind"}`;
  return clockStateOf(offsetMs) === "off" ? words : `${words}: what it signs may be refused`;
}

const refusalWords: Readonly<Record<Refusal["why"], string>> = {
  denied: "on the deny list",
  "not allowed": "not on the allow list",
  banned: "it sent what no honest peer sends",
  "prefix banned": "several peers of its prefix misbehaved",
};

function* refusedPeers({ guard }: PeerReportSources): Generator<PeerReport> {
  for (const peerId of guard.refusedPeers()) {
    const refusal = guard.refusal(peerId);
    if (refusal === undefined) continue;
    yield {
      ...absent,
      peerId,
      state: "untilMs" in refusal ? "banned" : "denied",
      reason: refusalWords[refusal.why],
      penalty: guard.penalty(peerId),
      untilMs: "untilMs" in refusal ? refusal.untilMs : undefined,
    };
  }
}

function* foreignPeers({ roster }: PeerReportSources): Generator<PeerReport> {
  for (const [peerId, untilMs] of roster.foreignPeers())
    yield { ...absent, peerId, state: "foreign", reason: "of another network", untilMs };
}

function* unreachedPeers({ failedDials }: PeerReportSources): Generator<PeerReport> {
  for (const [key, { attempts, notBeforeMs, reason }] of failedDials()) {
    const isAddress = key.startsWith("/");
    const peerId = isAddress ? (/\/p2p\/([^/]+)$/.exec(key)?.[1] ?? "") : key;
    const address = isAddress ? key : "";
    yield {
      ...absent,
      peerId,
      state: "unreachable",
      address,
      reason,
      untilMs: notBeforeMs,
      failedDials: attempts,
    };
  }
}

/** What there is to say of a peer that is not connected. */
const absent = {
  claimedNodeId: undefined,
  address: "",
  prefix: undefined,
  direction: undefined,
  sinceMs: undefined,
  latencyMs: undefined,
  clockOffsetMs: undefined,
  version: undefined,
  features: [],
  score: 0,
  penalty: 0,
  topics: [],
  streams: 0,
  untilMs: undefined,
  failedDials: 0,
} as const;
