import { CountersignError, invalidField } from "../../../base/index.ts";
import { maxInputBytes } from "./runner.ts";

export interface ChatMessage {
  readonly role: string;
  readonly text: string;
}

/** A request for text: a prompt to continue or a chat to answer. */
export interface TextInput {
  readonly prompt: string | undefined;
  readonly messages: readonly ChatMessage[] | undefined;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number | undefined;
  readonly stop: readonly string[];
}

/** Longest chat: the rest of a conversation would not fit a model's window anyway. */
const maxMessages = 256;
/** As OpenAI's API allows. */
const maxStops = 4;
const maxStopCharacters = 64;
const maxSeed = 2 ** 32 - 1;

/** @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
export function parseJsonInput(input: string): unknown {
  if (Buffer.byteLength(input) > maxInputBytes)
    throw new CountersignError("TOO_LARGE", `input_data is larger than ${maxInputBytes} bytes`, {
      field: "input_data",
    });
  try {
    return JSON.parse(input);
  } catch {
    throw invalidField("input_data", input, "JSON");
  }
}

export function parseJsonObject(input: string): Record<string, unknown> {
  const value = parseJsonInput(input);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidField("input_data", input, "a JSON object");
  return value as Record<string, unknown>;
}

/**
 * Reads `{prompt}` or `{messages}` with `max_tokens`, `temperature`, `seed` and `stop`. What would change the answer and
 * cannot be had is refused; other fields are left alone. `max_tokens` above the model's is lowered to it.
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE
 */
export function parseTextInput(input: string, modelMaxTokens: number): TextInput {
  const fields = parseJsonObject(input);
  const { prompt, messages } = fields;
  if ((prompt === undefined || prompt === null) === (messages === undefined || messages === null))
    throw invalidField("input_data", Object.keys(fields).join(", "), "either prompt or messages");
  if (prompt !== undefined && prompt !== null && typeof prompt !== "string")
    throw invalidField("prompt", prompt, "a string");
  refuseUnsupported(fields);
  const wanted = integerField("max_tokens", fields["max_tokens"] ?? fields["max_completion_tokens"], 1);
  const temperature = fields["temperature"] ?? 0;
  if (typeof temperature !== "number" || !(temperature >= 0 && temperature <= 2))
    throw invalidField("temperature", temperature, "a number from 0 to 2");
  return {
    prompt: typeof prompt === "string" ? prompt : undefined,
    messages: typeof prompt === "string" ? undefined : parseMessages(messages),
    maxTokens: Math.min(wanted ?? modelMaxTokens, modelMaxTokens),
    temperature,
    seed: integerField("seed", fields["seed"], 0),
    stop: parseStops(fields["stop"]),
  };
}

/** Fields of OpenAI's API that change an answer, with the value that does not. */
const unsupported: Readonly<Record<string, number | undefined>> = {
  tools: undefined,
  response_format: undefined,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

function refuseUnsupported(fields: Readonly<Record<string, unknown>>): void {
  for (const [field, neutral] of Object.entries(unsupported)) {
    const value = fields[field] ?? neutral;
    if (value !== neutral)
      throw invalidField(field, value, `${neutral ?? "none"}: this model knows no other`);
  }
}

function integerField(field: string, value: unknown, least: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > maxSeed)
    throw invalidField(field, value, `a whole number from ${least} to ${maxSeed}`);
  return value;
}

function parseMessages(value: unknown): ChatMessage[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxMessages)
    throw invalidField("messages", value, `1 to ${maxMessages} messages`);
  return value.map((message, index) => {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (typeof role !== "string") throw invalidField(`messages[${index}].role`, role, "a string");
    return { role, text: contentText(`messages[${index}].content`, content) };
  });
}

/** A message's content is a string or, as OpenAI allows, a list of parts. */
function contentText(field: string, content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw invalidField(field, content, "a string or a list of text parts");
  return content
    .map((part, index) => {
      const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
      if (type !== "text" || typeof text !== "string")
        throw invalidField(`${field}[${index}]`, type, 'a part of type "text"');
      return text;
    })
    .join("\n");
}

function parseStops(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const stops = Array.isArray(value) ? value : [value];
  const isFit = (stop: unknown) =>
    typeof stop === "string" && stop.length > 0 && stop.length <= maxStopCharacters;
  if (stops.length > maxStops || !stops.every(isFit))
    throw invalidField("stop", value, `up to ${maxStops} strings of 1 to ${maxStopCharacters} characters`);
  return stops;
}
