import {
  type Clock,
  CountersignError,
  type ErrorCode,
  isAbort,
  type Logger,
  messageOf,
} from "../../../base/index.ts";
import type { GatewayRequests } from "./gateway-requests.ts";
import { encodeMessage, hostedKey, type TaskRef } from "./task-messages.ts";

const timeoutMs = 3_000;
/** A release that gets lost costs the other gateway a slot until the task's deadline, and nobody anything else. */
const repeatForMs = 60_000;
const final: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "TASK_ENDED",
  "TASK_NOT_FOUND",
  "ACCESS_DENIED",
]);

export interface ReleasesOptions {
  readonly requests: GatewayRequests;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** Tells other gateways what this one does not want any more, until they have heard it. */
export class Releases {
  readonly #o: ReleasesOptions;
  readonly #underWay = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();

  constructor(options: ReleasesOptions) {
    this.#o = options;
  }

  release(gateway: string, ref: TaskRef): void {
    const name = nameOf(gateway, ref);
    if (this.#o.stopping.aborted || this.#underWay.has(name)) return;
    const stop = new AbortController();
    const done = this.#repeat(gateway, ref, stop).finally(() => {
      if (this.#underWay.get(name)?.stop === stop) this.#underWay.delete(name);
    });
    this.#underWay.set(name, { stop, done });
  }

  /** It is asked again for what it was to give up: a release that is repeated would undo that. */
  cancel(gateway: string, ref: TaskRef): void {
    const name = nameOf(gateway, ref);
    this.#underWay.get(name)?.stop.abort(new DOMException("wanted again", "AbortError"));
    this.#underWay.delete(name);
  }

  /** Once `stopping` has aborted. */
  async stop(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  async #repeat(gateway: string, ref: TaskRef, stop: AbortController): Promise<void> {
    const { requests, clock, stopping, logger } = this.#o;
    const cancel = clock.after(repeatForMs, () =>
      stop.abort(new CountersignError("UNAVAILABLE", `no answer in ${repeatForMs} ms`)),
    );
    const signal = AbortSignal.any([stopping, stop.signal]);
    try {
      await requests.askUntilAnswered(gateway, encodeMessage(ref, "release", {}), timeoutMs, final, signal);
    } catch (error) {
      if (!isAbort(error))
        logger.debug(
          { gateway, task: hostedKey(ref), error: messageOf(error) },
          "another gateway did not hear a release",
        );
    } finally {
      cancel();
    }
  }
}

function nameOf(gateway: string, ref: TaskRef): string {
  return `${gateway} ${hostedKey(ref)}`;
}
