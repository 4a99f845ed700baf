import type { Clock } from "../../base/index.ts";

/** The first message is waited for so long, since a failure by then can still be told by the answer's status. */
const firstMessageMs = 100;

/**
 * The same messages, once the first has come or some time has passed.
 * @throws what fails before the first message and within that time
 */
export async function started<T>(
  messages: AsyncGenerator<T, void, undefined>,
  clock: Clock,
): Promise<AsyncIterator<T>> {
  const first = messages.next();
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.after(firstMessageMs, resolve);
    first.then(() => resolve(), reject).finally(cancel);
  });
  let isFirst = true;
  return {
    next() {
      if (!isFirst) return messages.next();
      isFirst = false;
      return first;
    },
    return: () => messages.return(),
  };
}
