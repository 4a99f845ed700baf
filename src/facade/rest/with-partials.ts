import type { InferenceResponse } from "../../wire/index.ts";
import type { TaskEvent } from "./task-events.ts";

type Response = InferenceResponse.$Properties;

/**
 * What the log tells of a task, and meanwhile its output as it grows. That is in no log and has no place in it: each
 * piece holds all that came before, so who misses one misses nothing.
 */
export async function* withPartials(
  logged: (signal: AbortSignal) => AsyncIterable<TaskEvent>,
  updates: (signal: AbortSignal) => AsyncIterable<Response>,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void, undefined> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const events = logged(either)[Symbol.asyncIterator]();
  const partials = partialsOf(updates(either));
  let event = events.next();
  let partial = partials.next();
  try {
    for (;;) {
      const first = await Promise.race([event, partial.then(({ value }) => value ?? never)]);
      if ("response" in first) {
        yield first;
        partial = partials.next();
        continue;
      }
      if (first.done === true) return;
      yield first.value;
      event = events.next();
    }
  } finally {
    over.abort();
    await Promise.allSettled([events.return?.(), partials.return()]);
  }
}

const never = new Promise<never>(() => {});

/** Ends silently: how the task ends is told by the log. */
async function* partialsOf(updates: AsyncIterable<Response>): AsyncGenerator<TaskEvent, void, undefined> {
  try {
    for await (const response of updates) {
      if (response.status === "processing" && response.output_data) yield { seq: undefined, response };
    }
  } catch {
    // Aborted, or the task was cancelled.
  }
}
