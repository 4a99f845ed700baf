import { CountersignError } from "../../base/index.ts";
import { errorView } from "../front/index.ts";
import { apiVersions } from "../http/index.ts";
import { encodeMessage, type Message, messageNamed } from "../messages/index.ts";
import { type Answer, jsonType, statusMessage } from "./answers.ts";

const trailMessage = messageNamed("QuorumTrail");

/** `{error: {code, number, message, …}, trail?, terms?}` with the status that the catalogue has for it. */
export function errorAnswer(error: unknown): Answer & { readonly body: Uint8Array } {
  const view = errorView(error);
  const data = error instanceof CountersignError ? error.data : {};
  const { line, column, request_id, allow, terms } = data;
  const isText = typeof line === "number";
  const body = {
    error: {
      code: view.code,
      number: view.number,
      message: view.message,
      field:
        view.field ?? (view.code === "INVALID_ARGUMENT" || view.code === "TOO_LARGE" ? "body" : undefined),
      allowed: view.allowed,
      ...(isText ? { line, column } : {}),
      fix: view.fix,
      request_id: typeof request_id === "string" ? request_id : undefined,
    },
    trail: view.trail && asJson(trailMessage, view.trail as Message),
    terms: terms === undefined ? undefined : asJson(statusMessage, terms as Message),
  };
  return {
    status: view.http,
    headers: {
      "content-type": jsonType,
      "x-api-version": apiVersions[0],
      ...(typeof allow === "string" ? { allow } : {}),
    },
    body: Buffer.from(JSON.stringify(body)),
  };
}

const asJson = (descriptor: Parameters<typeof encodeMessage>[1], message: Message): unknown =>
  JSON.parse(Buffer.from(encodeMessage("json", descriptor, message)).toString());
