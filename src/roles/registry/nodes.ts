import { BoundedMap, CountersignError, messageOf } from "../../base/index.ts";
import { heartbeatIntervalMs, nodeKey } from "../../records/index.ts";
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
/** Silent for so long, a hosted node is offline and left out of our own heartbeat. */
const offlineAfterMs = 6 * heartbeatIntervalMs;

type HostedBeat = countersign.v1.HostedHeartbeat.$Properties;

/** RegisterNode, UpdateNodeHeartbeat, DeregisterNode and DiscoverNodes. */
export class RegistryNodes {
  readonly #context: RegistryContext;
  readonly #config: RegistryConfig;
  /** Last heartbeat of each node that this registry vouches for, by `wallet/node id`. */
  readonly #beats: BoundedMap<string, HostedBeat>;

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
    this.#heard({ node_id: info.node_id, wallet: info.wallet_address, max_tasks: info.max_tasks ?? 1 });
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
    this.#heard({
      node_id,
      wallet: wallet_address,
      active_tasks,
      max_tasks: max_tasks || (own.info.max_tasks ?? 1),
      load,
    });
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

  /** What this node's own heartbeat says of the nodes it vouches for. */
  hostedHeartbeats(): HostedBeat[] {
    const oldestMs = this.#context.clock.nowMs() - offlineAfterMs;
    return [...this.#beats.values()].filter((beat) => (beat.time_ms ?? 0) > oldestMs);
  }

  /** Publishes again what would expire while its node is still heard. */
  async renew(): Promise<void> {
    const { kinds, clock } = this.#context;
    const heard = new Set(
      this.hostedHeartbeats().map((beat) => nodeKey(beat.wallet ?? "", beat.node_id ?? "")),
    );
    for (const record of this.#hosted()) {
      const remainingMs = record.expiresAtMs - clock.nowMs();
      if (remainingMs > kinds.node.lifeMs / 2) continue;
      if (heard.has(nodeKey(walletOf(record.payload), record.id))) {
        await this.#renewOne(record.id, record.payload);
      }
    }
  }

  /** A signed registration does not last for ever: past its time the node has to register again. */
  async #renewOne(id: string, payload: countersign.v1.NodeRecord.$Properties): Promise<void> {
    const { replica, kinds, logger } = this.#context;
    try {
      await replica.publish(kinds.node, id, payload);
    } catch (error) {
      logger.warn({ node: id, error: messageOf(error) }, "hosted node's record could not be renewed");
    }
  }

  #heard(beat: HostedBeat): void {
    const timed = { active_tasks: 0, load: 0, ...beat, time_ms: this.#context.clock.nowMs() };
    const key = nodeKey(beat.wallet ?? "", beat.node_id ?? "");
    this.#beats.set(key, timed);
    this.#beats.touch(key);
    this.#context.liveness.heard(timed);
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
