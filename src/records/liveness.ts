import { addressPattern, BoundedMap, type Cancel, type Clock } from "../base/index.ts";
import type { GossipMessage, Parked, TopicVerdict } from "../mesh/mesh.ts";
import { countersign } from "../wire/index.ts";
import { digestBytes, type HostedDigest, readDigest, saySame, statusIn } from "./hosted-digest.ts";
import type { NodeRecord } from "./kinds/node.ts";
import { maxConcurrentTasks } from "./kinds/node-info-bounds.ts";
import { ParkedBeats } from "./parked-beats.ts";
import type { LiveRecord, RecordKind, Replica } from "./record.ts";

export type NodeStatus = "alive" | "suspect" | "offline";

export const heartbeatIntervalMs = 10_000;
const suspectAfterMissed = 3;
export const offlineAfterMissed = 6;
/** Nodes whose last heartbeat is kept: hosts of the network and nodes behind this one. The longest silent is forgotten first. */
const maxNodes = 65_536;
/** Lists of all hosts' digests: two million entries. Beyond it the longest unheard host's is forgotten until its next beat. */
const maxDigestBytes = 16 * 1024 * 1024;
const maxNodeIdLength = 128;
const hostRoles: ReadonlySet<string> = new Set(["gateway", "registry", "validator"]);

/** A node's last word about itself, or its host's about it. */
export interface Heard {
  /** Unix milliseconds of the local clock. */
  readonly heardMs: number;
  readonly activeTasks: number;
  readonly maxTasks: number;
  /** 0 to 1. */
  readonly load: number;
}

/** A node that heartbeats to this one by gRPC. */
export interface HostedNode extends Heard {
  /** Lower-case. */
  readonly wallet: string;
  readonly nodeId: string;
}

interface HeardBeat extends Heard {
  /** Of a node's own heartbeats; 0 when it was heard as a hosted node. */
  readonly sequence: number;
}

export interface LivenessOptions {
  readonly replica: Replica;
  readonly kind: RecordKind<NodeRecord>;
  readonly clock: Clock;
  readonly intervalMs?: number;
}

/** A heartbeat that has been checked for what needs no record. */
export interface ReadBeat extends Omit<countersign.v1.Heartbeat, "hosted"> {
  readonly digest: HostedDigest | undefined;
}

/** Names a node: two wallets may use one node id. */
export function nodeKey(wallet: string, nodeId: string): string {
  return `${wallet}/${nodeId}`;
}

/** Alive until three heartbeats were missed, offline from the sixth. */
export function statusAfter(silentMs: number, intervalMs: number): NodeStatus {
  if (silentMs < suspectAfterMissed * intervalMs) return "alive";
  return silentMs < offlineAfterMissed * intervalMs ? "suspect" : "offline";
}

/** Gateways, registries and validators speak for the nodes that they vouch for. */
export function isHost({ payload }: LiveRecord<NodeRecord>): boolean {
  const roles = payload.roles ?? [];
  return [...roles, payload.info?.node_type ?? ""].some((role) => hostRoles.has(role));
}

