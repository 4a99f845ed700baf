import { addressPattern, BoundedMap, type Cancel, type Clock } from "../base/index.ts";
import type { GossipMessage, TopicVerdict } from "../mesh/mesh.ts";
import { countersign } from "../wire/index.ts";
import type { NodeRecord } from "./kinds/node.ts";
import { maxConcurrentTasks } from "./kinds/node-info-bounds.ts";
import type { LiveRecord, RecordKind, Replica } from "./record.ts";

export type NodeStatus = "alive" | "suspect" | "offline";

export const heartbeatIntervalMs = 10_000;
const suspectAfterMissed = 3;
const offlineAfterMissed = 6;
/** Nodes whose last heartbeat is kept: more than a network has. The longest silent is forgotten first. */
const maxNodes = 65_536;
/** Authors whose record has not come yet; one heartbeat each. */
const maxParked = 1_024;
/** Entries in one message: with long ids still below the topic's 64 KiB. A busier host sends several messages. */
export const maxHostedPerBeat = 256;
const maxNodeIdLength = 128;
const hostRoles: ReadonlySet<string> = new Set(["gateway", "registry", "validator"]);

/** A node's last word about itself. */
export interface Heard {
  /** Unix milliseconds of the local clock. */
  readonly heardMs: number;
  readonly activeTasks: number;
  readonly maxTasks: number;
  readonly load: number;
}

interface HeardBeat extends Heard {
  /** Of a node's own heartbeats; 0 when a host spoke for it. */
  readonly sequence: number;
}

export interface LivenessOptions {
  readonly replica: Replica;
  readonly kind: RecordKind<NodeRecord>;
  readonly clock: Clock;
  readonly intervalMs?: number;
}

type Heartbeat = countersign.v1.Heartbeat.$Properties;
type HostedHeartbeat = countersign.v1.HostedHeartbeat.$Properties;

/** Names a node: two wallets may use one node id. */
export function nodeKey(wallet: string, nodeId: string): string {
  return `${wallet}/${nodeId}`;
}

