import type { Clock } from "../../base/index.ts";
import { encodeMessage, type Message } from "../messages/index.ts";
import { responseMessage } from "./answers.ts";
import { errorAnswer } from "./error-answer.ts";
import type { TaskEvent } from "./task-events.ts";

// Server-sent events (HTML Living Standard, 9.2).

export const eventStreamType = "text/event-stream";
/** Proxies close connections that are silent for half a minute or more. */
const aliveMs = 15_000;
/** After this a browser comes again. */
const retryMs = 2_000;

/** The text of a stream. What goes wrong after its beginning is told as an event `failure`, without an id. */
export async function* eventStream(
  events: AsyncIterator<TaskEvent | "open">,
  clock: Clock,
): AsyncGenerator<string, void, undefined> {
  yield `retry: ${retryMs}\n\n`;
  try {
    for (let next = events.next(); ; ) {
      const result = await orSilence(next, clock);
      if (result === undefined) {
        yield ": still here\n\n";
        continue;
      }
      if (result.done === true) return;
      if (result.value !== "open") yield eventText(result.value);
      next = events.next();
    }
  } catch (error) {
    yield `event: failure\ndata: ${Buffer.from(errorAnswer(error).body).toString()}\n\n`;
  } finally {
    await events.return?.();
  }
}

/** Undefined when there was none for a while. */
function orSilence<T>(next: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(aliveMs, () => resolve(undefined));
    next.then(resolve, reject).finally(cancel);
  });
}

/** JSON has no line breaks of its own, so one line of data is enough. */
function eventText({ seq, response }: TaskEvent): string {
  const data = Buffer.from(encodeMessage("json", responseMessage, response as Message)).toString();
  return `${seq === undefined ? "" : `id: ${seq}\n`}event: ${response.status}\ndata: ${data}\n\n`;
}
