import type { EventLog, LoggedEvent } from "../../events/index.ts";
import type { CallContext, Feed, Operation } from "../../operations/index.ts";
import { InferenceResponse, type InferenceTaskStatus } from "../../wire/index.ts";
import { isOver, type TaskOperations } from "./task-calls.ts";
import { withPartials } from "./with-partials.ts";

/** What a follower of a task is told. */
export interface TaskEvent {
  /** The place to go on from; undefined for what is told but not in the log, such as an output that still grows. */
  readonly seq: number | undefined;
  readonly response: InferenceResponse.$Properties;
}

export interface TaskEventSources {
  readonly operations: TaskOperations;
  readonly feed: Feed;
  readonly events: Pick<EventLog, "follow" | "readPage" | "checkCursor">;
}

/**
 * SubscribeToTaskUpdates out of the log of events: everything after the cursor, then what comes, until the task has
 * ended. First `"open"`, as soon as there is or may be something to tell; nothing at all where all was told.
 * @throws CountersignError TASK_NOT_FOUND, FUTURE_CURSOR, OUTDATED_CURSOR
 */
export function taskEvents(
  { operations, feed, events }: TaskEventSources,
  cursor: number | undefined,
): Operation {
  const look = operations.status.run as unknown as (
    request: { id: string },
    context: CallContext,
  ) => Promise<InferenceTaskStatus.$Properties>;
  const follow = operations.updates.run as unknown as (
    request: { id: string },
    context: CallContext,
  ) => AsyncIterable<InferenceResponse.$Properties>;
  async function* run(
    request: { id: string },
    context: CallContext,
  ): AsyncGenerator<TaskEvent | "open", void, undefined> {
    const afterSeq = cursor ?? 0;
    const status = await look(request, context);
    events.checkCursor(afterSeq);
    const filter = await feed.filter({ request_ids: [request.id] }, context.caller);
    // A task says that it has ended a moment before the log does; only what the log says can be told apart by its place.
    const { events: logged } = await events.readPage(filter, 0);
    const isTold = logged.some((event) => event.seq <= afterSeq && isEnd(event));
    const isForgotten = logged.length === 0 && isOver(status);
    if ((isTold && !logged.some(({ seq }) => seq > afterSeq)) || (isForgotten && cursor !== undefined))
      return;
    yield "open";
    if (isForgotten) return yield { seq: undefined, response: briefly(status) };
    const fromLog = (signal: AbortSignal) => shownUntilEnd(events.follow(filter, afterSeq, signal), feed);
    const asTheyCome = (signal: AbortSignal) => follow(request, { caller: context.caller, signal });
    yield* withPartials(fromLog, asTheyCome, context.signal);
  }
  return { ...operations.updates, run: run as never };
}

async function* shownUntilEnd(
  logged: AsyncIterable<LoggedEvent>,
  feed: Feed,
): AsyncGenerator<TaskEvent, void, undefined> {
  for await (const event of logged) {
    const payload = (await feed.shown?.(event)) ?? event.payload;
    yield { seq: event.seq, response: InferenceResponse.decode(payload) };
    if (isEnd(event)) return;
  }
}

function isEnd({ payload }: LoggedEvent): boolean {
  const { status } = InferenceResponse.decode(payload);
  return status === "completed" || status === "failed";
}

/** Of a task whose events are gone. */
function briefly(status: InferenceTaskStatus.$Properties): InferenceResponse.$Properties {
  const { request_id = "", error_message = "", quorum_trail = [] } = status;
  return { request_id, status: status.status ?? "", error_message, quorum_trail };
}
