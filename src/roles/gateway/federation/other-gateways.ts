import type { Cancel } from "../../../base/index.ts";
import type { ModelInfo } from "../../../wire/index.ts";

/** A node as another gateway vouches for it; one entry for each live gateway that does. */
export interface ForeignNode {
  readonly nodeId: string;
  readonly wallet: string;
  /** Wallet of the gateway that it is behind. */
  readonly gateway: string;
  readonly subnetId: bigint | undefined;
  /** What the node has published for the model. */
  readonly priceWei: bigint;
  /** Share of slots in use, 0 to 1, as far as it is known. */
  readonly load: number;
  readonly freeSlots: number;
  /** To the gateway and back; undefined while it was not measured. */
  readonly latencyMs: number | undefined;
}

/** The network's other gateways, as this node's replica and mesh know them. */
export interface OtherGateways {
  /** Live nodes that serve the model, behind live gateways: the cheapest of each gateway. */
  nodesServing(modelUuid: string, subnetId: bigint | undefined): ForeignNode[];
  /** One such node. */
  find(
    gateway: string,
    node: { readonly wallet: string; readonly nodeId: string },
    modelUuid: string,
  ): ForeignNode | undefined;
  /** Models that live nodes behind other gateways serve. */
  models(): ModelInfo.$Properties[];
  /** The peer that a gateway's own record names; undefined for a wallet that is no gateway's. */
  peerIdOf(gateway: string): string | undefined;
  /**
   * One request of protocol `task`.
   * @throws CountersignError as the peer answered it, with `fromPeer` in its data; UNAVAILABLE when there was no answer
   */
  request(peerId: string, data: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  answer(handler: (peerId: string, data: Uint8Array) => Promise<Uint8Array>): void;
  /** Calls back whenever a peer has connected. */
  onPeer(listener: (peerId: string) => void): Cancel;
}
