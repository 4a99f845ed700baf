import { CountersignError } from "../../../base/index.ts";
import type { BytePairTokenizer } from "./byte-pair.ts";
import type { TextOutput } from "./runner.ts";
import { sample, seededRandom } from "./sampler.ts";
import { StopFilter } from "./stop-filter.ts";
import type { ChatMessage, TextInput } from "./text-input.ts";

/** A language model that reads tokens, remembers them in a state, and says how likely each next token is. */
export interface StepModel<State> {
  begin(): State;
  read(tokens: readonly number[], state: State): Promise<{ logits: Float32Array; state: State }>;
}

/** Longest prompt. The shipped model forgets after a hundred tokens; this keeps reading below a second. */
export const maxPromptTokens = 4_096;
/** Tokens read in one go, so that other tasks and an abort come through while a long prompt is read. */
const readAtOnce = 256;

/** One text in the making. Each `step` is a few milliseconds of work. */
export class Generation<State> {
  readonly #model: StepModel<State>;
  readonly #tokenizer: BytePairTokenizer;
  readonly #input: TextInput;
  readonly #random: () => number;
  readonly #decoder = new TextDecoder();
  readonly #stops: StopFilter;
  readonly #promptTokens: number;
  #unread: number[];
  #state: State;
  #made = 0;
  #text = "";

  /** `defaultSeed` is used where the input names none. */
  constructor(model: StepModel<State>, tokenizer: BytePairTokenizer, input: TextInput, defaultSeed: number) {
    this.#model = model;
    this.#tokenizer = tokenizer;
    this.#input = input;
    this.#random = seededRandom(input.seed ?? defaultSeed);
    const { chat, stop, end_token } = tokenizer.file;
    this.#stops = new StopFilter(input.messages === undefined ? input.stop : [...input.stop, ...stop]);
    const prompt = input.messages === undefined ? (input.prompt ?? "") : chatPrompt(chat, input.messages);
    this.#unread = [end_token, ...tokenizer.encode(prompt)];
    this.#promptTokens = this.#unread.length - 1;
    const field = input.messages === undefined ? "prompt" : "messages";
    if (this.#promptTokens > maxPromptTokens)
      throw new CountersignError(
        "TOO_LARGE",
        `${field}: ${this.#promptTokens} tokens are not allowed; expected at most ${maxPromptTokens}`,
        { field },
      );
    this.#state = model.begin();
  }

  /** Reads a part of the prompt or makes one token. */
  async step(): Promise<{ piece: string; output: TextOutput | undefined }> {
    const chunk = this.#unread.slice(0, readAtOnce);
    this.#unread = this.#unread.slice(readAtOnce);
    const { logits, state } = await this.#model.read(chunk, this.#state);
    this.#state = state;
    if (this.#unread.length > 0) return { piece: "", output: undefined };
    const token = sample(logits, this.#input.temperature, this.#random);
    if (token === this.#tokenizer.file.end_token) return this.#finish("", "stop");
    this.#made++;
    const piece = this.#stops.push(this.#decoder.decode(this.#tokenizer.bytesOf(token), { stream: true }));
    if (this.#stops.isStopped) return this.#finish(piece, "stop");
    if (this.#made >= this.#input.maxTokens) return this.#finish(piece, "length");
    this.#unread = [token];
    return { piece: this.#append(piece), output: undefined };
  }

  #finish(lastPiece: string, finishReason: "stop" | "length"): { piece: string; output: TextOutput } {
    const rest = this.#stops.isStopped ? "" : this.#stops.push(this.#decoder.decode()) + this.#stops.end();
    const piece = this.#append(lastPiece + rest);
    const usage = {
      prompt_tokens: this.#promptTokens,
      completion_tokens: this.#made,
      total_tokens: this.#promptTokens + this.#made,
    };
    return { piece, output: { text: this.#text, finish_reason: finishReason, usage } };
  }

  #append(piece: string): string {
    // The chat form has a space before an answer's first word.
    const isFirstOfAnswer = this.#text === "" && this.#input.messages !== undefined;
    const shown = isFirstOfAnswer ? piece.trimStart() : piece;
    this.#text += shown;
    return shown;
  }
}

function chatPrompt(
  chat: { user: string; assistant: string; separator: string },
  messages: readonly ChatMessage[],
): string {
  const lines = messages.map(({ role, text }) =>
    role === "assistant" ? `${chat.assistant} ${text}` : `${chat.user}${text}`,
  );
  return [...lines, chat.assistant].join(chat.separator);
}
