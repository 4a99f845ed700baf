import { BoundedMap, CountersignError } from "../../base/index.ts";
import { type HostedNode, nodeKey } from "../../records/index.ts";
import {
  type Ack,
  type countersign,
  type DiscoverNodesRequest,
  NodeInfo,
  type UpdateNodeHeartbeatRequest,
  type WalletAddress,
} from "../../wire/index.ts";
import { type Caller, requireWallet } from "./caller.ts";
import type { RegistryContext } from "./collaborators.ts";
import type { RegistryConfig } from "./config.ts";
import { discover } from "./discovery.ts";

/** A heartbeat this far from our clock is from a machine whose clock is wrong, or a replay. */
const maxHeartbeatSkewSec = 60;
/** RegisterNode, UpdateNodeHeartbeat, DeregisterNode and DiscoverNodes. */
export class RegistryNodes {
  readonly #context: RegistryContext;
  readonly #config: RegistryConfig;
  /** Last heartbeat of each node that this registry vouches for, by `wallet/node id`. */
  readonly #beats: BoundedMap<string, HostedNode>;

  constructor(context: RegistryContext, config: RegistryConfig) {
    this.#context = context;
    this.#config = config;
    this.#beats = new BoundedMap(Math.max(1, config.max_hosted_nodes));
  }

