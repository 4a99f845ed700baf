/** Time and randomness, handed in wherever they are used, so that a test can own both. */
export interface Clock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): Cancel;
  /** Calls back again and again; the result cancels. */
  every(periodMs: number, callback: () => void): Cancel;
}

export type Cancel = () => void;
export type RandomBytes = (count: number) => Uint8Array;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs);
    return () => clearInterval(timer);
  },
};

export const systemRandom: RandomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

/** Unix seconds, rounded down. */
export function nowSec(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}

/** Resolves after the delay; rejects at once with the signal's reason when it aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Runs work whose signal aborts with the given one, and with the error of `late` once the time is over. */
export async function withTimeLimit<T>(
  clock: Clock,
  limitMs: number,
  late: () => Error,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const cancel = clock.after(limitMs, () => timeout.abort(late()));
  try {
    return await work(AbortSignal.any([signal, timeout.signal]));
  } finally {
    cancel();
  }
}
