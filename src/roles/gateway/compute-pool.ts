import { type Clock, CountersignError } from "../../base/index.ts";
import { type HostedNode, nodeKey } from "../../records/index.ts";
import type { HeartbeatRequest, InferenceRequest, ModelInfo, NodeInfo } from "../../wire/index.ts";
import type { Candidate } from "./choose-node.ts";

// The compute nodes that registered at this gateway: who is connected, which slots are held, how they fare.

export type TaskSink = (request: InferenceRequest.$Properties) => void;

export interface PoolNode {
  /** `wallet/node id`: two wallets may use one node id. */
  readonly key: string;
  readonly wallet: string;
  info: NodeInfo.$Properties;
  sink: TaskSink | undefined;
  /** Keys of the tasks that hold a slot here. */
  readonly held: Set<string>;
  /** Tasks the node says it runs for others. */
  foreignTasks: number;
  activeRequestIds: ReadonlySet<string>;
  lastHeardMs: number;
  /** When it was last heard with its task stream open; undefined when it never was. */
  connectedMs: number | undefined;
  load: number;
  latencyMs: number | undefined;
  successRate: number;
}

/** More than any one gateway will serve; a stranger with many wallets must not fill the memory. */
const maxNodes = 10_000;
/** Weight of the newest observation in the moving averages. */
const smoothing = 0.2;
/** Slots of a node that names none. */
const defaultSlots = 1;

export class ComputePool {
  readonly #clock: Clock;
  readonly #offlineAfterMs: number;
  readonly #reputationOf: (wallet: string) => number;
  readonly #nodes = new Map<string, PoolNode>();
  readonly #slotWaiters = new Set<() => void>();
  readonly #attachListeners = new Set<(node: PoolNode) => void>();

  constructor(options: { clock: Clock; offlineAfterMs: number; reputationOf: (wallet: string) => number }) {
    this.#clock = options.clock;
    this.#offlineAfterMs = options.offlineAfterMs;
    this.#reputationOf = options.reputationOf;
  }

  nodes(): IterableIterator<PoolNode> {
    return this.#nodes.values();
  }

  find(key: string): PoolNode | undefined {
    return this.#nodes.get(key);
  }

  /** Takes a node in, or its new description. The wallet has been proven by the caller. */
  register(wallet: string, info: NodeInfo.$Properties): PoolNode {
    const key = nodeKey(wallet, info.node_id ?? "");
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      known.info = info;
      this.#heard(known);
      this.#slotFreed();
      return known;
    }
    if (this.#nodes.size >= maxNodes) this.#dropIdle();
    const node: PoolNode = {
      key,
      wallet,
      info,
      sink: undefined,
      held: new Set(),
      foreignTasks: 0,
      activeRequestIds: new Set(),
      lastHeardMs: this.#clock.nowMs(),
      connectedMs: undefined,
      load: 0,
      latencyMs: undefined,
      successRate: 1,
    };
    this.#nodes.set(key, node);
    return node;
  }