  /**
   * Publishes the node's record: by its own wallet on its own node, as its host for a foreign wallet that signed the call.
   * @throws CountersignError UNAUTHENTICATED, ACCESS_DENIED; ALREADY_EXISTS when another wallet has the node id
   */
  async register(info: NodeInfo, caller: Caller): Promise<Ack.$Properties> {
    const { signer, replica, kinds } = this.#context;
    requireWallet(caller, signer.address, "wallet_address", info.wallet_address);
    this.#refuseTakenId(info);
    const isOwn = info.wallet_address === signer.address;
    const known = replica.get(kinds.node, signer.address, info.node_id)?.payload;
    if (isOwn) {
      // Without its peer id nobody would take the node's heartbeats.
      const peer_id = info.peer_id ?? known?.info?.peer_id ?? null;
      const multiaddrs = info.multiaddrs.length > 0 ? info.multiaddrs : (known?.info?.multiaddrs ?? []);
      await replica.publish(kinds.node, info.node_id, {
        roles: [info.node_type],
        ...known,
        info: { ...info, peer_id, multiaddrs },
      });
      return { success: true, message: `node ${info.node_id} is registered` };
    }
    if (caller.proof === undefined) {
      throw new CountersignError("UNAUTHENTICATED", "wallet_address: sign the call with the node's wallet", {
        field: "wallet_address",
      });
    }
    if (known === undefined && this.#hosted().length >= this.#config.max_hosted_nodes) {
      throw new CountersignError(
        "UNAVAILABLE",
        `this registry vouches for ${this.#config.max_hosted_nodes} nodes already`,
      );
    }
    // Everyone compares the record with what the wallet signed, so it holds the call's own fields, not the checked ones.
    const signed = NodeInfo.decode(caller.proof.body ?? new Uint8Array());
    await replica.publish(kinds.node, info.node_id, {
      info: signed,
      roles: [info.node_type],
      proof: caller.proof,
    });
    this.#heard(info.wallet_address, info.node_id, {
      activeTasks: 0,
      maxTasks: info.max_tasks ?? 1,
      load: 0,
    });
    return {
      success: true,
      message: `node ${info.node_id} is registered; send UpdateNodeHeartbeat every 10 s`,
    };
  }

  /** @throws CountersignError NOT_FOUND for an unknown node, ACCESS_DENIED for another wallet's, CLOCK_SKEW */
  async heartbeat(beat: UpdateNodeHeartbeatRequest, caller: Caller): Promise<Ack.$Properties> {
    requireWallet(caller, this.#context.signer.address, "wallet_address", beat.wallet_address);
    const nowMs = this.#context.clock.nowMs();
    const skewSec = Math.abs(beat.timestamp - nowMs / 1000);
    if (beat.timestamp !== 0 && skewSec > maxHeartbeatSkewSec) {
      throw new CountersignError(
        "CLOCK_SKEW",
        `timestamp: ${beat.timestamp} is ${Math.round(skewSec)} s from this node's clock; at most ${maxHeartbeatSkewSec} s are allowed`,
        { field: "timestamp" },
      );
    }
    const { nodes } = this.#context;
    const own = nodes.get(beat.wallet_address, beat.node_id);
    if (own === undefined) {
      if (nodes.find(beat.node_id) !== undefined) {
        throw new CountersignError("ACCESS_DENIED", `node_id: "${beat.node_id}" belongs to another wallet`, {
          field: "node_id",
        });
      }
      throw new CountersignError(
        "NOT_FOUND",
        `node_id: "${beat.node_id}" is not registered; call RegisterNode first`,
        { field: "node_id" },
      );
    }
    const { node_id, wallet_address, active_tasks, max_tasks, load } = beat;
    const maxTasks = max_tasks || (own.info.max_tasks ?? 1);
    this.#heard(wallet_address, node_id, { activeTasks: active_tasks, maxTasks, load });
    return { success: true, message: "" };
  }

  /** Removes the wallet's nodes that this registry published. @throws CountersignError NOT_FOUND when there are none anywhere */
  async deregister(request: WalletAddress, caller: Caller): Promise<Ack.$Properties> {
    const { signer, replica, kinds } = this.#context;
    const wallet = request.address;
    requireWallet(caller, signer.address, "address", wallet);
    const nodes = this.#context.nodes.byWallet(wallet);
    const ours = this.#published().filter((record) => walletOf(record.payload) === wallet);
    const elsewhere = nodes.filter((node) => node.owner !== signer.address);
    if (ours.length === 0 && elsewhere.length === 0) {
      throw new CountersignError("NOT_FOUND", `address: no node of ${wallet} is registered`, {
        field: "address",
      });
    }
    for (const record of ours) {
      await replica.remove(kinds.node, record.id);
      this.#beats.delete(nodeKey(wallet, record.id));
    }
    const removed = `${ours.length} of ${wallet}'s nodes removed`;
    const owners = [...new Set(elsewhere.map((node) => node.owner))];
    return elsewhere.length === 0
      ? { success: true, message: removed }
      : {
          success: ours.length > 0,
          message: `${removed}; ${elsewhere.length} published by ${owners.join(", ")} must be removed there`,
        };
  }

  discover(request: DiscoverNodesRequest): NodeInfo.$Properties[] {
    const { nodes, latencyMsOf } = this.#context;
    return discover(nodes.list({ includeOffline: true }), latencyMsOf, request);
  }

  /** The nodes that heartbeat to this registry, as each was last heard. */
  hosted(): Iterable<HostedNode> {
    return this.#beats.values();
  }

  #heard(wallet: string, nodeId: string, state: Pick<HostedNode, "activeTasks" | "maxTasks" | "load">): void {
    const beat = { wallet, nodeId, ...state, heardMs: this.#context.clock.nowMs() };
    const key = nodeKey(wallet, nodeId);
    this.#beats.set(key, beat);
    this.#beats.touch(key);
    this.#context.liveness.heard(beat);
  }

  /** A node id is its wallet's for as long as the record lives. */
  #refuseTakenId(info: NodeInfo): void {
    const { nodes } = this.#context;
    if (nodes.get(info.wallet_address, info.node_id) !== undefined) return;
    const holder = nodes.find(info.node_id);
    if (holder === undefined) return;
    throw new CountersignError(
      "ALREADY_EXISTS",
      `node_id: "${info.node_id}" is registered by ${holder.wallet}; choose another`,
      { field: "node_id" },
    );
  }

  #published() {
    const { replica, kinds, signer } = this.#context;
    return replica.list(kinds.node).filter((record) => record.owner === signer.address);
  }

  #hosted() {
    return this.#published().filter((record) => walletOf(record.payload) !== record.owner);
  }
}

/** Wallet of the node that a record is about, lower-case; a signed registration may spell it otherwise. */
function walletOf(record: countersign.v1.NodeRecord.$Properties): string {
  return (record.info?.wallet_address ?? "").toLowerCase();
}
