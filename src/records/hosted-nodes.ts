import { BoundedMap, type Cancel, type Clock, equalBytes, type Logger, messageOf } from "../base/index.ts";
import { type HostedDigest, type HostedStanding, hostedHash, hostedLists } from "./hosted-digest.ts";
import { type NodeRecord, nodeLifeMs } from "./kinds/node.ts";
import type { RegistrationProof } from "./kinds/registration-proof.ts";
import { type HostedNode, type Liveness, type NodeStatus, nodeKey, statusAfter, worse } from "./liveness.ts";
import type { LiveRecord, RecordKind, Replica } from "./record.ts";

/** Not heard for so long, a node's record is deleted; it may register again at any time. */
export const withdrawAfterMs = nodeLifeMs / 2;
const upkeepPeriodMs = 60_000;
/** Nodes whose renewal failed for good: told once each. */
const maxWarned = 1_024;

/** The part of the replica that is needed. */
type OwnRecords = Pick<Replica, "list" | "onChange" | "publish" | "remove">;

export interface HostedNodesOptions {
  readonly replica: OwnRecords;
  readonly kind: RecordKind<NodeRecord>;
  readonly liveness: Pick<Liveness, "heard">;
  /** This node's wallet, lower-case. */
  readonly wallet: string;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A node that this one vouches for. */
interface Vouched {
  readonly hash: bigint;
  /** Unix milliseconds when it signed its registration: it was there then. */
  readonly registeredMs: number;
  readonly wallet: string;
  readonly record: LiveRecord<NodeRecord>;
}

interface Standing extends HostedStanding {
  readonly vouched: Vouched;
  readonly heard: HostedNode | undefined;
}

/**
 * The nodes that this node's wallet vouches for: how they fare, for its heartbeats, and the upkeep of their records. Who hears them
 * are roles; each adds a source.
 */
export class HostedNodes {
  readonly #options: HostedNodesOptions;
  readonly #startedMs: number;
  readonly #vouched = new Map<string, Vouched>();
  readonly #sources: (() => Iterable<HostedNode>)[] = [];
  readonly #warned = new BoundedMap<string, true>(maxWarned);
  readonly #stopListening: Cancel;
  #said = new Map<string, NodeStatus>();
  #usual: NodeStatus = "suspect";
  #counts: Record<NodeStatus, number> = { alive: 0, suspect: 0, offline: 0 };
  #cancelUpkeep: Cancel = () => {};
  #upkeep: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: HostedNodesOptions) {
    const { replica, kind, clock } = options;
    this.#options = options;
    this.#startedMs = clock.nowMs();
    for (const record of replica.list(kind)) this.#put(record);
    this.#stopListening = replica.onChange(kind, (record) => this.#put(record));
  }

  /** Nodes that this one vouches for. */
  get size(): number {
    return this.#vouched.size;
  }

  /** Of them, by status, when the last digest was made. */
  get counts(): Readonly<Record<NodeStatus, number>> {
    return this.#counts;
  }

  addSource(source: () => Iterable<HostedNode>): void {
    this.#sources.push(source);
  }

  start(): void {
    this.#cancelUpkeep = this.#options.clock.every(upkeepPeriodMs, () => {
      this.#upkeep ??= this.upkeep().finally(() => {
        this.#upkeep = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelUpkeep();
    this.#stopListening();
    await this.#upkeep;
  }

  /** What the next heartbeat says. This node's own view of those it hears is brought up to date with it. */
  digest(): HostedDigest {
    const { standings, usual, lists } = this.#look();
    const heard = standings.flatMap(({ heard, status }) =>
      heard !== undefined && status === "alive" ? heard : [],
    );
    for (const node of heard) this.#options.liveness.heard(node);
    const sum = (of: (node: HostedNode) => number) => heard.reduce((total, node) => total + of(node), 0);
    return {
      heard: heard.length,
      freeSlots: sum((node) => Math.max(0, node.maxTasks - node.activeTasks)),
      activeTasks: sum((node) => node.activeTasks),
      usual,
      lists,
    };
  }

  /** True when the node was anything but alive when it was last looked at. */
  isMissed(nodeId: string): boolean {
    return this.#statusOf(nodeId) !== "alive";
  }

