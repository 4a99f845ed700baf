import type { SyncComparison } from "../records/index.ts";
import type { countersign } from "../wire/index.ts";

const toSec = (ms: number) => Math.ceil(ms / 1000);

/** A comparison as callers see it. */
export function syncStatusOf(comparison: SyncComparison): countersign.v1.SyncStatus.$Properties {
  const { asOfMs, connectedPeers, isInSync, behindMs, kinds, peers } = comparison;
  const compared = peers.filter(({ problem }) => problem === undefined);
  return {
    in_sync: isInSync,
    as_of_ms: asOfMs,
    connected_peers: connectedPeers,
    seconds_behind: toSec(behindMs),
    kinds: kinds.map(({ kind, records, deletions, digest }) => ({
      kind,
      records,
      deletions,
      digest,
      in_sync:
        compared.length > 0 &&
        compared.every(({ differences }) => differences.every((difference) => difference.kind !== kind)),
    })),
    peers: peers.map(({ peerId, problem = "", differences }) => ({
      peer_id: peerId,
      in_sync: problem === "" && differences.length === 0,
      problem,
      differences: differences.map(({ kind, missing, extra, behindMs }) => ({
        kind,
        missing,
        extra,
        seconds_behind: toSec(behindMs),
      })),
    })),
  };
}
