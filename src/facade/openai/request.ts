import { invalidField } from "../../base/index.ts";
import { messages } from "./messages.ts";
import {
  applyRules,
  type Fields,
  flag,
  ignored,
  integer,
  isObject,
  never,
  number,
  oneOf,
  only,
  passed,
  type Rules,
  responseFormat,
  stops,
  tools,
} from "./request-rules.ts";

/** What one of OpenAI's calls asks of the network. */
export interface InferenceCall {
  readonly model: string;
  /** The task's `input_data`, as the runners of compute nodes read it. */
  readonly input: Fields;
  readonly isStreamed: boolean;
  /** Whether a stream ends with a chunk that counts tokens. */
  readonly includesUsage: boolean;
}

export interface EmbeddingsCall extends InferenceCall {
  readonly encoding: "float" | "base64";
  /** How many vectors are wanted. */
  readonly count: number;
}

/** As OpenAI's API allows. */
const maxEmbeddingInputs = 2_048;

const oneAnswer = only(1, "one task makes one answer; make several calls");
const noLogprobs = "the network's models tell no probabilities";

const common: Rules = {
  model: passed,
  stream: flag,
  stream_options: passed,
  user: ignored,
};

const sampling: Rules = {
  ...common,
  temperature: number(0, 2),
  top_p: number(0, 1, 1),
  presence_penalty: number(-2, 2, 0),
  frequency_penalty: number(-2, 2, 0),
  stop: stops,
  seed: integer(Number.MIN_SAFE_INTEGER),
  max_tokens: integer(1),
  n: oneAnswer,
  logit_bias: only({}, "the network's models take no biases"),
  // Where it is kept and what it is called changes no answer.
  metadata: ignored,
  store: ignored,
  service_tier: ignored,
  safety_identifier: ignored,
  prompt_cache_key: ignored,
  prompt_cache_retention: ignored,
};

const chatRules: Rules = {
  ...sampling,
  messages,
  max_completion_tokens: integer(1),
  tools,
  tool_choice: passed,
  parallel_tool_calls: flag,
  response_format: responseFormat,
  reasoning_effort: passed,
  verbosity: passed,
  logprobs: only(false, noLogprobs),
  top_logprobs: only(0, noLogprobs),
  modalities: only(["text"], "the network's models answer text"),
  audio: never("the network's models answer text"),
  web_search_options: never("the network's models do not search"),
  functions: never("use tools"),
  function_call: never("use tool_choice"),
  // A guess of the answer, which makes it faster and no other.
  prediction: ignored,
};

const completionRules: Rules = {
  ...sampling,
  prompt: passed,
  best_of: oneAnswer,
  echo: only(false, "send the prompt along yourself"),
  suffix: only("", "the network's models continue a text and insert none"),
  logprobs: never(noLogprobs),
};

const embeddingsRules: Rules = {
  model: passed,
  input: passed,
  encoding_format: oneOf("float", "base64"),
  dimensions: integer(1),
  user: ignored,
};

/** @throws CountersignError INVALID_ARGUMENT */
export function chatCall(body: Fields): InferenceCall {
  require(body, "messages", "1 or more messages");
  const kept = applyRules(chatRules, body);
  if (kept["tools"] === undefined) {
    delete kept["tool_choice"];
    delete kept["parallel_tool_calls"];
  }
  return callOf(withMaxTokens(kept));
}

/** @throws CountersignError INVALID_ARGUMENT */
export function completionCall(body: Fields): InferenceCall {
  require(body, "prompt", "a string");
  const kept = applyRules(completionRules, body);
  const { prompt } = kept;
  const text = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof text !== "string")
    throw invalidField("prompt", prompt, "one string; make a call for each prompt");
  return callOf({ ...kept, prompt: text });
}

/** @throws CountersignError INVALID_ARGUMENT */
export function embeddingsCall(body: Fields): EmbeddingsCall {
  require(body, "input", "a string or a list of strings");
  const kept = applyRules(embeddingsRules, body);
  const count = inputCount(kept["input"]);
  return { ...callOf(kept), encoding: kept["encoding_format"] === "base64" ? "base64" : "float", count };
}

function require(body: Fields, field: string, allowed: string): void {
  if (body[field] === undefined || body[field] === null) throw invalidField(field, body[field], allowed);
}

function callOf(kept: Record<string, unknown>): InferenceCall {
  const { model, stream, stream_options: options, ...input } = kept;
  if (typeof model !== "string" || model === "")
    throw invalidField("model", model, "the id of a model; GET /v1/models lists them");
  const isStreamed = stream === true;
  if (options !== undefined && (!isStreamed || !isObject(options)))
    throw invalidField("stream_options", options, "an object, where stream is true");
  const includesUsage = options?.["include_usage"] ?? false;
  if (typeof includesUsage !== "boolean")
    throw invalidField("stream_options.include_usage", includesUsage, "true or false");
  return { model, input, isStreamed, includesUsage };
}

/** `max_completion_tokens` is the newer name; runners know the older one. */
function withMaxTokens(kept: Record<string, unknown>): Record<string, unknown> {
  const { max_completion_tokens: most, ...rest } = kept;
  return most === undefined ? rest : { ...rest, max_tokens: most };
}

function inputCount(input: unknown): number {
  const allowed = `a string or 1 to ${maxEmbeddingInputs} of them, none of them empty; or lists of token numbers`;
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  const isTokens = (value: unknown) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((token) => Number.isSafeInteger(token) && token >= 0);
  if (isText(input) || isTokens(input)) return 1;
  const isList = Array.isArray(input) && input.length > 0 && input.length <= maxEmbeddingInputs;
  if (!isList || !(input.every(isText) || input.every(isTokens)))
    throw invalidField("input", Array.isArray(input) ? `a list of ${input.length}` : input, allowed);
  return input.length;
}
