import { CountersignError, tokenUsageOf } from "../../../base/index.ts";
import type { OpenAiOperation } from "./openai-request.ts";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Longest message of a server that is passed on. */
const maxErrorCharacters = 500;

export function computeFailed(message: string, cause?: unknown): CountersignError {
  return new CountersignError("COMPUTE_FAILED", message, {}, cause);
}

/** `{error: {message}}` as OpenAI, `{error: "…"}` as Ollama, `{message}` or `{detail}` as others word it. */
export function errorMessageOf(body: string): string {
  const value = parsed(body);
  const error = isObject(value) ? (value["error"] ?? value) : value;
  const message = isObject(error) ? (error["message"] ?? error["detail"]) : error;
  return (typeof message === "string" ? message : body).trim().slice(0, maxErrorCharacters);
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts a streamed answer together. */
export class StreamedAnswer {
  #text = "";
  #finishReason: string | undefined;
  #usage: unknown;
  #isDone = false;
  readonly #toolCalls: Json[] = [];

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Takes one event; the result is the text it adds. @throws CountersignError COMPUTE_FAILED */
  add(data: string): string {
    if (data === "[DONE]") {
      this.#isDone = true;
      return "";
    }
    const event = parsed(data);
    if (!isObject(event)) throw computeFailed("the model's server streamed something that is no JSON object");
    if (event["error"] != null) throw computeFailed(`the model's server reports: ${errorMessageOf(data)}`);
    if (event["usage"] != null) this.#usage = event["usage"];
    const choice = Array.isArray(event["choices"]) ? event["choices"][0] : undefined;
    if (!isObject(choice)) return "";
    if (typeof choice["finish_reason"] === "string") this.#finishReason = choice["finish_reason"];
    const delta = isObject(choice["delta"]) ? choice["delta"] : undefined;
    if (Array.isArray(delta?.["tool_calls"])) for (const call of delta["tool_calls"]) this.#addToolCall(call);
    const piece = delta?.["content"] ?? choice["text"];
    if (typeof piece !== "string") return "";
    this.#text += piece;
    return piece;
  }

  /** The `output_data`. @throws CountersignError COMPUTE_FAILED when the stream broke off */
  finish(): string {
    if (this.#finishReason === undefined && !this.#isDone)
      throw computeFailed("the model's server broke off its answer");
    return textOutput(this.#text, this.#finishReason, this.#usage, this.#toolCalls);
  }

  #addToolCall(part: unknown): void {
    if (!isObject(part)) return;
    const index = Number(part["index"] ?? 0);
    if (!Number.isInteger(index) || index < 0 || index > this.#toolCalls.length) return;
    this.#toolCalls[index] ??= { id: "", type: "function", function: { name: "", arguments: "" } };
    const call = this.#toolCalls[index];
    if (typeof part["id"] === "string") call["id"] = part["id"];
    const [target, addition] = [call["function"] as Json, part["function"]];
    if (!isObject(addition)) return;
    if (typeof addition["name"] === "string") target["name"] = addition["name"];
    if (typeof addition["arguments"] === "string") target["arguments"] += addition["arguments"];
  }
}

/** The `output_data` of an answer that came in one piece. @throws CountersignError COMPUTE_FAILED */
export function wholeAnswer(operation: OpenAiOperation, body: string): string {
  const value = parsed(body);
  if (!isObject(value)) throw computeFailed("the model's server answered something that is no JSON object");
  if (value["error"] != null) throw computeFailed(`the model's server reports: ${errorMessageOf(body)}`);
  if (operation === "embeddings") return embeddings(value);
  const choice = Array.isArray(value["choices"]) ? value["choices"][0] : undefined;
  const message = isObject(choice) && isObject(choice["message"]) ? choice["message"] : undefined;
  const toolCalls = Array.isArray(message?.["tool_calls"]) ? message["tool_calls"] : [];
  const text = message?.["content"] ?? (isObject(choice) ? choice["text"] : undefined);
  if (!isObject(choice) || (typeof text !== "string" && toolCalls.length === 0))
    throw computeFailed("the model's server answered without a text");
  return textOutput(typeof text === "string" ? text : "", choice["finish_reason"], value["usage"], toolCalls);
}

function embeddings(value: Json): string {
  const data = Array.isArray(value["data"]) ? value["data"] : [];
  const vectors = data.map((item) => (isObject(item) ? item["embedding"] : undefined));
  if (vectors.length === 0 || !vectors.every((vector) => Array.isArray(vector) || typeof vector === "string"))
    throw computeFailed("the model's server answered without embeddings");
  return JSON.stringify({ embeddings: vectors, usage: tokenUsageOf(value["usage"]) });
}

function textOutput(
  text: string,
  finishReason: unknown,
  usage: unknown,
  toolCalls: readonly unknown[],
): string {
  return JSON.stringify({
    text,
    finish_reason: typeof finishReason === "string" ? finishReason : "stop",
    usage: tokenUsageOf(usage),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  });
}
