import type { Cancel, Clock } from "../../../base/index.ts";
import type { Candidate } from "../choose-node.ts";
import type { ComputePool } from "../compute-pool.ts";

/** One gateway may not lay claim to every slot here. */
const maxPerGateway = 256;

export interface Reservation {
  readonly key: string;
  readonly gateway: string;
  readonly nodeKey: string;
  readonly modelUuid: string;
  readonly priceWei: bigint;
  readonly untilMs: number;
}

/** Slots that are held for tasks of other gateways until their terms are agreed on. In memory: a restart frees them. */
export class Reservations {
  readonly #pool: ComputePool;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, { readonly held: Reservation; readonly cancel: Cancel }>();
  readonly #perGateway = new Map<string, number>();

  constructor(pool: ComputePool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Reservation | undefined {
    return this.#byKey.get(key)?.held;
  }

  mayHold(gateway: string): boolean {
    return (this.#perGateway.get(gateway) ?? 0) < maxPerGateway;
  }

  hold(
    key: string,
    gateway: string,
    { nodeKey, priceWei }: Candidate,
    modelUuid: string,
    forMs: number,
  ): Reservation | undefined {
    const node = this.#pool.find(nodeKey);
    if (node === undefined) return undefined;
    this.#pool.hold(node, key);
    const held = { key, gateway, nodeKey, modelUuid, priceWei, untilMs: this.#clock.nowMs() + forMs };
    const cancel = this.#clock.after(forMs, () => this.release(key));
    this.#byKey.set(key, { held, cancel });
    this.#perGateway.set(gateway, (this.#perGateway.get(gateway) ?? 0) + 1);
    return held;
  }

  /** Gives the slot back. */
  release(key: string): void {
    const held = this.take(key);
    if (held !== undefined) this.#pool.release(held.nodeKey, key);
  }

  /** Ends the reservation without giving the slot back: the task has it now. */
  take(key: string): Reservation | undefined {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return undefined;
    entry.cancel();
    this.#byKey.delete(key);
    const left = (this.#perGateway.get(entry.held.gateway) ?? 1) - 1;
    if (left === 0) this.#perGateway.delete(entry.held.gateway);
    else this.#perGateway.set(entry.held.gateway, left);
    return entry.held;
  }

  stop(): void {
    for (const key of [...this.#byKey.keys()]) this.release(key);
  }
}