  /**
   * True when the node's record says what this registration says, has half its life left, and the node was not given up: nodes register
   * every hour, and the network need not hear of it each time.
   */
  isVouched(nodeId: string, { body }: RegistrationProof): boolean {
    const record = this.#vouched.get(nodeId)?.record;
    const known = record?.payload.proof?.body;
    if (record === undefined || known == null || body == null || !equalBytes(known, body)) return false;
    const isYoung = record.expiresAtMs - this.#options.clock.nowMs() > nodeLifeMs / 2;
    return isYoung && this.#statusOf(nodeId) !== "offline";
  }

  /** Publishes again what would expire while its node is heard, and deletes what has not been heard for long. */
  async upkeep(): Promise<void> {
    const { clock } = this.#options;
    const { standings, unsaid } = this.#look();
    const gone = standings.filter(({ silentSinceMs }) => clock.nowMs() - silentSinceMs >= withdrawAfterMs);
    // What the digest has no room to say shall not be asked.
    const untold = unsaid.filter(({ status }) => status === "offline");
    for (const { vouched } of [...gone, ...untold]) await this.#tend(vouched, "withdraw");
    for (const { vouched, status } of standings) {
      const remainingMs = vouched.record.expiresAtMs - clock.nowMs();
      if (status !== "offline" && remainingMs <= nodeLifeMs / 2) await this.#tend(vouched, "renew");
    }
  }

  async #tend(vouched: Vouched, what: "renew" | "withdraw"): Promise<void> {
    const { replica, kind, logger } = this.#options;
    const { id, payload } = vouched.record;
    // It registered anew, or was removed, while others were tended to.
    if (this.#isStopped || this.#vouched.get(id) !== vouched) return;
    try {
      if (what === "renew") await replica.publish(kind, id, payload);
      else await replica.remove(kind, id);
    } catch (error) {
      if (this.#warned.has(id)) return;
      this.#warned.set(id, true);
      logger.warn({ node: id, what, error: messageOf(error) }, "a hosted node's record could not be kept up");
    }
  }

  #statusOf(nodeId: string): NodeStatus {
    return this.#said.get(nodeId) ?? this.#usual;
  }

  /** How all of them fare now; kept for who asks of one. */
  #look(): ReturnType<typeof hostedLists<Standing>> & { readonly standings: readonly Standing[] } {
    const standings = this.#standings();
    const look = hostedLists(standings);
    this.#counts = { alive: 0, suspect: 0, offline: 0 };
    this.#said = new Map();
    this.#usual = look.usual;
    for (const { vouched, status } of standings) {
      this.#counts[status]++;
      if (status !== look.usual) this.#said.set(vouched.record.id, status);
    }
    return { ...look, standings };
  }

  #standings(): Standing[] {
    const { clock, intervalMs } = this.#options;
    const nowMs = clock.nowMs();
    const heard = this.#heard();
    const standings: Standing[] = [];
    for (const vouched of this.#vouched.values()) {
      if (vouched.record.expiresAtMs <= nowMs) {
        this.#vouched.delete(vouched.record.id);
        continue;
      }
      const node = heard.get(nodeKey(vouched.wallet, vouched.record.id));
      const silentSinceMs = node?.heardMs ?? Math.max(this.#startedMs, Math.min(nowMs, vouched.registeredMs));
      const status = statusAfter(nowMs - silentSinceMs, intervalMs);
      standings.push({
        vouched,
        hash: vouched.hash,
        heard: node,
        silentSinceMs,
        // It has just registered, or this host just started and nobody has come back yet: neither alive nor gone.
        status: node === undefined ? worse("suspect", status) : status,
      });
    }
    return standings;
  }

  /** By node key; of two roles that hear a node, the one that heard it last. */
  #heard(): Map<string, HostedNode> {
    const heard = new Map<string, HostedNode>();
    for (const source of this.#sources) {
      for (const node of source()) {
        const key = nodeKey(node.wallet, node.nodeId);
        if ((heard.get(key)?.heardMs ?? 0) <= node.heardMs) heard.set(key, node);
      }
    }
    return heard;
  }

  #put(record: LiveRecord<NodeRecord>): void {
    if (record.owner !== this.#options.wallet) return;
    const wallet = record.deleted ? record.owner : (record.payload.info?.wallet_address ?? "").toLowerCase();
    if (wallet === record.owner) this.#vouched.delete(record.id);
    else {
      const registeredMs = (record.payload.proof?.timestamp ?? 0) * 1000;
      this.#vouched.set(record.id, { hash: hostedHash(wallet, record.id), registeredMs, wallet, record });
    }
  }
}
