import type { Readable } from "node:stream";
import { CountersignError, type ErrorCode, errorCatalogue } from "../../base/index.ts";
import type { InferenceTaskStatus, QuorumTrail } from "../../wire/index.ts";
import { encodeMessage, type Message, type MessageDescriptor, messageNamed } from "../messages/index.ts";

/** An answer before it becomes HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Nothing, all of it, or a stream of it. */
  readonly body: Uint8Array | Readable | undefined;
}

export const jsonType = "application/json; charset=utf-8";

export function messageAnswer(descriptor: MessageDescriptor, message: Message, status: number): Answer {
  if (message["success"] === false) throw refusedBy(message);
  return { status, headers: { "content-type": jsonType }, body: encodeMessage("json", descriptor, message) };
}

export function itemsAnswer(descriptor: MessageDescriptor, items: readonly unknown[]): Answer {
  const texts = items.map((item) =>
    Buffer.from(encodeMessage("json", descriptor, item as Message)).toString(),
  );
  return {
    status: 200,
    headers: { "content-type": jsonType },
    body: Buffer.from(`{"items":[${texts.join(",")}]}`),
  };
}

/**
 * A submitted task: 200 once it is completed, 202 while it waits, for its payment or its turn.
 * @throws CountersignError the task's failure, with its trail
 */
export function submitAnswer(status: InferenceTaskStatus.$Properties, client: string): Answer {
  if (status.status === "failed") throw failureOf(status);
  const id = client === "" ? status.request_id : `${client}/${status.request_id}`;
  const answer = messageAnswer(statusMessage, status as Message, status.status === "completed" ? 200 : 202);
  const location = `/api/v1/inference/${encodeURIComponent(id ?? "")}`;
  return { ...answer, headers: { ...answer.headers, location } };
}

export const statusMessage = messageNamed("InferenceTaskStatus");
export const responseMessage = messageNamed("InferenceResponse");

/** True once validators have signed terms that nobody has paid yet. */
export function awaitsPayment({ status, payment_status }: InferenceTaskStatus.$Properties): boolean {
  return (
    status === "queued" &&
    payment_status?.required === true &&
    payment_status.preprocessing_complete === true &&
    payment_status.payment_confirmed !== true &&
    payment_status.prepaid !== true
  );
}

/** What became of a failed task, as the error that it is. */
export function failureOf({
  error_message = "",
  quorum_trail = [],
  request_id,
}: {
  error_message?: string | null;
  quorum_trail?: QuorumTrail.$Properties[] | null;
  request_id?: string | null;
}): CountersignError {
  const [, code = "", message = ""] = /^([A-Z_]+): (.*)$/s.exec(error_message ?? "") ?? [];
  const known = Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : "INTERNAL";
  return new CountersignError(known, message === "" ? "the task failed" : message, {
    request_id,
    trail: quorum_trail?.at(-1),
  });
}

/** An answer that says in so many words that nothing was done. */
function refusedBy(message: Message): CountersignError {
  const subnet = message["subnet"] as { quorum_trail?: QuorumTrail.$Properties[] } | undefined;
  const trail = subnet?.quorum_trail?.at(-1);
  const text = typeof message["message"] === "string" ? message["message"] : "nothing was changed";
  return trail === undefined
    ? new CountersignError("NOT_SERVED", text)
    : new CountersignError("QUORUM_NOT_REACHED", text, { trail });
}