  /** Connects a node's task stream; the newest stream wins. The result disconnects it. */
  attach(node: PoolNode, sink: TaskSink): () => void {
    node.sink = sink;
    this.#heard(node);
    for (const listener of [...this.#attachListeners]) listener(node);
    this.#slotFreed();
    return () => {
      if (node.sink === sink) node.sink = undefined;
    };
  }

  onAttach(listener: (node: PoolNode) => void): () => void {
    this.#attachListeners.add(listener);
    return () => this.#attachListeners.delete(listener);
  }

  heartbeat(
    wallet: string,
    beat: HeartbeatRequest.$Properties,
    ownRequestIds: (node: PoolNode) => Set<string>,
  ): void {
    const node = this.#nodes.get(nodeKey(wallet, beat.node_id ?? ""));
    if (node === undefined) {
      throw new CountersignError(
        "NOT_FOUND",
        `node_id: "${beat.node_id}" has not registered at this gateway; call RegisterComputeNode first`,
        {
          field: "node_id",
        },
      );
    }
    this.#heard(node);
    node.load = beat.load ?? 0;
    node.activeRequestIds = new Set(beat.active_request_ids ?? []);
    const own = ownRequestIds(node);
    const running = [...node.activeRequestIds].filter((id) => own.has(id)).length;
    node.foreignTasks = Math.max(0, (beat.active_tasks ?? 0) - running);
    if ((beat.max_tasks ?? 0) > 0) node.info.max_tasks = beat.max_tasks ?? defaultSlots;
    this.#slotFreed();
  }

  /** Nodes that could serve the model now, with what the choice needs to know. */
  candidates(modelUuid: string, subnetId: bigint | undefined, except: ReadonlySet<string>): Candidate[] {
    const found: Candidate[] = [];
    for (const node of this.#nodes.values()) {
      if (except.has(node.key) || !this.#isAlive(node)) continue;
      if (subnetId !== undefined && node.info.subnet_id !== subnetId) continue;
      const model = node.info.supported_models?.find((offered) => offered.model_uuid === modelUuid);
      if (model === undefined) continue;
      const slots = node.info.max_tasks ?? defaultSlots;
      const used = node.held.size + node.foreignTasks;
      found.push({
        nodeKey: node.key,
        priceWei: BigInt(model.price_wei || "0"),
        latencyMs: node.latencyMs,
        successRate: node.successRate,
        load: Math.min(1, used / slots),
        freeSlots: Math.max(0, slots - used),
        reputation: this.#reputationOf(node.wallet),
      });
    }
    return found;
  }

  isServed(modelUuid: string): boolean {
    for (const node of this.#nodes.values()) {
      if (node.info.supported_models?.some((model) => model.model_uuid === modelUuid)) return true;
    }
    return false;
  }

  /** Nodes with a task of that id other than the named one: a node knows tasks by id alone, so it never gets two alike. */
  busyWithId(requestId: string, exceptTaskKey: string): string[] {
    const isAlike = (held: string) =>
      held !== exceptTaskKey && held.slice(held.indexOf("/") + 1) === requestId;
    return [...this.#nodes.values()].filter(({ held }) => [...held].some(isAlike)).map(({ key }) => key);
  }

  /** True while the node is connected and says that it has the task. */
  isRunning(key: string, requestId: string): boolean {
    const node = this.#nodes.get(key);
    return node?.sink !== undefined && node.activeRequestIds.has(requestId);
  }

  hold(node: PoolNode, taskKey: string): void {
    node.held.add(taskKey);
  }

  release(key: string, taskKey: string): void {
    if (this.#nodes.get(key)?.held.delete(taskKey) === true) this.#slotFreed();
  }

  /** False when the node's stream is not open. */
  send(key: string, request: InferenceRequest.$Properties): boolean {
    const sink = this.#nodes.get(key)?.sink;
    sink?.(request);
    return sink !== undefined;
  }

  observe(key: string, succeeded: boolean, latencyMs: number): void {
    const node = this.#nodes.get(key);
    if (node === undefined) return;
    node.successRate += smoothing * ((succeeded ? 1 : 0) - node.successRate);
    if (succeeded)
      node.latencyMs =
        (node.latencyMs ?? latencyMs) + smoothing * (latencyMs - (node.latencyMs ?? latencyMs));
  }

  /** Calls back once when a slot may have become free. */
  onceSlotFree(callback: () => void): () => void {
    this.#slotWaiters.add(callback);
    return () => this.#slotWaiters.delete(callback);
  }

  models(): ModelInfo.$Properties[] {
    const models = new Map<
      string,
      ModelInfo.$Properties & { available_nodes: number; subnet_ids: bigint[] }
    >();
    for (const node of this.#nodes.values()) {
      if (!this.#isAlive(node)) continue;
      for (const model of node.info.supported_models ?? []) {
        const uuid = model.model_uuid ?? "";
        const known = models.get(uuid) ?? {
          model_uuid: uuid,
          name: model.name ?? "",
          category: model.category ?? "",
          version: model.version ?? "",
          max_tokens: model.max_tokens ?? 0,
          available_nodes: 0,
          min_price_wei: model.price_wei || "0",
          subnet_ids: [],
        };
        known.available_nodes++;
        if (BigInt(model.price_wei || "0") < BigInt(known.min_price_wei ?? "0"))
          known.min_price_wei = model.price_wei || "0";
        const subnetId = node.info.subnet_id;
        if (subnetId != null && !known.subnet_ids.includes(subnetId)) known.subnet_ids.push(subnetId);
        models.set(uuid, known);
      }
    }
    return [...models.values()];
  }

  /** The nodes that took a task stream, each as it was when it was last heard with one. */
  *hosted(): Iterable<HostedNode> {
    for (const node of this.#nodes.values()) {
      if (node.connectedMs === undefined) continue;
      yield {
        nodeId: node.info.node_id ?? "",
        wallet: node.wallet,
        heardMs: node.connectedMs,
        activeTasks: node.held.size + node.foreignTasks,
        maxTasks: node.info.max_tasks ?? defaultSlots,
        load: node.load,
      };
    }
  }

  #heard(node: PoolNode): void {
    node.lastHeardMs = this.#clock.nowMs();
    if (node.sink !== undefined) node.connectedMs = node.lastHeardMs;
  }

  #isAlive(node: PoolNode): boolean {
    return node.sink !== undefined && this.#clock.nowMs() - node.lastHeardMs < this.#offlineAfterMs;
  }

  #slotFreed(): void {
    const waiting = [...this.#slotWaiters];
    this.#slotWaiters.clear();
    for (const callback of waiting) callback();
  }

  #dropIdle(): void {
    for (const [key, node] of this.#nodes) {
      if (node.sink !== undefined || node.held.size > 0) continue;
      this.#nodes.delete(key);
      return;
    }
    throw new CountersignError("UNAVAILABLE", `this gateway serves ${maxNodes} compute nodes already`);
  }
}
