import { CountersignError, type TokenUsage } from "../../base/index.ts";
import { type AnswerHead, chatId, completionId } from "./answer.ts";
import type { TextAnswer } from "./output.ts";
import { isObject } from "./request-rules.ts";

/** What the text grows by. A node tells the text so far, and what was handed on cannot be taken back. */
export class GrowingText {
  #given = "";

  /** The further text of a partial output; empty for one that does not continue what was given. */
  add(textSoFar: string): string {
    const whole = withoutHalfCharacter(textSoFar);
    if (!whole.startsWith(this.#given)) return "";
    const more = whole.slice(this.#given.length);
    this.#given = whole;
    return more;
  }

  /** @throws CountersignError COMPUTE_UNAVAILABLE when the whole text is not what was begun */
  finish(text: string): string {
    if (!text.startsWith(this.#given))
      throw new CountersignError(
        "COMPUTE_UNAVAILABLE",
        "another node began the answer anew, with other words than were streamed; ask again",
      );
    return text.slice(this.#given.length);
  }
}

/** A text may be cut within a character of two units, of which the half comes as U+FFFD or as it is. */
function withoutHalfCharacter(text: string): string {
  return text.replace(/[\ud800-\udbff\ufffd]$/, "");
}

/** Makes the chunks of one streamed answer. */
export interface ChunkMaker {
  begin(): object[];
  piece(text: string): object;
  end(answer: TextAnswer): object[];
}

export function chatChunks(head: AnswerHead, includesUsage: boolean): ChunkMaker {
  const base = {
    id: chatId(head.requestId),
    object: "chat.completion.chunk",
    created: head.createdSec,
    model: head.model,
  };
  const chunk = (delta: object, finishReason: string | null = null) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(includesUsage ? { usage: null } : {}),
  });
  return {
    begin: () => [chunk({ role: "assistant", content: "" })],
    piece: (content) => chunk({ content }),
    end: ({ finishReason, usage, toolCalls }) => [
      ...(toolCalls.length === 0 ? [] : [chunk({ tool_calls: toolCalls.map(indexed) })]),
      chunk({}, finishReason),
      ...usageChunk(base, usage, includesUsage),
    ],
  };
}

export function completionChunks(head: AnswerHead, includesUsage: boolean): ChunkMaker {
  const base = {
    id: completionId(head.requestId),
    object: "text_completion",
    created: head.createdSec,
    model: head.model,
  };
  const chunk = (text: string, finishReason: string | null = null) => ({
    ...base,
    choices: [{ index: 0, text, logprobs: null, finish_reason: finishReason }],
    ...(includesUsage ? { usage: null } : {}),
  });
  return {
    begin: () => [],
    piece: (text) => chunk(text),
    end: ({ finishReason, usage }) => [chunk("", finishReason), ...usageChunk(base, usage, includesUsage)],
  };
}

function usageChunk(base: object, usage: TokenUsage, includesUsage: boolean): object[] {
  return includesUsage ? [{ ...base, choices: [], usage }] : [];
}

function indexed(call: unknown, index: number): object {
  return { index, ...(isObject(call) ? call : {}) };
}
