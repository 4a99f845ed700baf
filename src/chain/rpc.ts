import { type Clock, CountersignError, messageOf, sleep } from "../base/index.ts";

// Ethereum JSON-RPC over HTTP, without a library's background work: one request per call, several calls per
// request where they belong together, and two kinds of failure that callers must tell apart.

/** Long enough for a slow public endpoint, short enough that a hung one is noticed within a block. */
export const rpcTimeoutMs = 10_000;
/** A first failure is often a closed keep-alive connection; more tries are the poll loop's business. */
const triesPerCall = 2;
const retryDelayMs = 50;

export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The chain node answered, and its answer is an error. `data` may hold a contract's revert data. */
export class RpcError extends Error {
  readonly rpcCode: number;
  readonly data: unknown;

  constructor(rpcCode: number, message: string, data: unknown) {
    super(message);
    this.name = "RpcError";
    this.rpcCode = rpcCode;
    this.data = data;
  }
}

interface RpcAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export class RpcClient {
  readonly url: string;
  readonly #clock: Clock;
  readonly #stop: AbortSignal | undefined;

  constructor(url: string, clock: Clock, stop?: AbortSignal) {
    this.url = url;
    this.#clock = clock;
    this.#stop = stop;
  }

  /** @throws RpcError; CountersignError CHAIN_UNAVAILABLE when no answer came */
  async call<T>(method: string, params: readonly unknown[] = [], signal?: AbortSignal): Promise<T> {
    const [result] = await this.batch([{ method, params }], signal);
    if (result instanceof RpcError) throw result;
    return result as T;
  }

  /** Several calls in one HTTP request; each answers a result or an RpcError. @throws CHAIN_UNAVAILABLE */
  async batch(requests: readonly RpcRequest[], signal?: AbortSignal): Promise<unknown[]> {
    if (requests.length === 0) return [];
    const body = JSON.stringify(
      requests.length === 1
        ? { jsonrpc: "2.0", id: 0, ...requests[0] }
        : requests.map((request, id) => ({ jsonrpc: "2.0", id, ...request })),
    );
    for (let tried = 1; ; tried++) {
      try {
        return readAnswers(await this.#post(body, signal), requests);
      } catch (error) {
        signal?.throwIfAborted();
        this.#stop?.throwIfAborted();
        if (tried >= triesPerCall) {
          throw new CountersignError(
            "CHAIN_UNAVAILABLE",
            `the chain node at ${this.shownUrl} does not answer: ${reasonOf(error)}`,
            {},
            error,
          );
        }
        await sleep(this.#clock, retryDelayMs, signal);
      }
    }
  }

  /** Without what may be a key: user, path and query of hosted endpoints. */
  get shownUrl(): string {
    return URL.canParse(this.url) ? new URL(this.url).origin : "the configured URL";
  }

  async #post(body: string, signal: AbortSignal | undefined): Promise<unknown> {
    const signals = [AbortSignal.timeout(rpcTimeoutMs), signal, this.#stop].filter(
      (one) => one !== undefined,
    );
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.any(signals),
    });
    const text = await response.text();
    // Some nodes answer JSON-RPC errors with a 4xx; a body that is no JSON is the real failure.
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`HTTP ${response.status}`);
    }
  }
}

function readAnswers(answer: unknown, requests: readonly RpcRequest[]): unknown[] {
  const answers = (Array.isArray(answer) ? answer : [answer]) as RpcAnswer[];
  const byId = new Map(answers.map((one) => [one?.id, one]));
  return requests.map(({ method }, id) => {
    // A node that refuses a whole request answers one error without its id.
    const one = byId.get(id) ?? (answers.length === 1 ? answers[0] : undefined);
    if (one?.error !== undefined) return new RpcError(one.error.code, one.error.message, one.error.data);
    if (one === undefined || !("result" in one)) throw new Error(`no answer to ${method}`);
    return one.result;
  });
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message !== "" ? cause.message : messageOf(error);
}

export const toQuantity = (value: number | bigint): string => `0x${value.toString(16)}`;
