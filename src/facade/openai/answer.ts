import type { TextAnswer, Vectors } from "./output.ts";

// The objects of OpenAI's API that answers are made of.

export interface AnswerHead {
  readonly requestId: string;
  readonly model: string;
  /** Unix seconds. */
  readonly createdSec: number;
}

export const chatId = (requestId: string): string => `chatcmpl-${requestId}`;
export const completionId = (requestId: string): string => `cmpl-${requestId}`;

export function chatCompletion({ requestId, model, createdSec }: AnswerHead, answer: TextAnswer): object {
  const { text, finishReason, usage, toolCalls } = answer;
  const hasCalls = toolCalls.length > 0;
  const message = {
    role: "assistant",
    content: hasCalls && text === "" ? null : text,
    refusal: null,
    ...(hasCalls ? { tool_calls: toolCalls } : {}),
  };
  return {
    id: chatId(requestId),
    object: "chat.completion",
    created: createdSec,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

export function textCompletion({ requestId, model, createdSec }: AnswerHead, answer: TextAnswer): object {
  return {
    id: completionId(requestId),
    object: "text_completion",
    created: createdSec,
    model,
    choices: [{ index: 0, text: answer.text, logprobs: null, finish_reason: answer.finishReason }],
    usage: answer.usage,
  };
}

export function embeddingList(
  model: string,
  { vectors, usage }: Vectors,
  encoding: "float" | "base64",
): object {
  const encode = encoding === "base64" ? asBase64 : asNumbers;
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encode(vector) })),
    model,
    usage: { prompt_tokens: usage.prompt_tokens, total_tokens: usage.total_tokens },
  };
}

/** OpenAI's base64 of a vector is its numbers as 32-bit floats, the lowest byte first. */
function asBase64(vector: readonly number[] | string): string {
  if (typeof vector === "string") return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

function asNumbers(vector: readonly number[] | string): readonly number[] {
  if (typeof vector !== "string") return vector;
  const bytes = Buffer.from(vector, "base64");
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}
