import {
  type Clock,
  CountersignError,
  type ErrorCode,
  type Logger,
  messageOf,
  withTimeLimit,
} from "../../../base/index.ts";
import type { OtherGateways } from "./other-gateways.ts";
import { decodeAnswer, type TaskAnswer } from "./task-messages.ts";

/** Requests under way to one gateway: below what one connection takes in streams of a protocol. */
const maxAtOnce = 32;
const firstPauseMs = 250;
const longestPauseMs = 10_000;
/** Pauses are this much shorter or longer by chance, so that gateways that failed together do not come back together. */
const jitter = 0.2;

export interface GatewayRequestsOptions {
  readonly others: OtherGateways;
  readonly clock: Clock;
  readonly dice: () => number;
  readonly logger: Logger;
}

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/** Asks other gateways, once or until there is an answer. */
export class GatewayRequests {
  readonly #o: GatewayRequestsOptions;
  readonly #lines = new Map<string, Line>();
  /** Those who pause, by gateway. */
  readonly #pausing = new Map<string, Set<() => void>>();
  readonly #stopListening: () => void;

  constructor(options: GatewayRequestsOptions) {
    this.#o = options;
    this.#stopListening = options.others.onPeer((peerId) => {
      for (const gateway of [...this.#pausing.keys()]) {
        if (options.others.peerIdOf(gateway) === peerId) this.wake(gateway);
      }
    });
  }

  stop(): void {
    this.#stopListening();
  }

  /** @throws CountersignError as OtherGateways.request, UNAVAILABLE after `timeoutMs`; the signal's reason when it aborts */
  async ask(
    gateway: string,
    message: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<TaskAnswer> {
    const { others, clock } = this.#o;
    const peerId = others.peerIdOf(gateway);
    if (peerId === undefined)
      throw new CountersignError("UNAVAILABLE", `${gateway} is no gateway on the mesh`);
    const late = () => new CountersignError("UNAVAILABLE", `${gateway} did not answer in ${timeoutMs} ms`);
    return withTimeLimit(clock, timeoutMs, late, signal, async (limited) => {
      const leave = await this.#enter(gateway, limited);
      try {
        return decodeAnswer(await others.request(peerId, message, limited));
      } finally {
        leave();
      }
    });
  }

  /**
   * Asks again and again, at once when the gateway's peer connects.
   * @throws the gateway's own error when it is one of `final`; the signal's reason when it aborts
   */
  async askUntilAnswered(
    gateway: string,
    message: Uint8Array,
    timeoutMs: number,
    final: ReadonlySet<ErrorCode>,
    signal: AbortSignal,
  ): Promise<TaskAnswer> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await this.ask(gateway, message, timeoutMs, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isFromPeer(error) && final.has(error.code)) throw error;
        this.#o.logger.debug({ gateway, error: messageOf(error) }, "another gateway is asked again");
      }
      await this.#pause(gateway, pauseMs * (1 - jitter + 2 * jitter * this.#o.dice()), signal);
    }
  }

  /** Has everything that pauses for this gateway try again now. */
  wake(gateway: string): void {
    for (const resume of [...(this.#pausing.get(gateway) ?? [])]) resume();
  }

  #pause(gateway: string, pauseMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const pausing = this.#pausing.get(gateway) ?? new Set();
      this.#pausing.set(gateway, pausing);
      const finish = (end: () => void) => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        pausing.delete(resume);
        if (pausing.size === 0 && this.#pausing.get(gateway) === pausing) this.#pausing.delete(gateway);
        end();
      };
      const resume = () => finish(resolve);
      const onAbort = () => finish(() => reject(signal.reason));
      const cancel = this.#o.clock.after(pauseMs, resume);
      signal.addEventListener("abort", onAbort, { once: true });
      pausing.add(resume);
    });
  }

  /** Waits for a turn; the result gives it to the next. */
  async #enter(gateway: string, signal: AbortSignal): Promise<() => void> {
    const line = this.#lines.get(gateway) ?? { running: 0, waiting: [] };
    this.#lines.set(gateway, line);
    if (line.running >= maxAtOnce) {
      await new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          line.waiting.splice(line.waiting.indexOf(enter), 1);
          reject(signal.reason);
        };
        const enter = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        signal.addEventListener("abort", onAbort, { once: true });
        line.waiting.push(enter);
      });
    } else line.running++;
    return () => {
      const next = line.waiting.shift();
      if (next !== undefined) return next();
      line.running--;
      if (line.running === 0) this.#lines.delete(gateway);
    };
  }
}

/** True for an error that the other gateway answered, as opposed to one for want of an answer. */
export function isFromPeer(error: unknown): error is CountersignError {
  return error instanceof CountersignError && error.data["fromPeer"] === true;
}
