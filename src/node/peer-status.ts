import type { PeerReport } from "../mesh/index.ts";
import type { NodeView } from "../records/index.ts";
import type { countersign } from "../wire/index.ts";

export interface Nodes {
  find(nodeId: string): Pick<NodeView, "peerId"> | undefined;
}

/** A peer as callers see it. Its node id is shown only where its record has this very peer id. */
export function peerStatusOf(peer: PeerReport, nodes: Nodes): countersign.v1.PeerStatus.$Properties {
  const { claimedNodeId } = peer;
  const isConfirmed = claimedNodeId !== undefined && nodes.find(claimedNodeId)?.peerId === peer.peerId;
  return {
    peer_id: peer.peerId,
    node_id: isConfirmed ? claimedNodeId : "",
    state: peer.state,
    reason: peer.reason,
    address: peer.address,
    prefix: peer.prefix ?? "",
    direction: peer.direction ?? "",
    since_ms: Math.round(peer.sinceMs ?? 0),
    latency_ms: peer.latencyMs ?? null,
    clock_offset_ms: peer.clockOffsetMs ?? null,
    software_version: peer.version ?? "",
    features: [...peer.features],
    gossip_score: peer.score,
    penalty: peer.penalty,
    topics: [...peer.topics],
    streams: peer.streams,
    until_ms: Math.round(peer.untilMs ?? 0),
    failed_dials: peer.failedDials,
  };
}
