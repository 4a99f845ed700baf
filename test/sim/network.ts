import { CountersignError, messageOf } from "../../src/base/index.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";
import { Realm, type VirtualTime } from "./virtual-time.ts";

/** What the network does to what it carries. Streams stay reliable, as TCP is: a lost packet is a late one. */
export interface Weather {
  /** Share of packets that are lost and sent again after `resendMs`. */
  packetLoss: number;
  /** Share of dials whose first packet is lost. */
  dialLoss: number;
  /** Shares of gossiped messages that are dropped, delivered twice, or held back for up to `reorderMs`. */
  gossipLoss: number;
  gossipTwice: number;
  gossipLate: number;
}

const fair: Weather = { packetLoss: 0, dialLoss: 0, gossipLoss: 0, gossipTwice: 0, gossipLate: 0 };

/** One way between two hosts takes between these; each pair has its own, as cities do. */
const latencyBoundsMs = { low: 1, high: 40 };
const jitterMs = 2;
/** TCP's first retransmission. */
const resendMs = 200;
export const reorderMs = 500;
/** A dial is tried again after these, as SYN packets are. */
const dialRetriesMs = [1_000, 2_000, 4_000, 8_000];
/** A call between processes without an answer; gRPC's callers here wait no longer either. */
const callTimeoutMs = 20_000;

/** Up: a process listens. Down: the machine refuses connections. Gone: nothing answers at all. */
export type HostState = "up" | "down" | "gone";

export class Host {
  readonly name: string;
  realm: Realm;
  state: HostState = "down";
  /** Aborted when the process that runs now ends. */
  life = new AbortController();

  constructor(name: string, realm: Realm) {
    this.name = name;
    this.realm = realm;
  }
}

/** A connection as one end has it. */
export interface Wire {
  readonly owner: Host;
  readonly peer: Host;
  abort(error: Error): void;
}

interface Parcel {
  readonly dueMs: number;
  readonly deliver: () => void;
}

/** The simulated network: who can reach whom, and how long it takes. */
export class Network {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly weather: Weather = { ...fair };
  readonly wires = new Set<Wire>();
  readonly random: SeededRandom;
  readonly #latencies = new Map<string, number>();
  readonly #lanes = new Set<Lane>();
  readonly #hosts = new WeakMap<Realm, Host>();
  #islands: readonly ReadonlySet<Host>[] = [];

  constructor(time: VirtualTime, trace: Trace, random: SeededRandom) {
    this.time = time;
    this.trace = trace;
    this.random = random;
  }

  host(name: string): Host {
    return new Host(name, new Realm(name, this.random.fork(`${name} unborn`)));
  }

  /** A new process on the host. */
  boot(host: Host, realm: Realm): void {
    host.realm = realm;
    host.state = "up";
    host.life = new AbortController();
    this.#hosts.set(realm, host);
  }

  /** Where a process runs. */
  hostOf(realm: Realm): Host | undefined {
    return this.#hosts.get(realm);
  }

