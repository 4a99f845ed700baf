import type { Clock } from "../../base/index.ts";

/** The items as they come, and undefined each time that none came for `quietMs`. */
export async function* withTicks<T>(
  items: AsyncGenerator<T>,
  quietMs: number,
  clock: Clock,
): AsyncGenerator<T | undefined> {
  let next: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      next ??= items.next();
      const item = await orQuiet(next, quietMs, clock);
      if (item === undefined) yield undefined;
      else {
        next = undefined;
        if (item.done === true) return;
        yield item.value;
      }
    }
  } finally {
    // Nobody waits for it any more.
    next?.catch(() => {});
    await items.return(undefined);
  }
}

function orQuiet<T>(promise: Promise<T>, quietMs: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(quietMs, () => resolve(undefined));
    promise.then(resolve, reject).finally(cancel);
  });
}
