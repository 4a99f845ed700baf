import type { DiscoverNodesRequest, NodeInfo } from "../../wire/index.ts";
import { type KnownNode, walletOf } from "./collaborators.ts";

// Which nodes answer a DiscoverNodes, and in which order. Pure.

export const maxDiscovered = 1_000;
export const defaultDiscovered = 100;

const rankOfStatus = { alive: 0, suspect: 1, offline: 2 } as const;

function matches(node: KnownNode, request: DiscoverNodesRequest.$Properties): boolean {
  const { info, roles } = node.record;
  if (node.status === "offline" && request.include_offline !== true) return false;
  const type = request.node_type ?? "";
  if (type !== "" && info?.node_type !== type && !(roles ?? []).includes(type)) return false;
  const model = request.model_uuid ?? "";
  if (model !== "" && !(info?.supported_models ?? []).some((served) => served.model_uuid === model))
    return false;
  const subnet = request.subnet_id ?? 0n;
  if (subnet !== 0n && info?.subnet_id !== subnet) return false;
  const offered = new Set(info?.capabilities ?? []);
  return (request.capabilities ?? []).every((capability) => offered.has(capability));
}

/** Live before suspect before offline, then nearest first, those without a measurement last, then by load. */
function compare(a: KnownNode, b: KnownNode): number {
  return (
    rankOfStatus[a.status] - rankOfStatus[b.status] ||
    (a.latencyMs ?? Number.MAX_VALUE) - (b.latencyMs ?? Number.MAX_VALUE) ||
    a.load - b.load ||
    (keyOf(a) < keyOf(b) ? -1 : 1)
  );
}

function keyOf(node: KnownNode): string {
  return `${node.record.info?.node_id}/${node.record.info?.wallet_address}`;
}

/** The nodes as the caller sees them: their own statement, with the time and status that this node observed. */
export function discover(
  nodes: Iterable<KnownNode>,
  request: DiscoverNodesRequest.$Properties,
): NodeInfo.$Properties[] {
  const limit = Math.min(request.limit || defaultDiscovered, maxDiscovered);
  return [...nodes]
    .filter((node) => matches(node, request))
    .sort(compare)
    .slice(0, limit)
    .map((node) => ({
      ...node.record.info,
      wallet_address: walletOf(node.record),
      last_heartbeat: Math.floor((node.lastSeenMs ?? 0) / 1000),
      status: node.status,
    }));
}
