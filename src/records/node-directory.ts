import type { Clock } from "../base/index.ts";
import type { NodeInfo } from "../wire/index.ts";
import { type HostedDigest, hostedHash } from "./hosted-digest.ts";
import type { NodeRecord } from "./kinds/node.ts";
import { better, type Heard, isHost, type Liveness, type NodeStatus, nodeKey } from "./liveness.ts";
import type { LiveRecord, RecordKind, Replica } from "./record.ts";

/** A node as this node knows it: its record and its heartbeats. */
export interface NodeView {
  readonly info: NodeInfo;
  readonly record: NodeRecord;
  readonly roles: readonly string[];
  /** Undefined for a node that is not on the mesh itself. */
  readonly peerId: string | undefined;
  /** Wallet that signed the record: the node's own, or the host's that vouches for it. */
  readonly owner: string;
  /** The node's own wallet, lower-case. */
  readonly wallet: string;
  readonly status: NodeStatus;
  /** 0 for a node behind another host: hosts tell only of all their nodes together. */
  readonly activeTasks: number;
  readonly maxTasks: number;
  /** 0 to 1; of a node behind another host the average of that host's nodes. */
  readonly load: number;
  /** Unix milliseconds; of a node behind another host that host's, as long as it hears the node. Undefined when there was none. */
  readonly lastHeartbeatMs: number | undefined;
  /** Wallets of the live hosts that vouch for the node and hear it now. */
  readonly hosts: readonly string[];
}

export interface NodeFilter {
  /** A role that the node has, or its node_type. */
  readonly role?: string;
  readonly modelUuid?: string;
  readonly subnetId?: bigint;
  /** All of them. */
  readonly capabilities?: readonly string[];
  /** Offline nodes too; they are left out otherwise. */
  readonly includeOffline?: boolean;
}

export interface NodeDirectoryOptions {
  readonly replica: Replica;
  readonly kind: RecordKind<NodeRecord>;
  readonly liveness: Liveness;
  readonly clock: Clock;
}

/** One node's records: its own, and those of hosts that vouch for it. */
interface Entry {
  readonly wallet: string;
  readonly nodeId: string;
  readonly byOwner: Map<string, LiveRecord<NodeRecord>>;
  models: readonly string[];
  /** Its name in hosts' digests; made when first asked for. */
  hash?: bigint;
}

/** The nodes of the network, from records and heartbeats, with indexes by node id, wallet and model. */
export class NodeDirectory {
  readonly #options: NodeDirectoryOptions;
  readonly #entries = new Map<string, Entry>();
  /** Node key by `owner/id` of a record: a deletion names no wallet. */
  readonly #keyOfRecord = new Map<string, string>();
  readonly #byNodeId = new Map<string, Set<Entry>>();
  readonly #byWallet = new Map<string, Set<Entry>>();
  readonly #byModel = new Map<string, Set<Entry>>();
  readonly #stopListening: () => void;

