import type { NodeView } from "../../records/index.ts";
import type { DiscoverNodesRequest, NodeInfo } from "../../wire/index.ts";

// Which nodes answer a DiscoverNodes, and in which order. Pure.

export const maxDiscovered = 1_000;
export const defaultDiscovered = 100;

const rankOfStatus = { alive: 0, suspect: 1, offline: 2 } as const;

interface Measured {
  readonly node: NodeView;
  readonly latencyMs: number;
}

function matches(node: NodeView, request: DiscoverNodesRequest.$Properties): boolean {
  const { info, roles } = node;
  if (node.status === "offline" && request.include_offline !== true) return false;
  const type = request.node_type ?? "";
  if (type !== "" && info.node_type !== type && !roles.includes(type)) return false;
  const model = request.model_uuid ?? "";
  if (model !== "" && !(info.supported_models ?? []).some((served) => served.model_uuid === model))
    return false;
  const subnet = request.subnet_id ?? 0n;
  if (subnet !== 0n && info.subnet_id !== subnet) return false;
  const offered = new Set(info.capabilities ?? []);
  return (request.capabilities ?? []).every((capability) => offered.has(capability));
}

/** Live before suspect before offline, then nearest first, those without a measurement last, then by load. */
function compare(a: Measured, b: Measured): number {
  return (
    rankOfStatus[a.node.status] - rankOfStatus[b.node.status] ||
    a.latencyMs - b.latencyMs ||
    a.node.load - b.node.load ||
    (keyOf(a) < keyOf(b) ? -1 : 1)
  );
}

function keyOf({ node }: Measured): string {
  return `${node.info.node_id}/${node.wallet}`;
}

/** The nodes as the caller sees them: their own statement, with the time and status that this node observed. */
export function discover(
  nodes: readonly NodeView[],
  latencyMsOf: (node: NodeView) => number | undefined,
  request: DiscoverNodesRequest.$Properties,
): NodeInfo.$Properties[] {
  const limit = Math.min(request.limit || defaultDiscovered, maxDiscovered);
  return nodes
    .filter((node) => matches(node, request))
    .map((node) => ({ node, latencyMs: latencyMsOf(node) ?? Number.MAX_VALUE }))
    .sort(compare)
    .slice(0, limit)
    .map(({ node }) => ({
      ...node.info,
      wallet_address: node.wallet,
      last_heartbeat: Math.floor((node.lastHeartbeatMs ?? 0) / 1000),
      status: node.status,
    }));
}