/** Who was heard when, from gossiped heartbeats. In memory only. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #intervalMs: number;
  readonly #startedMs: number;
  readonly #heard = new BoundedMap<string, HeardBeat>(maxNodes);
  /** What hosts say of their nodes, by the host's key, the longest unheard first. */
  readonly #digests = new Map<string, HostedDigest>();
  #digestBytes = 0;
  readonly #parked: ParkedBeats;
  readonly #stopListening: () => void;
  readonly #returnListeners = new Set<() => void>();

  constructor(options: LivenessOptions) {
    const { replica, kind, clock } = options;
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? heartbeatIntervalMs;
    this.#startedMs = clock.nowMs();
    this.#parked = new ParkedBeats({
      clock,
      lifeMs: suspectAfterMissed * this.#intervalMs,
      take: (record, beat) => this.#take(record, beat),
    });
    this.#stopListening = replica.onChange(kind, (record) => this.#parked.onRecord(record));
  }

  stop(): void {
    this.#stopListening();
    this.#parked.stop();
  }

  /** Calls back when a node is heard that was silent for long, or never heard, by this node or by a host. */
  onReturn(listener: () => void): Cancel {
    this.#returnListeners.add(listener);
    return () => this.#returnListeners.delete(listener);
  }

  /** Handler of the `heartbeat` topic. */
  onGossip({ author, data }: Pick<GossipMessage, "author" | "data">): TopicVerdict | Parked {
    const beat = readBeat(data);
    if (beat === undefined) return "reject";
    // What is this old says nothing any more; it may be a recording.
    if (Math.abs(beat.time_ms - this.#options.clock.nowMs()) > this.#intervalMs * offlineAfterMissed) {
      return "ignore";
    }
    const record = this.#options.replica.get(this.#options.kind, beat.wallet, beat.node_id);
    // The record, or its new peer id, may be on its way.
    if (record?.payload.info?.peer_id !== author) return this.#parked.add(author, beat);
    return this.#take(record, beat) ? "accept" : "ignore";
  }

  /** What this node says of itself and of those it vouches for; gossip does not bring it back. */
  heardOwn(beat: ReadBeat): void {
    const key = nodeKey(beat.wallet, beat.node_id);
    this.#remember(key, heardIn(beat, this.#options.clock.nowMs()));
    this.#note(key, beat.digest);
  }

  /** A heartbeat that a hosted node sent to this node. */
  heard(node: HostedNode): void {
    const heardMs = Math.min(this.#options.clock.nowMs(), node.heardMs);
    this.#remember(nodeKey(node.wallet, node.nodeId), { ...node, heardMs, sequence: 0 });
  }

  lastHeard(wallet: string, nodeId: string): Heard | undefined {
    return this.#heard.get(nodeKey(wallet, nodeId));
  }

  /** What a host said last of all the nodes that its wallet vouches for; undefined when it has not yet. */
  digestOf(wallet: string, nodeId: string): HostedDigest | undefined {
    return this.#digests.get(nodeKey(wallet, nodeId));
  }

  /**
   * By its own heartbeats. `signOfLifeMs` is when its record was signed by itself. Who was never heard is suspect for as long as
   * this node itself has not listened for six intervals.
   */
  statusOf(wallet: string, nodeId: string, signOfLifeMs: number): NodeStatus {
    const nowMs = this.#options.clock.nowMs();
    const heardMs = this.#heard.get(nodeKey(wallet, nodeId))?.heardMs;
    const signMs = Math.max(heardMs ?? 0, Math.min(signOfLifeMs, nowMs));
    const status = statusAfter(nowMs - signMs, this.#intervalMs);
    if (status === "alive" || heardMs !== undefined) return status;
    return worse("suspect", statusAfter(nowMs - Math.max(signMs, this.#startedMs), this.#intervalMs));
  }

  /** Of a node that a host vouches for: as the host says, and never better than the host's own status. */
  statusAt(host: LiveRecord<NodeRecord>, hash: bigint): NodeStatus {
    const own = this.statusOf(host.owner, host.id, host.version);
    const digest = this.digestOf(host.owner, host.id);
    return digest === undefined ? own : worse(own, statusIn(digest, hash));
  }

  /** False when it is no newer than what was heard. */
  #take(record: LiveRecord<NodeRecord>, beat: ReadBeat): boolean {
    const key = nodeKey(beat.wallet, beat.node_id);
    if (beat.sequence <= (this.#heard.get(key)?.sequence ?? 0)) return false;
    this.#remember(key, heardIn(beat, this.#options.clock.nowMs()));
    this.#note(key, isHost(record) ? beat.digest : undefined);
    return true;
  }

  /** Keeps a host's newest digest in place of its last. */
  #note(key: string, digest: HostedDigest | undefined): void {
    const before = this.#digests.get(key);
    this.#forgetDigest(key);
    if (digest === undefined) return;
    this.#digests.set(key, digest);
    this.#digestBytes += digestBytes(digest);
    while (this.#digestBytes > maxDigestBytes || this.#digests.size > maxNodes) {
      this.#forgetDigest(this.#digests.keys().next().value ?? key);
    }
    // Somebody that it vouches for may be there again.
    if (before === undefined || !saySame(before, digest)) this.#tellReturn();
  }

  #forgetDigest(key: string): void {
    const digest = this.#digests.get(key);
    if (digest === undefined) return;
    this.#digests.delete(key);
    this.#digestBytes -= digestBytes(digest);
  }

  #remember(key: string, heard: HeardBeat): void {
    const before = this.#heard.get(key);
    if (before !== undefined && before.heardMs > heard.heardMs) return;
    this.#heard.set(key, { ...heard, sequence: Math.max(before?.sequence ?? 0, heard.sequence) });
    this.#heard.touch(key);
    const silentMs = heard.heardMs - (before?.heardMs ?? 0);
    if (statusAfter(silentMs, this.#intervalMs) !== "alive") this.#tellReturn();
  }

  #tellReturn(): void {
    for (const listener of this.#returnListeners) listener();
  }
}

const order: readonly NodeStatus[] = ["alive", "suspect", "offline"];

export function worse(a: NodeStatus, b: NodeStatus): NodeStatus {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

export function better(a: NodeStatus, b: NodeStatus): NodeStatus {
  return order.indexOf(a) < order.indexOf(b) ? a : b;
}

function heardIn({ sequence, active_tasks, max_tasks, load }: ReadBeat, heardMs: number): HeardBeat {
  return { heardMs, sequence, activeTasks: active_tasks, maxTasks: max_tasks, load };
}

/** Undefined when the bytes are no heartbeat, or say what cannot be. */
function readBeat(data: Uint8Array): ReadBeat | undefined {
  let beat: countersign.v1.Heartbeat;
  try {
    beat = countersign.v1.Heartbeat.decode(data);
  } catch {
    return undefined;
  }
  const { node_id, wallet, sequence, time_ms, active_tasks, max_tasks, load, hosted } = beat;
  if (!Number.isSafeInteger(sequence) || sequence === 0 || !Number.isSafeInteger(time_ms)) return undefined;
  if (node_id.length === 0 || node_id.length > maxNodeIdLength) return undefined;
  if (!addressPattern.test(wallet) || wallet !== wallet.toLowerCase()) return undefined;
  if (Math.max(active_tasks, max_tasks) > maxConcurrentTasks || !(load >= 0 && load <= 1)) return undefined;
  const digest = hosted == null ? undefined : readDigest(hosted);
  if (hosted != null && digest === undefined) return undefined;
  return { node_id, wallet, sequence, time_ms, active_tasks, max_tasks, load, digest };
}