  constructor(options: NodeDirectoryOptions) {
    this.#options = options;
    const { replica, kind } = options;
    for (const record of replica.list(kind)) this.#put(record);
    this.#stopListening = replica.onChange(kind, (record) => {
      if (record.deleted) this.#remove(record);
      else this.#put(record);
    });
  }

  stop(): void {
    this.#stopListening();
  }

  /** The node of that id. Owners choose ids: among several a live one, then one on the mesh, then the lowest wallet. */
  find(nodeId: string): NodeView | undefined {
    return this.#views(this.#byNodeId.get(nodeId)).sort(byPreference)[0];
  }

  get(wallet: string, nodeId: string): NodeView | undefined {
    const entry = this.#entries.get(nodeKey(wallet, nodeId));
    return entry && this.#view(entry);
  }

  /** Names of all nodes; the record of one may have ended meanwhile. */
  keys(): { readonly wallet: string; readonly nodeId: string }[] {
    return [...this.#entries.values()].map(({ wallet, nodeId }) => ({ wallet, nodeId }));
  }

  /** All nodes of a wallet, whatever their status. */
  byWallet(wallet: string): NodeView[] {
    return this.#views(this.#byWallet.get(wallet));
  }

  /** Nodes that are alive and serve the model. */
  serving(modelUuid: string): NodeView[] {
    return this.#views(this.#byModel.get(modelUuid)).filter((node) => node.status === "alive");
  }

  list(filter: NodeFilter = {}): NodeView[] {
    const candidates =
      filter.modelUuid === undefined ? this.#entries.values() : this.#byModel.get(filter.modelUuid);
    return this.#views(candidates).filter((node) => fits(node, filter));
  }

  /** Models that live nodes serve, with the number of those nodes. */
  models(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const modelUuid of [...this.#byModel.keys()]) {
      const alive = this.serving(modelUuid).length;
      if (alive > 0) counts.set(modelUuid, alive);
    }
    return counts;
  }

  /** `offline` for a node without a record. */
  statusOf(node: { readonly wallet: string; readonly nodeId: string }): NodeStatus {
    return this.get(node.wallet, node.nodeId)?.status ?? "offline";
  }

  #views(entries: Iterable<Entry> | undefined): NodeView[] {
    const views: NodeView[] = [];
    // Copied: looking at an entry whose records have expired removes it from the set.
    for (const entry of [...(entries ?? [])]) {
      const view = this.#view(entry);
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  #view(entry: Entry): NodeView | undefined {
    const record = this.#current(entry);
    const info = record?.payload.info as NodeInfo | null | undefined;
    if (record === undefined || info == null) return undefined;
    const { wallet, nodeId } = entry;
    const { liveness } = this.#options;
    const at = this.#atHosts(entry);
    const signMs = Math.max(...[...entry.byOwner.values()].map((one) => signOfLifeMs(one, wallet)));
    const ownStatus = liveness.statusOf(wallet, nodeId, signMs);
    const own = liveness.lastHeard(wallet, nodeId);
    const heard = ownStatus === "alive" ? (own ?? at.heard) : (at.heard ?? own);
    const roles = record.payload.roles ?? [];
    return {
      info,
      record: record.payload,
      roles: roles.length > 0 ? roles : [info.node_type],
      peerId: info.peer_id ?? undefined,
      owner: record.owner,
      wallet,
      status: better(ownStatus, at.status),
      activeTasks: heard?.activeTasks ?? 0,
      maxTasks: heard?.maxTasks || (info.max_tasks ?? 1),
      load: heard?.load ?? 0,
      lastHeartbeatMs: heard?.heardMs,
      hosts: at.hosts,
    };
  }

  /** What the hosts that vouch for the node say of it: the best of it, since one that hears it is enough. */
  #atHosts(entry: Entry): { status: NodeStatus; hosts: string[]; heard: Heard | undefined } {
    const { liveness } = this.#options;
    let status: NodeStatus = "offline";
    let heard: Heard | undefined;
    const hosts: string[] = [];
    for (const owner of entry.byOwner.keys()) {
      if (owner === entry.wallet) continue;
      for (const host of this.#byWallet.get(owner) ?? []) {
        const record = host.byOwner.get(owner);
        if (record === undefined || !isHost(record)) continue;
        entry.hash ??= hostedHash(entry.wallet, entry.nodeId);
        const said = liveness.statusAt(record, entry.hash);
        status = better(status, said);
        if (said !== "alive") continue;
        hosts.push(owner);
        const heardMs = liveness.lastHeard(owner, host.nodeId)?.heardMs ?? 0;
        const digest = liveness.digestOf(owner, host.nodeId);
        if (digest !== undefined && heardMs > (heard?.heardMs ?? 0)) {
          heard = { heardMs, activeTasks: 0, maxTasks: 0, load: averageLoad(digest) };
        }
        break;
      }
    }
    return { status, hosts, heard };
  }

  /** The node's own record before any host's, then the newest. What has expired is let go. */
  #current(entry: Entry): LiveRecord<NodeRecord> | undefined {
    const nowMs = this.#options.clock.nowMs();
    let best: LiveRecord<NodeRecord> | undefined;
    for (const record of [...entry.byOwner.values()]) {
      if (record.expiresAtMs <= nowMs) {
        this.#remove(record);
        continue;
      }
      if (best === undefined || rank(record, entry) > rank(best, entry)) best = record;
    }
    return best;
  }

  #put(record: LiveRecord<NodeRecord>): void {
    const wallet = (record.payload.info?.wallet_address ?? "").toLowerCase();
    const key = nodeKey(wallet, record.id);
    const place = nodeKey(record.owner, record.id);
    const before = this.#keyOfRecord.get(place);
    // A host may vouch for another wallet's node of the same id now.
    if (before !== undefined && before !== key) this.#remove(record);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { wallet, nodeId: record.id, byOwner: new Map(), models: [] };
      this.#entries.set(key, entry);
      addTo(this.#byNodeId, record.id, entry);
      addTo(this.#byWallet, wallet, entry);
    }
    entry.byOwner.set(record.owner, record);
    this.#keyOfRecord.set(place, key);
    this.#indexModels(entry);
  }

  #remove(record: Pick<LiveRecord, "owner" | "id">): void {
    const place = nodeKey(record.owner, record.id);
    const key = this.#keyOfRecord.get(place);
    const entry = key === undefined ? undefined : this.#entries.get(key);
    this.#keyOfRecord.delete(place);
    if (entry === undefined || key === undefined) return;
    entry.byOwner.delete(record.owner);
    this.#indexModels(entry);
    if (entry.byOwner.size > 0) return;
    this.#entries.delete(key);
    removeFrom(this.#byNodeId, entry.nodeId, entry);
    removeFrom(this.#byWallet, entry.wallet, entry);
  }

  #indexModels(entry: Entry): void {
    let current: LiveRecord<NodeRecord> | undefined;
    for (const record of entry.byOwner.values()) {
      if (current === undefined || rank(record, entry) > rank(current, entry)) current = record;
    }
    for (const model of entry.models) removeFrom(this.#byModel, model, entry);
    entry.models = (current?.payload.info?.supported_models ?? []).map(({ model_uuid }) => model_uuid ?? "");
    for (const model of entry.models) addTo(this.#byModel, model, entry);
  }
}

function rank(record: LiveRecord<NodeRecord>, entry: Entry): number {
  return (record.owner === entry.wallet ? Number.MAX_SAFE_INTEGER / 2 : 0) + record.version;
}

/** Of the nodes that a host hears, together. */
function averageLoad({ activeTasks, freeSlots }: HostedDigest): number {
  return activeTasks === 0 ? 0 : activeTasks / (activeTasks + freeSlots);
}

/** When the node itself last said something: a host may vouch again and again for a node that is long gone. */
function signOfLifeMs({ owner, version, payload }: LiveRecord<NodeRecord>, wallet: string): number {
  return owner === wallet ? version : (payload.proof?.timestamp ?? 0) * 1000;
}

function fits(node: NodeView, filter: NodeFilter): boolean {
  const { role, subnetId, capabilities = [], includeOffline = false } = filter;
  if (node.status === "offline" && !includeOffline) return false;
  if (role !== undefined && node.info.node_type !== role && !node.roles.includes(role)) return false;
  if (subnetId !== undefined && node.info.subnet_id !== subnetId) return false;
  return capabilities.every((capability) => node.info.capabilities.includes(capability));
}

const statusOrder = { alive: 0, suspect: 1, offline: 2 } as const;

function byPreference(a: NodeView, b: NodeView): number {
  return (
    statusOrder[a.status] - statusOrder[b.status] ||
    Number(a.owner !== a.wallet) - Number(b.owner !== b.wallet) ||
    (a.wallet < b.wallet ? -1 : 1)
  );
}

function addTo<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

function removeFrom<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
  const values = index.get(key);
  values?.delete(value);
  if (values?.size === 0) index.delete(key);
}