  /** The process ends as by kill -9. Its machine resets its connections, unless it has lost its power. */
  kill(host: Host, state: "down" | "gone"): void {
    host.realm.isDead = true;
    host.state = state;
    for (const lane of [...this.#lanes]) if (lane.from === host || lane.to === host) lane.close();
    for (const wire of [...this.wires]) {
      if (wire.owner === host) this.wires.delete(wire);
      else if (wire.peer === host && state === "down") this.#abortSoon(wire, "connection reset by peer");
    }
    this.time.outside(() => host.life.abort(new Error(`${host.name} died`)));
  }

  /** Cuts the network into islands; hosts that are named in none form one more. */
  partition(...islands: readonly (readonly Host[])[]): void {
    this.#islands = islands.map((hosts) => new Set(hosts));
  }

  heal(): void {
    this.#islands = [];
    for (const lane of this.#lanes) lane.pump();
  }

  isCut(a: Host, b: Host): boolean {
    const islandOf = (host: Host) => this.#islands.findIndex((island) => island.has(host));
    return this.#islands.length > 0 && islandOf(a) !== islandOf(b);
  }

  calm(): void {
    Object.assign(this.weather, fair);
  }

  /** Resets every connection between two hosts. */
  reset(a: Host, b: Host): void {
    for (const wire of [...this.wires]) {
      if ((wire.owner === a && wire.peer === b) || (wire.owner === b && wire.peer === a))
        this.#abortSoon(wire, "connection reset");
    }
  }

  /** How long something sent now takes. */
  delayMs(from: Host, to: Host): number {
    const key = from.name < to.name ? `${from.name} ${to.name}` : `${to.name} ${from.name}`;
    let baseMs = this.#latencies.get(key);
    if (baseMs === undefined) {
      const { low, high } = latencyBoundsMs;
      baseMs = Math.round(this.random.fork(`latency ${key}`).between(low, high));
      this.#latencies.set(key, baseMs);
    }
    const lateMs = this.random.isHit(this.weather.packetLoss) ? resendMs : 0;
    return baseMs + Math.floor(this.random.between(0, jitterMs)) + lateMs;
  }

  lane(from: Host, to: Host): Lane {
    const lane = new Lane(this, from, to);
    this.#lanes.add(lane);
    return lane;
  }

  forget(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  /** Resolves when a packet has gone to the host and back. @throws when it refuses; waits while nothing answers */
  async reach(from: Host, to: Host, signal: AbortSignal): Promise<void> {
    for (const pauseMs of [...dialRetriesMs, undefined]) {
      await pause(this.delayMs(from, to) + this.delayMs(to, from), signal);
      const isLost = this.random.isHit(this.weather.dialLoss);
      if (to.state !== "gone" && !this.isCut(from, to) && !isLost) {
        if (to.state === "up") return;
        throw new Error(`${to.name} refused the connection`);
      }
      if (pauseMs === undefined) throw new Error(`${to.name} does not answer`);
      await pause(pauseMs, signal);
    }
  }

  /**
   * A call from one process to another, such as gRPC makes.
   * @throws what the callee throws; CountersignError UNAVAILABLE when it cannot be reached, dies or takes too long
   */
  async call<T>(from: Host, to: Host, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new Error("the call took too long")), callTimeoutMs);
    try {
      await this.reach(from, to, timeout.signal).catch((error) => {
        throw unavailable(error);
      });
      const ended = AbortSignal.any([timeout.signal, to.life.signal]);
      const result = await unlessAborted(
        this.time.inside(to.realm, () => work(ended)),
        ended,
      );
      await this.#back(to, from, ended);
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  async #back(from: Host, to: Host, signal: AbortSignal): Promise<void> {
    const abort = () => {
      throw unavailable(signal.reason);
    };
    await pause(this.delayMs(from, to), signal).catch(abort);
    while (this.isCut(from, to)) await pause(resendMs, signal).catch(abort);
  }

  #abortSoon(wire: Wire, why: string): void {
    this.wires.delete(wire);
    this.time.outside(() =>
      setTimeout(
        () => {
          if (!wire.owner.realm.isDead) this.time.inside(wire.owner.realm, () => wire.abort(new Error(why)));
        },
        this.delayMs(wire.peer, wire.owner),
      ),
    );
  }
}

/** One direction of one connection: what is sent arrives in order, later while the network is cut. */
export class Lane {
  readonly from: Host;
  readonly to: Host;
  readonly #network: Network;
  readonly #parcels: Parcel[] = [];
  #lastDueMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(network: Network, from: Host, to: Host) {
    this.#network = network;
    this.from = from;
    this.to = to;
  }

  carry(bytes: number, deliver: () => void): void {
    if (this.from.realm.isDead || this.to.realm.isDead) return;
    const network = this.#network;
    const dueMs = Math.max(this.#lastDueMs, network.time.nowMs() + network.delayMs(this.from, this.to));
    this.#lastDueMs = dueMs;
    network.trace.tick(`${this.from.name}>${this.to.name} ${bytes}`);
    this.#parcels.push({ dueMs, deliver });
    if (this.#timer === undefined) this.#wait();
  }

  close(): void {
    this.#parcels.length = 0;
    clearTimeout(this.#timer);
    this.#network.forget(this);
  }

  pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const network = this.#network;
    while (!network.isCut(this.from, this.to)) {
      const head = this.#parcels[0];
      if (head === undefined) return;
      if (head.dueMs > network.time.nowMs()) return this.#wait();
      this.#parcels.shift();
      network.time.inside(this.to.realm, head.deliver);
    }
  }

  #wait(): void {
    const head = this.#parcels[0];
    if (head === undefined) return;
    const { time } = this.#network;
    const delayMs = Math.max(0, head.dueMs - time.nowMs());
    this.#timer = time.outside(() => setTimeout(() => this.pump(), delayMs));
  }
}

export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(unavailable(signal.reason));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function unavailable(error: unknown): CountersignError {
  return new CountersignError("UNAVAILABLE", messageOf(error));
}
