import { addressPattern, CountersignError, invalidField } from "../../../base/index.ts";
import { maxAttempts } from "../../../proof/task-terms.ts";
import { countersign } from "../../../wire/index.ts";
import { protobuf } from "../../../wire/uint64.ts";
import type { Assignment, Task } from "../task.ts";

// The messages of protocol `task`, as data that is checked field by field.

type Message = countersign.v1.TaskMessage.$Properties;
export type TaskAnswer = countersign.v1.TaskAnswer.$Properties;

/** One assignment of one task of one gateway. */
export interface TaskRef {
  readonly gateway: string;
  readonly client: string;
  readonly requestId: string;
  readonly attempt: number;
}

export const asks = ["reserve", "hand_over", "check", "release", "progress", "result"] as const;
export type AskName = (typeof asks)[number];
export type Ask = {
  readonly [N in AskName]: { readonly name: N; readonly body: NonNullable<Message[N]> };
}[AskName];

/** What clients and compute nodes may send over gRPC, so nothing larger comes this way. */
export const maxInputBytes = 1 << 20;
export const maxOutputBytes = 2 << 20;
/**
 * A message but for its input or output: a quote, a few re-assignments and trails. Bounds what decoding can allocate:
 * the least a nested message takes is two bytes, an object of it a hundred.
 */
export const maxStructureBytes = 256 * 1024;
export const maxMessageBytes = maxOutputBytes + maxStructureBytes;
/** An answer names a node at most. */
export const maxAnswerBytes = 1024;
/** Tasks with more attempts than fit a proposal do not exist. */
const maxExceptNodes = maxAttempts + 1;
const maxNodeKeyCharacters = 256;

const requestIdPattern = /^[A-Za-z0-9._:-]{1,128}$/;

export function encodeMessage(ref: TaskRef, name: AskName, body: object): Uint8Array {
  return countersign.v1.TaskMessage.encode({
    task: { gateway: ref.gateway, client: ref.client, request_id: ref.requestId, attempt: ref.attempt },
    [name]: body,
  }).finish();
}

/** @throws CountersignError INVALID_ARGUMENT or TOO_LARGE naming what is wrong */
export function decodeMessage(bytes: Uint8Array): { readonly ref: TaskRef; readonly ask: Ask } {
  if (bytes.length > maxMessageBytes || structureBytes(bytes) > maxStructureBytes) {
    throw new CountersignError("TOO_LARGE", `a task message of ${bytes.length} bytes is not read`);
  }
  const message = decoded(() => countersign.v1.TaskMessage.decode(bytes));
  const given = asks.filter((name) => message[name] != null);
  const [name] = given;
  if (name === undefined || given.length !== 1)
    throw invalidField("ask", given.join(", "), asks.join(" or "));
  const ask = { name, body: message[name] } as Ask;
  if (ask.name === "reserve") checkReserve(ask.body);
  return { ref: readRef(message.task ?? {}), ask };
}

function readRef(task: countersign.v1.TaskRef.$Properties): TaskRef {
  const { gateway = "", client = "", request_id: requestId = "", attempt = 0 } = task;
  if (!isAddress(gateway)) throw invalidField("task.gateway", gateway, "a lower-case address");
  if (!isAddress(client)) throw invalidField("task.client", client, "a lower-case address");
  if (!requestIdPattern.test(requestId ?? ""))
    throw invalidField("task.request_id", requestId, "a request id");
  if ((attempt ?? 0) > maxAttempts) throw invalidField("task.attempt", attempt, `at most ${maxAttempts}`);
  return { gateway, client, requestId: requestId ?? "", attempt: attempt ?? 0 };
}

function checkReserve({ except = [] }: countersign.v1.TaskReserve.$Properties): void {
  if ((except ?? []).length > maxExceptNodes || except?.some((key) => key.length > maxNodeKeyCharacters)) {
    throw invalidField("reserve.except", `${except?.length} entries`, `at most ${maxExceptNodes} node keys`);
  }
}

export function encodeAnswer(answer: TaskAnswer): Uint8Array {
  return countersign.v1.TaskAnswer.encode(answer).finish();
}

/** @throws CountersignError INVALID_ARGUMENT when the peer's answer is none */
export function decodeAnswer(bytes: Uint8Array): TaskAnswer {
  return decoded(() => countersign.v1.TaskAnswer.decode(bytes));
}

export function isAddress(text: unknown): text is string {
  return typeof text === "string" && addressPattern.test(text) && text === text.toLowerCase();
}

/** The name of an assignment at the gateway that was handed it. No client's task can have this key. */
export function hostedKey({ gateway, client, requestId, attempt }: TaskRef): string {
  return `${client}@${gateway}#${attempt}/${requestId}`;
}

export function refOf(task: Task, assignment: Assignment, gateway: string): TaskRef {
  return { gateway, client: task.client, requestId: task.requestId, attempt: assignment.attempt };
}

function decoded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CountersignError("INVALID_ARGUMENT", "not a message of protocol task", {}, error);
  }
}

/** By field number of the ask: the field of its long text, which decodes to nothing but itself. */
const textFields: Readonly<Record<number, number>> = { 3: 2, 6: 1, 7: 1 };

function structureBytes(bytes: Uint8Array): number {
  return decoded(() => {
    let sizeBytes = bytes.length;
    eachDelimited(bytes, (askField, ask) => {
      eachDelimited(ask, (field, text) => {
        if (field === textFields[askField]) sizeBytes -= text.length;
      });
    });
    return sizeBytes;
  });
}

function eachDelimited(message: Uint8Array, visit: (field: number, bytes: Uint8Array) => void): void {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === 2) visit(tag >>> 3, reader.bytes());
    else reader.skipType(tag & 7);
  }
}
