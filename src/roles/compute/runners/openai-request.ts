import { invalidField } from "../../../base/index.ts";
import { parseJsonObject } from "./text-input.ts";

export type OpenAiOperation = "chat" | "completion" | "embeddings";

export const operationPaths: Readonly<Record<OpenAiOperation, string>> = {
  chat: "chat/completions",
  completion: "completions",
  embeddings: "embeddings",
};

/** What a task may say to the server; everything else (the model, `stream`, `n`, user ids) is this node's to decide. */
const passedFields = {
  chat: [
    "messages",
    "temperature",
    "top_p",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning_effort",
    "verbosity",
  ],
  completion: ["prompt", "temperature", "top_p", "stop", "seed", "presence_penalty", "frequency_penalty"],
  embeddings: ["input", "encoding_format", "dimensions"],
} as const;

export interface OpenAiRequest {
  readonly operation: OpenAiOperation;
  readonly body: Record<string, unknown>;
}

/**
 * The call that a task's input means: `messages` a chat, `prompt` a completion, `input` embeddings.
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE
 */
export function openAiRequest(
  input: string,
  model: { upstreamModel: string; maxTokens: number; isStreamed: boolean },
): OpenAiRequest {
  const fields = parseJsonObject(input);
  const operation = operationOf(fields);
  const body: Record<string, unknown> = { model: model.upstreamModel };
  for (const name of passedFields[operation]) if (fields[name] != null) body[name] = fields[name];
  if (operation === "embeddings") return { operation, body };
  body["max_tokens"] = maxTokensOf(fields["max_tokens"] ?? fields["max_completion_tokens"], model.maxTokens);
  if (model.isStreamed) Object.assign(body, { stream: true, stream_options: { include_usage: true } });
  return { operation, body };
}

function operationOf(fields: Record<string, unknown>): OpenAiOperation {
  const named = (["messages", "prompt", "input"] as const).filter((name) => fields[name] != null);
  if (named.length !== 1)
    throw invalidField("input_data", Object.keys(fields).join(", "), "one of messages, prompt and input");
  return named[0] === "messages" ? "chat" : named[0] === "prompt" ? "completion" : "embeddings";
}

function maxTokensOf(value: unknown, modelMaxTokens: number): number {
  if (value === undefined || value === null) return modelMaxTokens;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
    throw invalidField("max_tokens", value, "a whole number from 1");
  return Math.min(value, modelMaxTokens);
}
