import type { RandomBytes } from "../../base/index.ts";

const firstDelayMs = 250;
/** A gateway that comes back is found within this time. */
const longestDelayMs = 10_000;

/** Doubles with each attempt from 0; the upper half is random, so that many nodes do not return at the same moment. */
export function backoffMs(attempt: number, random: RandomBytes): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 16));
  const [byte = 0] = random(1);
  return Math.round(full / 2 + (full / 2) * (byte / 255));
}
