import { BoundedMap, type Clock } from "../../../base/index.ts";
import type { Candidate } from "../choose-node.ts";
import type { Observer } from "../placement.ts";
import type { Task } from "../task.ts";
import type { ForeignNode } from "./other-gateways.ts";

/** A gateway that did not answer is left alone so long, doubled each time, so that not every task waits for it. */
const firstSilencePauseMs = 500;
const longestSilencePauseMs = 4_000;
/** One task asks a gateway that was silent; the others wait this long for what comes of it. */
const probeMs = 3_000;
/** A gateway without a free slot for a model is not asked by every task that waits for one. */
const busyPauseMs = 500;
/** However many tasks it holds, a gateway that is away is blamed once in this time. */
const blamePeriodMs = 60_000;
/** More than a network has; what is forgotten is learned again. */
const maxGateways = 4_096;
const maxBusy = 16_384;
/** Weight of the newest observation in the moving averages. */
const smoothing = 0.2;

interface Conduct {
  latencyMs: number | undefined;
  successRate: number;
  pausedUntilMs: number;
  /** For how long, when it does not answer the next time. */
  nextPauseMs: number;
  blamedMs: number;
}

/** How other gateways fare with this one's tasks, and whom to ask now. */
export class GatewayConduct {
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #byGateway = new BoundedMap<string, Conduct>(maxGateways);
  /** Until when a gateway has no slot, by `gateway model`. */
  readonly #busyUntilMs = new BoundedMap<string, number>(maxBusy);

  constructor({ clock, observer }: { clock: Clock; observer: Observer }) {
    this.#clock = clock;
    this.#observer = observer;
  }

  mayBeAsked(gateway: string, modelUuid: string): boolean {
    const nowMs = this.#clock.nowMs();
    const pausedUntilMs = this.#byGateway.get(gateway)?.pausedUntilMs ?? 0;
    return pausedUntilMs <= nowMs && (this.#busyUntilMs.get(`${gateway} ${modelUuid}`) ?? 0) <= nowMs;
  }

  /** A node behind another gateway, among whose like it is chosen; what counts is mostly its gateway's conduct. */
  candidate(node: ForeignNode, reputation: number): Candidate {
    const conduct = this.#byGateway.get(node.gateway);
    return {
      nodeKey: node.gateway,
      priceWei: node.priceWei,
      latencyMs: conduct?.latencyMs === undefined ? undefined : conduct.latencyMs + (node.latencyMs ?? 0),
      successRate: conduct?.successRate ?? 1,
      load: node.load,
      freeSlots: node.freeSlots,
      reputation,
    };
  }

  /** A gateway is being asked for a slot. */
  asked(gateway: string): void {
    const conduct = this.#byGateway.get(gateway);
    if (conduct === undefined || conduct.nextPauseMs === firstSilencePauseMs) return;
    conduct.pausedUntilMs = this.#clock.nowMs() + probeMs;
  }

  heard(gateway: string): void {
    const conduct = this.#byGateway.get(gateway);
    if (conduct === undefined) return;
    conduct.pausedUntilMs = 0;
    conduct.nextPauseMs = firstSilencePauseMs;
  }

  silent(gateway: string): void {
    const conduct = this.#of(gateway);
    conduct.pausedUntilMs = this.#clock.nowMs() + conduct.nextPauseMs;
    conduct.nextPauseMs = Math.min(2 * conduct.nextPauseMs, longestSilencePauseMs);
  }

  busy(gateway: string, modelUuid: string): void {
    this.#busyUntilMs.set(`${gateway} ${modelUuid}`, this.#clock.nowMs() + busyPauseMs);
  }

  /** Notes how an assignment went. True when its failure is the gateway's, which did not answer, and not its node's. */
  observe(gateway: string, { result }: Task, succeeded: boolean, isSilent: boolean): boolean {
    const conduct = this.#of(gateway);
    conduct.successRate += smoothing * ((succeeded ? 1 : 0) - conduct.successRate);
    if (succeeded) {
      const latencyMs = result?.completion.computation_time_ms ?? 0;
      const before = conduct.latencyMs ?? latencyMs;
      conduct.latencyMs = before + smoothing * (latencyMs - before);
      this.#observer.observe(gateway, "success");
      return false;
    }
    if (result !== undefined || !isSilent) return false;
    const nowMs = this.#clock.nowMs();
    if (nowMs - conduct.blamedMs >= blamePeriodMs) {
      conduct.blamedMs = nowMs;
      this.#observer.observe(gateway, "no_answer");
    }
    return true;
  }

  #of(gateway: string): Conduct {
    let conduct = this.#byGateway.get(gateway);
    if (conduct === undefined) {
      conduct = {
        latencyMs: undefined,
        successRate: 1,
        pausedUntilMs: 0,
        nextPauseMs: firstSilencePauseMs,
        blamedMs: Number.NEGATIVE_INFINITY,
      };
      this.#byGateway.set(gateway, conduct);
    }
    return conduct;
  }
}
