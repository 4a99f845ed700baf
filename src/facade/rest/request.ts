import { CountersignError, invalidField, shown } from "../../base/index.ts";
import { decodeMessage, formatOf, type Message, type MessageDescriptor } from "../messages/index.ts";
import { fieldValue } from "./field-text.ts";
import { canWait, type Route } from "./routes.ts";

/** What of an HTTP request says what is asked. */
export interface RestRequest {
  /** The path's parameter, decoded. */
  readonly parameter: string | undefined;
  /** What stands behind the `?`. */
  readonly query: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array | undefined;
  /** By a wallet; where there is a body, the signature covers that and not the path. */
  readonly isSigned: boolean;
}

/** Bytes a query may have; a URL has hardly more. */
const maxQueryParameters = 300;
/** An answer must come well before the call's own deadline. */
export const maxWaitMs = 50_000;
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, "": 1_000 };

/**
 * The operation's request out of path, query and body. Pure.
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE
 */
export function messageFrom(route: Route, descriptor: MessageDescriptor, request: RestRequest): Message {
  const message = route.method === "POST" ? bodyMessage(descriptor, request) : new descriptor.type();
  if (route.method !== "POST" && request.body !== undefined) {
    throw invalidField("body", `${request.body.length} bytes`, `no body with ${route.method}`);
  }
  const asked = new URLSearchParams(request.query);
  if (asked.size > maxQueryParameters)
    throw invalidField("query", asked.size, `at most ${maxQueryParameters} parameters`);
  for (const name of new Set(asked.keys())) {
    if (isExtra(route, name)) continue;
    const field = descriptor.byName.get(name);
    if (field === undefined || route.query?.includes(name) !== true)
      throw invalidField("query", name, allowedParameters(route));
    const texts = asked.getAll(name);
    if (field.presence === "list") message[name] = texts.map((text) => fieldValue(field, text));
    else message[name] = fieldValue(field, only(name, texts));
  }
  const isPathLoose = request.isSigned && request.body !== undefined;
  if (route.pathField !== undefined && isPathLoose && !message[route.pathField]) {
    throw invalidField(
      route.pathField,
      undefined,
      "the path's in the body too: a signature covers the body, and then not the path",
    );
  }
  if (route.pathField !== undefined) fillPath(message, descriptor, route.pathField, request.parameter ?? "");
  return message;
}

/** How long the caller will wait for the task to end, in milliseconds; 0 when not at all. */
export function waitMsOf(query: string): number {
  const texts = new URLSearchParams(query).getAll("wait");
  if (texts.length === 0) return 0;
  const text = only("wait", texts);
  const parts = /^(\d{1,5})(ms|s|)$/.exec(text);
  const waitMs = Number(parts?.[1] ?? Number.NaN) * (unitsMs[parts?.[2] ?? ""] ?? Number.NaN);
  if (!(waitMs <= maxWaitMs))
    throw invalidField("wait", text, `a time such as 30s or 500ms, at most ${maxWaitMs / 1_000}s`);
  return waitMs;
}

/** The event after which to go on: by `Last-Event-ID`, as a browser sends it when it comes again, or by `cursor`. */
export function cursorOf(query: string, lastEventId: string | undefined): number | undefined {
  const texts = new URLSearchParams(query).getAll("cursor");
  const [field, text] =
    lastEventId === undefined || lastEventId === ""
      ? ["cursor", texts.length === 0 ? undefined : only("cursor", texts)]
      : ["Last-Event-ID", lastEventId];
  if (text === undefined) return undefined;
  const cursor = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(cursor)) throw invalidField(field ?? "", text, "the id of an event");
  return cursor;
}

function isExtra(route: Route, name: string): boolean {
  return (name === "wait" && canWait(route)) || (name === "cursor" && route.answer === "events");
}

function allowedParameters(route: Route): string {
  const extra = ["wait", "cursor"].filter((name) => isExtra(route, name));
  const all = [...(route.query ?? []), ...extra];
  return all.length === 0 ? "no query parameters" : `the query parameters ${all.join(", ")}`;
}

function only(name: string, texts: readonly string[]): string {
  const [text = ""] = texts;
  if (texts.length > 1) throw invalidField(name, `${texts.length} values`, "one value");
  return text;
}

function bodyMessage(descriptor: MessageDescriptor, { contentType, body }: RestRequest): Message {
  const format = formatOf(contentType);
  if (format === undefined || format === "flatbuffers") {
    throw new CountersignError(
      "UNSUPPORTED_MEDIA_TYPE",
      `Content-Type: ${shown(contentType)} is not allowed; expected application/json or application/x-protobuf`,
      { field: "Content-Type", allowed: "application/json or application/x-protobuf" },
    );
  }
  return decodeMessage(format, descriptor, body ?? new Uint8Array());
}

/** A task's id may name its client: `client/request id`. */
function fillPath(message: Message, descriptor: MessageDescriptor, name: string, text: string): void {
  const field = descriptor.byName.get(name);
  if (field === undefined) return;
  const slash = name === "request_id" ? text.indexOf("/") : -1;
  if (slash >= 0) agree(message, "originator_wallet", text.slice(0, slash).toLowerCase());
  agree(message, name, fieldValue(field, slash >= 0 ? text.slice(slash + 1) : text));
}

function agree(message: Message, name: string, value: unknown): void {
  const said = message[name];
  const isSame =
    typeof said === "string" ? said.toLowerCase() === String(value).toLowerCase() : said === value;
  if (
    said !== undefined &&
    said !== null &&
    said !== "" &&
    said !== 0 &&
    !isSame &&
    Object.hasOwn(message, name)
  )
    throw invalidField(name, said, `nothing, or ${String(value)} as in the path`);
  message[name] = value;
}
