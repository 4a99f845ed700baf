import type { Logger } from "../base/index.ts";

// How this machine's clock compares with its peers'. Every signed message carries a time, so a clock that is off makes honest
// statements look late, or early; and a signature under a wrong time is for ever.

/** Below this is what networks do; above it an operator should look. */
export const clockWarnMs = 200;
/** Up to here nothing is refused for it. */
export const clockToleranceMs = 2_000;
/** Beyond this a validator signs nothing. */
export const clockRefuseMs = 10_000;

export type ClockState = "good" | "off" | "intolerable" | "refused";

export function clockStateOf(offsetMs: number): ClockState {
  const size = Math.abs(offsetMs);
  if (size > clockRefuseMs) return "refused";
  if (size > clockToleranceMs) return "intolerable";
  return size >= clockWarnMs ? "off" : "good";
}

/**
 * The middle of what peers' clocks say of this one: fewer than half of them can move it far by lying. Of an even number the
 * one of the two in the middle that is nearer, so that one liar among two peers cannot stop a validator.
 */
export function medianOffsetMs(offsetsMs: readonly number[]): number | undefined {
  const sorted = offsetsMs.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) return undefined;
  return Math.abs(lower) <= Math.abs(upper) ? lower : upper;
}

const advice: Readonly<Record<Exclude<ClockState, "good">, string>> = {
  off: "set it by a time server",
  intolerable: "what it signs or asks may be refused as late, or as too far ahead",
  refused: "as a validator it signs nothing until the clock is set",
};

/** In words, for an operator; undefined while all is well. */
export function clockTrouble(offsetMs: number | undefined): string | undefined {
  if (offsetMs === undefined) return undefined;
  const state = clockStateOf(offsetMs);
  if (state === "good") return undefined;
  const direction = offsetMs > 0 ? "behind" : "ahead of";
  return `this machine's clock is ${Math.abs(Math.round(offsetMs))} ms ${direction} its peers': ${advice[state]}`;
}

/** Tells the log when the clock's state changes, and only then. */
export class ClockWatch {
  readonly #logger: Logger;
  #state: ClockState = "good";

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  look(offsetMs: number | undefined): void {
    const state = offsetMs === undefined ? this.#state : clockStateOf(offsetMs);
    if (state === this.#state) return;
    this.#state = state;
    const trouble = clockTrouble(offsetMs);
    if (trouble === undefined) this.#logger.info({ offsetMs }, "the clock agrees with the peers' again");
    else this.#logger.warn({ offsetMs, state }, trouble);
  }
}
