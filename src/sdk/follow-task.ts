import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { TaskUpdate } from "./client-types.ts";
import { type ErrorBody, failureOf, SdkError } from "./errors.ts";
import { EventReader, type ServerSentEvent } from "./event-stream.ts";
import type { Http } from "./http.ts";
import type { InferenceResponse } from "./messages.ts";
import { Patience } from "./retry.ts";

export interface FollowOptions {
  readonly cursor?: number | undefined;
  readonly giveUpMs: number;
  readonly signal: AbortSignal;
}

/** A gateway says something every 15 s. */
const silentMs = 45_000;

/**
 * Everything that happens to a task until it is completed, each thing once and in order, also when the gateway goes
 * away and comes again.
 * @throws SdkError the task's failure, the gateway's refusal
 */
export async function* followTask(
  http: Http,
  clock: Clock,
  taskPath: string,
  { cursor, giveUpMs, signal }: FollowOptions,
): AsyncGenerator<TaskUpdate, void, undefined> {
  const patience = new Patience(clock, giveUpMs);
  let last = cursor;
  let output = "";
  for (;;) {
    try {
      for await (const event of eventsAfter(http, clock, taskPath, last, signal)) {
        patience.renew();
        if (event === "alive") continue;
        const seq = event.id === undefined ? undefined : Number(event.id);
        if (seq !== undefined && last !== undefined && seq <= last) continue;
        if (seq !== undefined) last = seq;
        const response = messageOfEvent(event);
        if (response.status === "failed") throw failureOf(response);
        const next = response.output_data === "" ? output : response.output_data;
        const added = next.startsWith(output) ? next.slice(output.length) : next;
        output = next;
        yield { cursor: seq, status: response.status, output, added, response };
        if (response.status === "completed") return;
      }
      // A cursor at or after the end: there is nothing to come.
      return;
    } catch (error) {
      await patience.bear(error, signal);
    }
  }
}

/** Ends without an event where there are no more. @throws SdkError UNAVAILABLE when the connection ends or is silent */
async function* eventsAfter(
  http: Http,
  clock: Clock,
  taskPath: string,
  cursor: number | undefined,
  callers: AbortSignal,
): AsyncGenerator<ServerSentEvent | "alive", void, undefined> {
  const connection = new AbortController();
  const signal = AbortSignal.any([callers, connection.signal]);
  const query = cursor === undefined ? "" : `?cursor=${cursor}`;
  const hush = () =>
    connection.abort(new SdkError("UNAVAILABLE", `the gateway said nothing for ${silentMs / 1_000} s`));
  let cancel = clock.after(silentMs, hush);
  try {
    const response = await http.open({
      method: "GET",
      target: `${taskPath}/events${query}`,
      operation: "SubscribeToTaskUpdates",
      headers: { accept: "text/event-stream" },
      signal,
    });
    if (response.status === 204 || response.body === null) return;
    const decoder = new TextDecoder();
    const reader = new EventReader();
    for await (const piece of piecesOf(response.body, signal)) {
      cancel();
      cancel = clock.after(silentMs, hush);
      yield "alive";
      yield* reader.push(decoder.decode(piece, { stream: true }));
    }
    throw new SdkError("UNAVAILABLE", "the gateway ended the stream before the task's end");
  } finally {
    cancel();
    connection.abort();
  }
}

/** @throws SdkError UNAVAILABLE when it breaks off */
async function* piecesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new SdkError("UNAVAILABLE", `the stream broke off: ${messageOf(cause)}`, { cause });
  } finally {
    reader.cancel().catch(() => {});
  }
}

function messageOfEvent({ event, data }: ServerSentEvent): InferenceResponse {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch (cause) {
    throw new SdkError("INTERNAL", "the gateway sent an event that is no JSON", { cause });
  }
  if (event === "failure") throw SdkError.fromBody(body as ErrorBody, undefined);
  return body as InferenceResponse;
}
