import { CountersignError, type TokenUsage, tokenUsageOf } from "../../base/index.ts";
import { isObject } from "./request-rules.ts";

/** What a task's output says, whichever runner made it. */
export interface TextAnswer {
  readonly text: string;
  readonly finishReason: string;
  readonly usage: TokenUsage;
  readonly toolCalls: readonly unknown[];
}

export interface Vectors {
  /** Each as numbers or as OpenAI's base64. */
  readonly vectors: readonly (readonly number[] | string)[];
  readonly usage: TokenUsage;
}

/**
 * Reads a task's `output_data`: `{text, finish_reason, usage, tool_calls}` of the node's own runners, a whole answer of
 * OpenAI's API, or any other JSON that a program made, which is then the text: a string itself, the rest as JSON.
 * @throws CountersignError COMPUTE_FAILED
 */
export function textAnswer(outputData: string): TextAnswer {
  const output = parsed(outputData);
  if (!isObject(output)) return { text: typeof output === "string" ? output : outputData, ...nothingKnown };
  const [choice] = Array.isArray(output["choices"]) ? output["choices"] : [];
  const said = isObject(choice) ? choice : output;
  const message = isObject(said["message"]) ? said["message"] : said;
  const toolCalls = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  const text = message["content"] ?? message["text"];
  if (typeof text !== "string" && toolCalls.length === 0) return { text: outputData, ...nothingKnown };
  const reason = said["finish_reason"];
  return {
    text: typeof text === "string" ? text : "",
    finishReason: typeof reason === "string" ? reason : "stop",
    usage: tokenUsageOf(output["usage"]),
    toolCalls,
  };
}

/**
 * Reads `{embeddings, usage}` of the node's own runners or `{data: [{embedding}], usage}` of OpenAI's API.
 * @throws CountersignError COMPUTE_FAILED when there are not `count` vectors
 */
export function vectorsOf(outputData: string, count: number): Vectors {
  const output = parsed(outputData);
  const fields = isObject(output) ? output : {};
  const listed = Array.isArray(fields["data"])
    ? fields["data"].map((item) => (isObject(item) ? item["embedding"] : undefined))
    : fields["embeddings"];
  const isVector = (value: unknown) =>
    typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "number"));
  if (!Array.isArray(listed) || !listed.every(isVector)) throw failed("the model answered no embeddings");
  if (listed.length !== count)
    throw failed(`the model answered ${listed.length} embeddings for ${count} inputs`);
  return { vectors: listed, usage: tokenUsageOf(fields["usage"]) };
}

/** The text of a partial output; undefined when it tells none. */
export function partialText(outputData: string): string | undefined {
  if (outputData === "") return undefined;
  const output = parsed(outputData);
  return isObject(output) && typeof output["text"] === "string" ? output["text"] : undefined;
}

const nothingKnown = { finishReason: "stop", usage: tokenUsageOf(undefined), toolCalls: [] } as const;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failed("the model's output is not JSON");
  }
}

function failed(message: string): CountersignError {
  return new CountersignError("COMPUTE_FAILED", message);
}
