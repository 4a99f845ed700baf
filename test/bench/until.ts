import { setTimeout as wait } from "node:timers/promises";

/** Looks again and again until it is so, or the time is over; what then is so the caller measures. */
export async function until(
  isSo: () => boolean,
  { withinMs, everyMs, signal }: { withinMs: number; everyMs: number; signal: AbortSignal },
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isSo() && performance.now() < endMs) await wait(everyMs, undefined, { signal });
}
