import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Clock, utf8 } from "../../base/index.ts";
import { callHeaderNames } from "../../chain/index.ts";
import type { Operation } from "../../operations/index.ts";
import type { InferenceTaskStatus } from "../../wire/index.ts";
import type { Front } from "../front/index.ts";
import { bodyOf, hangUpSignal, incomingOf } from "../http/index.ts";
import { type Message, notServed, type OperationMessages } from "../messages/index.ts";
import {
  type Answer,
  itemsAnswer,
  jsonType,
  messageAnswer,
  responseMessage,
  statusMessage,
  submitAnswer,
} from "./answers.ts";
import { eventStream, eventStreamType } from "./event-stream.ts";
import { type FirstAnswers, idempotencyKey, type KeyedCall } from "./idempotency.ts";
import { cursorOf, messageFrom, waitMsOf } from "./request.ts";
import { canWait, type Route } from "./routes.ts";
import { resultWithStatus, type TaskOperations, type TaskResult, waitingStatus } from "./task-calls.ts";
import { type TaskEvent, type TaskEventSources, taskEvents } from "./task-events.ts";

/** Where the events of tasks are. */
export type TaskSource = Omit<TaskEventSources, "operations">;

/** One HTTP request with the route that it came by. */
export interface RouteCall {
  readonly route: Route;
  readonly messages: OperationMessages;
  readonly operation: Operation;
  readonly front: Front;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly clock: Clock;
  readonly firstAnswers: FirstAnswers;
  readonly tasks: TaskSource | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Asks the operation and makes an answer of what it says. @throws CountersignError what is wrong with the request, and what the operation throws */
export async function answerCall(call: RouteCall): Promise<Answer> {
  const { route, messages, front, request, reply, clock } = call;
  const { message, waitMs, key } = readCall(call);
  const operation = key === undefined ? call.operation : call.firstAnswers.keyed(call.operation, key);
  const incoming = incomingOf("rest", request, reply);
  const ask = <T>(asked: Operation): Promise<T> =>
    front.unary(asked, incoming, message, hangUpSignal(reply)) as Promise<T>;
  switch (route.answer) {
    case "items": {
      const stream = await front.stream(operation, incoming, message, hangUpSignal(reply));
      return itemsAnswer(messages.response, await Array.fromAsync(stream));
    }
    case "submit": {
      const status = await ask<InferenceTaskStatus.$Properties>(operation);
      return submitAnswer(status, String(message["originator_client_id"] ?? ""));
    }
    case "status": {
      const status = await ask<Message>(waitingStatus(taskOperations(call), clock, waitMs));
      return messageAnswer(statusMessage, status, 200);
    }
    case "result":
    case "receipt": {
      const result = await ask<TaskResult>(resultWithStatus(taskOperations(call), clock, waitMs));
      return resultAnswer(route, result);
    }
    case "events": {
      const source = { ...taskSource(call), operations: taskOperations(call) };
      const followed = taskEvents(source, cursorOf(queryOf(request), lastEventId(request)));
      const events = await front.stream(followed, incoming, message, hangUpSignal(reply));
      return await eventsAnswer(events as AsyncGenerator<TaskEvent | "open">, clock);
    }
    default:
      return messageAnswer(messages.response, await ask<Message>(operation), route.status ?? 200);
  }
}

interface ReadCall {
  readonly message: Message;
  readonly waitMs: number;
  readonly key: KeyedCall | undefined;
}

function readCall(call: RouteCall): ReadCall {
  const { route, messages, front, request, reply } = call;
  const query = queryOf(request);
  try {
    const message = messageFrom(route, messages.request, {
      parameter: Object.values(request.params as Record<string, string>)[0],
      query,
      contentType: request.headers["content-type"],
      body: bodyOf(request),
      isSigned: request.headers[callHeaderNames.signature] !== undefined,
    });
    if (route.answer === "events") cursorOf(query, lastEventId(request));
    return { message, waitMs: canWait(route) ? waitMsOf(query) : 0, key: keyOf(request) };
  } catch (error) {
    front.unreadable(incomingOf("rest", request, reply), error);
    throw error;
  }
}

function keyOf(request: FastifyRequest): KeyedCall | undefined {
  if (request.method !== "POST") return undefined;
  const header = request.headers["idempotency-key"];
  const key = idempotencyKey(Array.isArray(header) ? header.join(", ") : header);
  if (key === undefined) return undefined;
  const body = bodyOf(request) ?? new Uint8Array();
  return { key, ip: request.ip, request: Buffer.concat([utf8(`${request.url}\n`), body]) };
}

/** Of a task that is not there yet, its status. */
function resultAnswer({ answer }: Route, { status, response }: TaskResult): Answer {
  const receipt = status.receipt_json ?? response?.receipt_json ?? "";
  if (response === undefined || (answer === "receipt" && receipt === ""))
    return messageAnswer(statusMessage, status as Message, 202);
  if (answer === "result") return messageAnswer(responseMessage, response as Message, 200);
  return { status: 200, headers: { "content-type": jsonType }, body: Buffer.from(receipt) };
}

/** 204 tells a browser not to come again. */
async function eventsAnswer(events: AsyncGenerator<TaskEvent | "open">, clock: Clock): Promise<Answer> {
  const first = await events.next();
  if (first.done === true) return { status: 204, headers: {}, body: undefined };
  return {
    status: 200,
    headers: { "content-type": eventStreamType, "cache-control": "no-store", "x-accel-buffering": "no" },
    body: Readable.from(eventStream(events, clock), { objectMode: false }),
  };
}

function taskSource({ tasks, route }: RouteCall): TaskSource {
  if (tasks === undefined) throw notServed(route.operation);
  return tasks;
}

function lastEventId({ headers }: FastifyRequest): string | undefined {
  const value = headers["last-event-id"];
  return Array.isArray(value) ? value[0] : value;
}

function taskOperations({ operations }: RouteCall): TaskOperations {
  return {
    status: operationOf("GetTaskStatus", operations),
    updates: operationOf("SubscribeToTaskUpdates", operations),
  };
}

/** @throws CountersignError NOT_SERVED where the node has no role that answers it */
export function operationOf(name: string, operations: ReadonlyMap<string, Operation>): Operation {
  const operation = operations.get(name);
  if (operation === undefined) throw notServed(name);
  return operation;
}

function queryOf({ url }: FastifyRequest): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
