import { type Clock, CountersignError } from "../../base/index.ts";
import { type ChunkMaker, GrowingText } from "./chunks.ts";
import { openAiError, taskFailure } from "./errors.ts";
import type { InferenceUpdate } from "./inference.ts";
import { partialText, textAnswer } from "./output.ts";
import { withTicks } from "./with-ticks.ts";

type Updates = AsyncGenerator<InferenceUpdate<unknown>>;

/** Proxies cut connections that are silent for a minute. */
const quietMs = 15_000;

/** The completed task's output. @throws CountersignError as the task failed */
export async function outputOf(updates: Updates): Promise<string> {
  for await (const { response } of updates) {
    if (response?.status === "failed") throw taskFailure(response.error_message ?? "");
    if (response?.status === "completed") return response.output_data ?? "";
  }
  throw new CountersignError("UNAVAILABLE", "the task's updates ended before the task did");
}

/**
 * The events of a streamed answer. The first one is there once there is text, or the task has lasted a while; what goes
 * wrong before is thrown, and what goes wrong later is the last event, without `[DONE]`.
 */
export async function streamedAnswer(
  updates: Updates,
  chunks: ChunkMaker,
  clock: Clock,
): Promise<AsyncGenerator<string>> {
  const events = answerEvents(withTicks(updates, quietMs, clock), chunks);
  const first = await events.next();
  return eventsFrom(first.value ?? "", events);
}

async function* eventsFrom(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    yield first;
    yield* rest;
  } catch (error) {
    yield event(openAiError(error).body);
  } finally {
    await rest.return(undefined);
  }
}

async function* answerEvents(
  updates: AsyncGenerator<InferenceUpdate<unknown> | undefined>,
  chunks: ChunkMaker,
): AsyncGenerator<string> {
  const text = new GrowingText();
  let isBegun = false;
  const begun = (rest: readonly object[]): string => {
    const all = isBegun ? rest : [...chunks.begin(), ...rest];
    isBegun = true;
    return all.map(event).join("");
  };
  for await (const update of updates) {
    if (update === undefined) {
      yield `${begun([])}: the task is under way\n\n`;
      continue;
    }
    const { response } = update;
    if (response?.status === "failed") throw taskFailure(response.error_message ?? "");
    const output = response?.output_data ?? "";
    if (response?.status === "completed") {
      const answer = textAnswer(output);
      const last = text.finish(answer.text);
      yield begun([...(last === "" ? [] : [chunks.piece(last)]), ...chunks.end(answer)]);
      yield "data: [DONE]\n\n";
      return;
    }
    const more = text.add(partialText(output) ?? "");
    if (more !== "") yield begun([chunks.piece(more)]);
  }
  throw new CountersignError("UNAVAILABLE", "the task's updates ended before the task did");
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
