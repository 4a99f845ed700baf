import { type Clock, CountersignError, messageOf } from "../../../base/index.ts";
import type { UrlModelConfig } from "../config.ts";
import { computeFailed, errorMessageOf, StreamedAnswer, wholeAnswer } from "./openai-answer.ts";
import { type OpenAiOperation, openAiRequest, operationPaths } from "./openai-request.ts";
import type { Runner, RunOptions } from "./runner.ts";
import { sseData } from "./sse.ts";

export interface OpenAiRunnerOptions {
  readonly model: UrlModelConfig;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
}

/** Much of an error page is of no use. */
const maxErrorBytes = 16 * 1024;

/** Passes tasks on to an OpenAI-compatible server. */
export class OpenAiRunner implements Runner {
  readonly #model: UrlModelConfig;
  readonly #apiKey: string | undefined;
  readonly #clock: Clock;
  readonly #closed = new AbortController();

  constructor({ model, apiKey, clock }: OpenAiRunnerOptions) {
    this.#model = model;
    this.#apiKey = apiKey;
    this.#clock = clock;
  }

  async run(input: string, { signal, onPartial }: RunOptions): Promise<string> {
    const { operation, body } = openAiRequest(input, {
      upstreamModel: this.#model.upstream_model ?? this.#model.model_uuid,
      maxTokens: this.#model.max_tokens,
      isStreamed: this.#model.stream,
    });
    const limits = new CallLimits(this.#model, this.#clock);
    const all = AbortSignal.any([signal, limits.signal, this.#closed.signal]);
    try {
      const response = await this.#post(operation, body, all);
      return await this.#read(operation, response, limits, onPartial);
    } catch (error) {
      if (all.aborted) throw all.reason;
      throw error instanceof CountersignError
        ? error
        : computeFailed(`the model's server cannot be reached: ${causeOf(error)}`, error);
    } finally {
      limits.end();
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new CountersignError("UNAVAILABLE", "the model's runner was closed"));
  }

  #post(operation: OpenAiOperation, body: object, signal: AbortSignal): Promise<Response> {
    return fetch(`${this.#model.path.replace(/\/+$/, "")}/${operationPaths[operation]}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` }),
      },
      body: JSON.stringify(body),
      // A redirect could carry the prompt and the key to a place that the operator did not name.
      redirect: "error",
      signal,
    });
  }

  async #read(
    operation: OpenAiOperation,
    response: Response,
    limits: CallLimits,
    onPartial: (piece: string) => void,
  ): Promise<string> {
    if (!response.ok) {
      const text = await textOf(bounded(response, maxErrorBytes, limits, "cut"));
      throw computeFailed(`the model's server answered ${response.status}: ${errorMessageOf(text)}`);
    }
    const chunks = bounded(response, this.#model.max_response_bytes, limits, "fail");
    const isStream = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
    if (!isStream) return wholeAnswer(operation, await textOf(chunks));
    const answer = new StreamedAnswer();
    for await (const data of sseData(chunks)) {
      const piece = answer.add(data);
      if (piece !== "") onPartial(piece);
      if (answer.isDone) break;
    }
    return answer.finish();
  }
}

/** The whole time and the silence that one call may take. */
class CallLimits {
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #stopTotal: () => void;
  #stopIdle: () => void = () => {};

  constructor({ timeout_ms, idle_timeout_ms }: UrlModelConfig, clock: Clock) {
    this.#clock = clock;
    this.#idleMs = idle_timeout_ms;
    this.#stopTotal = clock.after(timeout_ms, () =>
      this.#abort.abort(computeFailed(`the model's server took longer than ${timeout_ms} ms`)),
    );
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heard(): void {
    this.#stopIdle();
    this.#stopIdle = this.#clock.after(this.#idleMs, () =>
      this.#abort.abort(computeFailed(`the model's server was silent for ${this.#idleMs} ms`)),
    );
  }

  end(): void {
    this.#stopTotal();
    this.#stopIdle();
  }
}

/** The body's chunks, at most so many bytes in all. */
async function* bounded(
  response: Response,
  limitBytes: number,
  limits: CallLimits,
  atLimit: "cut" | "fail",
): AsyncGenerator<Uint8Array> {
  let left = limitBytes;
  for await (const chunk of response.body ?? []) {
    limits.heard();
    if (chunk.length > left) {
      if (atLimit === "cut") return;
      throw computeFailed(`the model's server answered more than ${limitBytes} bytes`);
    }
    left -= chunk.length;
    yield chunk;
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
}

/** `fetch` hides what went wrong in the cause. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
