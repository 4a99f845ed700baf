import type { Cancel, Clock } from "../base/index.ts";

export interface BundlerOptions<T> {
  /** A bundle of this many items goes out at once; also the bound on what is held. */
  readonly maxItems: number;
  /** The longest an item waits for company; 0 bundles what is added in one turn of the loop. */
  readonly maxDelayMs: number;
  readonly clock: Clock;
  /** Called with 1 to `maxItems` items, in the order they were added. */
  flush(items: T[]): void;
}

export interface Bundler<T> {
  add(item: T): void;
  /** Sends what is held, now. */
  flush(): void;
  /** Sends what is held and takes no more. */
  stop(): void;
}

/** Collects items and hands them on together: one message, one write or one signature check for many. */
export function createBundler<T>(options: BundlerOptions<T>): Bundler<T> {
  let held: T[] = [];
  let cancel: Cancel | undefined;
  let stopped = false;

  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    if (held.length === 0) return;
    const items = held;
    // Emptied first: `flush` may throw, or add the next item itself.
    held = [];
    options.flush(items);
  };

  return {
    add(item) {
      if (stopped) return;
      held.push(item);
      if (held.length >= options.maxItems) flush();
      else cancel ??= options.clock.after(options.maxDelayMs, flush);
    },
    flush,
    stop() {
      stopped = true;
      flush();
    },
  };
}
