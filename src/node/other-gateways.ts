import { BoundedMap, type Clock } from "../base/index.ts";
import type { Mesh } from "../mesh/index.ts";
import { type NodeDirectory, type NodeView, nodeKey } from "../records/index.ts";
import {
  type ForeignNode,
  maxAnswerBytes,
  maxMessageBytes,
  type OtherGateways,
} from "../roles/gateway/index.ts";
import type { ModelInfo } from "../wire/index.ts";

/** A busy pair of gateways exchanges some messages for each task. */
const framesPerSecond = 1_000;
/** To go through every node of a large network takes longer than the rest of a task's way. */
const cacheMs = 250;
const maxCachedModels = 1_024;
/** Enough to choose from; the gateway itself chooses among its nodes. */
const maxNodesPerGateway = 16;

export interface OtherGatewaysOptions {
  readonly directory: NodeDirectory;
  readonly mesh: Pick<Mesh, "request" | "answer" | "onPeer" | "peers">;
  /** This node's own wallet. */
  readonly wallet: string;
  readonly clock: Clock;
}

/** The network's other gateways as the replica and the mesh know them. */
export function otherGateways({ directory, mesh, wallet, clock }: OtherGatewaysOptions): OtherGateways {
  const cache = new BoundedMap<string, { readonly nodes: readonly ForeignNode[]; readonly atMs: number }>(
    maxCachedModels,
  );

  /** What a gateway says of itself; another's word for it counts for nothing. */
  const gatewayOf = (address: string): NodeView | undefined =>
    directory.byWallet(address).find((node) => node.owner === address && isGateway(node) && node.peerId);

  const nodesBehind = (node: NodeView, modelUuid: string, at: (gateway: string) => Gateway | undefined) => {
    const model = node.info.supported_models.find((one) => one.model_uuid === modelUuid);
    if (model === undefined || node.status !== "alive") return [];
    return [...node.hosts, node.wallet].flatMap((address): ForeignNode[] => {
      const gateway = address === wallet ? undefined : at(address);
      if (gateway === undefined) return [];
      return [
        {
          nodeId: node.info.node_id,
          wallet: node.wallet,
          gateway: address,
          subnetId: node.info.subnet_id ?? undefined,
          priceWei: BigInt(model.price_wei || "0"),
          load: node.load,
          freeSlots: Math.max(0, node.maxTasks - node.activeTasks),
          latencyMs: gateway.latencyMs,
        },
      ];
    });
  };

  /** Looks a gateway up once, and only among the living. */
  const gatewayLookup = (): ((address: string) => Gateway | undefined) => {
    const latencies = new Map(mesh.peers().map(({ peerId, latencyMs }) => [peerId, latencyMs]));
    const known = new Map<string, Gateway | undefined>();
    return (address) => {
      if (!known.has(address)) {
        const node = gatewayOf(address);
        const isLive = node !== undefined && node.status !== "offline";
        known.set(address, isLive ? { latencyMs: latencies.get(node.peerId ?? "") } : undefined);
      }
      return known.get(address);
    };
  };

  const nodesServing = (modelUuid: string): readonly ForeignNode[] => {
    const nowMs = clock.nowMs();
    const cached = cache.get(modelUuid);
    if (cached !== undefined && nowMs - cached.atMs < cacheMs) return cached.nodes;
    const at = gatewayLookup();
    const nodes = directory.serving(modelUuid).flatMap((node) => nodesBehind(node, modelUuid, at));
    cache.set(modelUuid, { nodes, atMs: nowMs });
    return nodes;
  };

  return {
    nodesServing(modelUuid, subnetId) {
      const perGateway = new Map<string, number>();
      return nodesServing(modelUuid)
        .filter((node) => subnetId === undefined || node.subnetId === subnetId)
        .toSorted(byPrice)
        .filter(({ gateway }) => {
          const taken = perGateway.get(gateway) ?? 0;
          perGateway.set(gateway, taken + 1);
          return taken < maxNodesPerGateway;
        });
    },
    find(gateway, { wallet: nodeWallet, nodeId }, modelUuid) {
      const node = directory.get(nodeWallet, nodeId);
      const places = node === undefined ? [] : nodesBehind(node, modelUuid, gatewayLookup());
      return places.find((place) => place.gateway === gateway);
    },
    models: () => [...directory.models().keys()].flatMap((modelUuid) => modelOf(modelUuid) ?? []),
    peerIdOf: (gateway) => gatewayOf(gateway)?.peerId,
    request: (peerId, data, signal) =>
      mesh.request(peerId, "task", data, { signal, maxResponseBytes: maxAnswerBytes }),
    answer: (handler) => mesh.answer("task", { maxRequestBytes: maxMessageBytes, framesPerSecond }, handler),
    onPeer: (listener) => mesh.onPeer(listener),
  };

  function modelOf(modelUuid: string): ModelInfo.$Properties | undefined {
    const [cheapest, ...rest] = nodesServing(modelUuid).toSorted(byPrice);
    const node = cheapest && directory.get(cheapest.wallet, cheapest.nodeId);
    const model = node?.info.supported_models.find((one) => one.model_uuid === modelUuid);
    if (cheapest === undefined || model === undefined) return undefined;
    const places = [cheapest, ...rest];
    const nodes = new Set(places.map((place) => nodeKey(place.wallet, place.nodeId))).size;
    return {
      model_uuid: modelUuid,
      name: model.name ?? "",
      category: model.category ?? "",
      version: model.version ?? "",
      max_tokens: model.max_tokens ?? 0,
      available_nodes: nodes,
      nodes_elsewhere: nodes,
      min_price_wei: cheapest.priceWei.toString(),
      subnet_ids: [...new Set(places.flatMap(({ subnetId }) => subnetId ?? []))],
    };
  }
}

interface Gateway {
  readonly latencyMs: number | undefined;
}

function isGateway({ info, roles }: NodeView): boolean {
  return info.node_type === "gateway" || roles.includes("gateway");
}

function byPrice(a: ForeignNode, b: ForeignNode): number {
  return a.priceWei < b.priceWei ? -1 : Number(a.priceWei > b.priceWei);
}