/** Who was heard when, from gossiped heartbeats. In memory only. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #intervalMs: number;
  readonly #startedMs: number;
  readonly #heard = new BoundedMap<string, HeardBeat>(maxNodes);
  readonly #parked = new BoundedMap<string, countersign.v1.Heartbeat>(maxParked);
  readonly #stopListening: () => void;
  readonly #returnListeners = new Set<() => void>();

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? heartbeatIntervalMs;
    this.#startedMs = options.clock.nowMs();
    this.#stopListening = options.replica.onChange(options.kind, (record) => this.#unpark(record));
  }

  stop(): void {
    this.#stopListening();
  }

  /** Calls back when a node is heard that was silent for long, or never heard. */
  onReturn(listener: () => void): Cancel {
    this.#returnListeners.add(listener);
    return () => this.#returnListeners.delete(listener);
  }

  /** Handler of the `heartbeat` topic. */
  onGossip({ author, data }: Pick<GossipMessage, "author" | "data">): TopicVerdict {
    const beat = decodeHeartbeat(data);
    if (beat === undefined) return "reject";
    // What is this old says nothing any more; it may be a recording.
    if (Math.abs(beat.time_ms - this.#options.clock.nowMs()) > this.#intervalMs * offlineAfterMissed) {
      return "ignore";
    }
    const record = this.#options.replica.get(this.#options.kind, beat.wallet, beat.node_id);
    if (record?.payload.info?.peer_id !== author) {
      // The record, or its new peer id, may be on its way. The author's next heartbeat takes this one's place.
      this.#parked.set(author, beat);
      this.#parked.touch(author);
      return "ignore";
    }
    return this.#take(record, beat) ? "accept" : "ignore";
  }

  /** What this node says of itself and its hosted nodes; gossip does not bring it back. */
  heardOwn(beat: Heartbeat): void {
    this.#remember(nodeKey(beat.wallet ?? "", beat.node_id ?? ""), beat, this.#options.clock.nowMs());
    for (const hosted of beat.hosted ?? []) this.heard(hosted);
  }

  /** A heartbeat that a hosted node sent to this node. */
  heard(beat: HostedHeartbeat): void {
    const nowMs = this.#options.clock.nowMs();
    this.#remember(
      nodeKey(beat.wallet ?? "", beat.node_id ?? ""),
      { ...hostedFields(beat), sequence: 0 },
      Math.min(nowMs, beat.time_ms ?? nowMs),
    );
  }

  lastHeard(wallet: string, nodeId: string): Heard | undefined {
    return this.#heard.get(nodeKey(wallet, nodeId));
  }

  /**
   * Alive until three heartbeats were missed, offline from the sixth. `signOfLifeMs` is when its record was signed by itself. Who was
   * never heard is suspect for as long as this node itself has not listened for six intervals.
   */
  statusOf(wallet: string, nodeId: string, signOfLifeMs: number): NodeStatus {
    const nowMs = this.#options.clock.nowMs();
    const heardMs = this.#heard.get(nodeKey(wallet, nodeId))?.heardMs;
    const signMs = Math.max(heardMs ?? 0, Math.min(signOfLifeMs, nowMs));
    if (nowMs - signMs < suspectAfterMissed * this.#intervalMs) return "alive";
    const silentSinceMs = heardMs === undefined ? Math.max(signMs, this.#startedMs) : signMs;
    return nowMs - silentSinceMs < offlineAfterMissed * this.#intervalMs ? "suspect" : "offline";
  }

  /** False when it is no newer than what was heard. */
  #take(record: LiveRecord<NodeRecord>, beat: countersign.v1.Heartbeat): boolean {
    const key = nodeKey(beat.wallet, beat.node_id);
    if (beat.sequence <= (this.#heard.get(key)?.sequence ?? 0)) return false;
    const nowMs = this.#options.clock.nowMs();
    this.#remember(key, beat, nowMs);
    if (isHost(record)) {
      for (const hosted of beat.hosted) {
        if (!this.#isHostedBy(record.owner, hosted)) continue;
        // How long ago the host heard it, by the host's own clock, whatever ours says.
        const agoMs = Math.max(0, beat.time_ms - (hosted.time_ms ?? 0));
        this.#remember(
          nodeKey(hosted.wallet ?? "", hosted.node_id ?? ""),
          { ...hostedFields(hosted), sequence: 0 },
          nowMs - agoMs,
        );
      }
    }
    return true;
  }

  /** The host's own record of the node says so, or the node's own record names no peer that could speak for itself. */
  #isHostedBy(host: string, { wallet, node_id }: HostedHeartbeat): boolean {
    const { replica, kind } = this.#options;
    if (wallet == null || node_id == null) return false;
    const vouched = replica.get(kind, host, node_id)?.payload.info;
    if (vouched?.wallet_address?.toLowerCase() === wallet) return true;
    const own = replica.get(kind, wallet, node_id)?.payload.info;
    return own !== undefined && own !== null && !own.peer_id;
  }

  #remember(key: string, beat: Heartbeat, heardMs: number): void {
    const before = this.#heard.get(key);
    if (before !== undefined && before.heardMs > heardMs) return;
    this.#heard.set(key, {
      heardMs,
      sequence: Math.max(before?.sequence ?? 0, beat.sequence ?? 0),
      activeTasks: beat.active_tasks ?? 0,
      maxTasks: beat.max_tasks ?? 0,
      load: beat.load ?? 0,
    });
    this.#heard.touch(key);
    const silentMs = heardMs - (before?.heardMs ?? 0);
    if (silentMs < suspectAfterMissed * this.#intervalMs) return;
    for (const listener of this.#returnListeners) listener();
  }

  #unpark(record: LiveRecord<NodeRecord>): void {
    const peerId = record.payload.info?.peer_id;
    if (record.deleted || !peerId) return;
    const beat = this.#parked.get(peerId);
    if (beat === undefined || beat.wallet !== record.owner || beat.node_id !== record.id) return;
    this.#parked.delete(peerId);
    const ageMs = this.#options.clock.nowMs() - beat.time_ms;
    if (ageMs <= this.#intervalMs * suspectAfterMissed) this.#take(record, beat);
  }
}

function isHost({ payload }: LiveRecord<NodeRecord>): boolean {
  const roles = payload.roles ?? [];
  return [...roles, payload.info?.node_type ?? ""].some((role) => hostRoles.has(role));
}

function hostedFields({ active_tasks, max_tasks, load }: HostedHeartbeat) {
  return { active_tasks: active_tasks ?? 0, max_tasks: max_tasks ?? 0, load: load ?? 0 };
}

/** Undefined when the bytes are no heartbeat, or say what cannot be. */
function decodeHeartbeat(data: Uint8Array): countersign.v1.Heartbeat | undefined {
  let beat: countersign.v1.Heartbeat;
  try {
    beat = countersign.v1.Heartbeat.decode(data);
  } catch {
    return undefined;
  }
  if (!Number.isSafeInteger(beat.sequence) || beat.sequence === 0 || !Number.isSafeInteger(beat.time_ms)) {
    return undefined;
  }
  if (beat.hosted.length > maxHostedPerBeat) return undefined;
  return [beat, ...beat.hosted].every(isPlausible) ? beat : undefined;
}

function isPlausible(beat: HostedHeartbeat): boolean {
  const wallet = beat.wallet ?? "";
  const nodeId = beat.node_id ?? "";
  const load = beat.load ?? 0;
  const isNamed = nodeId.length > 0 && nodeId.length <= maxNodeIdLength;
  const isWallet = addressPattern.test(wallet) && wallet === wallet.toLowerCase();
  const areCounts = Math.max(beat.active_tasks ?? 0, beat.max_tasks ?? 0) <= maxConcurrentTasks;
  return isNamed && isWallet && areCounts && load >= 0 && load <= 1;
}
