import { CountersignError, errorCatalogue, isCode } from "../../base/index.ts";
import { errorView } from "../front/index.ts";
import { maxCorrelationIdCharacters, maxCredentialsCharacters } from "./bounds.ts";
import { type Message, type OperationMessages, operationsByName } from "./descriptors.ts";
import { type Answer, decodeEnvelope } from "./envelope.ts";
import { repeated } from "./invalid-format.ts";
import type { Format } from "./media-types.ts";
import { decodeMessage } from "./message-codec.ts";
import { refuseTopic } from "./topics.ts";

// A call as the message gateway takes it, whatever its format, and what it answers.

export interface Call {
  readonly operation: OperationMessages;
  readonly message: Message;
  readonly credentials: string | undefined;
  readonly correlationId: string | undefined;
}

/** What a request's headers and path say; each is undefined where it is not there. */
export interface CallHead {
  /** The last part of the path. */
  readonly operation: string | undefined;
  readonly credentials: string | undefined;
  readonly correlationId: string | undefined;
}

/**
 * The call in a body: the bare message where the path names the operation, an envelope where it does not. What an
 * envelope says goes before what headers say.
 * @param onCorrelationId told as soon as it is known, so that an error can carry it
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE, NOT_FOUND
 */
export function decodeCall(
  format: Format,
  head: CallHead,
  body: Uint8Array,
  onCorrelationId: (id: string) => void = () => {},
): Call {
  const correlationId = bounded("correlation_id", head.correlationId, maxCorrelationIdCharacters);
  if (correlationId !== undefined) onCorrelationId(correlationId);
  const credentials = bounded("credentials", head.credentials, maxCredentialsCharacters);
  if (head.operation !== undefined) {
    const operation = operationNamed(head.operation);
    return { operation, message: decodeMessage(format, operation.request, body), credentials, correlationId };
  }
  const envelope = decodeEnvelope(format, body, (id) => {
    if (id.length <= maxCorrelationIdCharacters) onCorrelationId(id);
  });
  return {
    operation: operationNamed(envelope.member.name),
    message: envelope.value,
    credentials: bounded("credentials", envelope.credentials, maxCredentialsCharacters) ?? credentials,
    correlationId:
      bounded("correlation_id", envelope.correlationId, maxCorrelationIdCharacters) ?? correlationId,
  };
}

/** @throws CountersignError NOT_FOUND; INVALID_ARGUMENT for a topic */
export function operationNamed(name: string): OperationMessages {
  const operation = operationsByName.get(name);
  if (operation !== undefined) return operation;
  refuseTopic(name);
  const known = [...operationsByName.keys()].sort().join(", ");
  throw new CountersignError("NOT_FOUND", `there is no operation "${repeated(name)}"; there are: ${known}`, {
    known,
  });
}

/** An operation's answer, to be put in an envelope. */
export function answerTo(call: Call, value: Message, timeMs: number): Answer {
  return { timeMs, correlationId: call.correlationId, type: call.operation.response.name, value };
}

/** What a caller gets for an error. What is not one of ours says nothing of the inside. */
export function errorAnswer(error: unknown, correlationId: string | undefined, timeMs: number): Answer {
  const { number: code, message } = errorView(error);
  const value = isDenied(error) ? accessDenied : { code, message };
  return { timeMs, correlationId, type: "Error", value };
}

/** The reference's words, "Access denied", for what the access rules do not permit, to a caller with a key or without. */
const accessDenied = { code: errorCatalogue.ACCESS_DENIED.number, message: "Access denied" };

function isDenied(error: unknown): boolean {
  if (!isCode(error, "ACCESS_DENIED") && !isCode(error, "UNAUTHENTICATED")) return false;
  return error.data["operation"] !== undefined;
}

/** The value itself is not repeated: it may be a secret. */
function bounded(field: string, value: string | undefined, maxCharacters: number): string | undefined {
  if (value === undefined || value.length <= maxCharacters) return value;
  throw new CountersignError(
    "INVALID_ARGUMENT",
    `${field}: ${value.length} characters are not allowed; expected at most ${maxCharacters}`,
    { field, allowed: `at most ${maxCharacters} characters` },
  );
}
