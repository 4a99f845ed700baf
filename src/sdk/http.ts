import { utf8 } from "../base/bytes.ts";
import { type Clock, withTimeLimit } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { CallSigner } from "./call-signer.ts";
import { badArgument, type ErrorBody, SdkError } from "./errors.ts";
import { repeated } from "./retry.ts";

export interface HttpOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly signer: CallSigner | undefined;
  /** `needed`: where the gateway asks for it, and where a call acts for the wallet. */
  readonly sign: "needed" | "always";
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly retries: number;
}

export interface HttpCall {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path and query. */
  readonly target: string;
  /** Its name in docs/auth.md, which a signature names. */
  readonly operation: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Acts for the wallet, where there is one. */
  readonly isAct?: boolean;
  readonly limitMs?: number;
  readonly retries?: number;
  readonly signal: AbortSignal;
}

const usualLimitMs = 60_000;
/** An output and a receipt that holds it; more is no answer of a gateway. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** REST of one gateway. */
export class Http {
  readonly #o: HttpOptions;
  readonly #base: URL;
  /** Path of the gateway behind a proxy; empty without. */
  readonly #prefix: string;
  /** Operations that the gateway wants signed. */
  readonly #signed = new Set<string>();

  constructor(options: HttpOptions) {
    this.#o = options;
    this.#base = baseOf(options.url);
    this.#prefix = this.#base.pathname.replace(/\/+$/, "");
  }

  /** The answer's JSON. Repeats what passes. @throws SdkError */
  ask<T>(call: HttpCall): Promise<T> {
    const { clock } = this.#o;
    return repeated({ clock, retries: call.retries ?? this.#o.retries, signal: call.signal }, () => {
      const limitMs = call.limitMs ?? usualLimitMs;
      const late = () => new SdkError("UNAVAILABLE", `no answer within ${limitMs} ms`);
      return withTimeLimit(clock, limitMs, late, call.signal, async (signal) => {
        const response = await this.#answered({ ...call, signal });
        const text = await textOf(response, signal);
        return parsed(text, response.status) as T;
      });
    });
  }

  /** An answer that is read as it comes. Repeats nothing. @throws SdkError */
  open(call: HttpCall): Promise<Response> {
    return this.#answered(call);
  }

  /** Signs where it must be, and once more where only the gateway knew that it must. */
  async #answered(call: HttpCall): Promise<Response> {
    const { sign, signer } = this.#o;
    const isSigned =
      signer !== undefined && (sign === "always" || call.isAct === true || this.#signed.has(call.operation));
    const response = await this.#send(call, isSigned ? signer : undefined);
    if (response.ok) return response;
    const error = await errorOf(response, call.signal);
    if (isSigned || signer === undefined || error.code !== "UNAUTHENTICATED") throw error;
    this.#signed.add(call.operation);
    const again = await this.#send(call, signer);
    if (again.ok) return again;
    throw await errorOf(again, call.signal);
  }

  async #send(call: HttpCall, signer: CallSigner | undefined): Promise<Response> {
    const url = new URL(`${this.#base.origin}${this.#prefix}${call.target}`);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const covered = utf8(body ?? `${url.pathname}${url.search}`);
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(this.#o.apiKey === undefined ? {} : { authorization: `Bearer ${this.#o.apiKey}` }),
      ...call.headers,
      ...(await signer?.headers(call.operation, covered, call.signal)),
    };
    try {
      return await this.#o.fetch(url, {
        method: call.method,
        headers,
        signal: call.signal,
        ...(body === undefined ? {} : { body }),
        // A page's cookies are nothing to a gateway, and an answer of yesterday is no answer.
        credentials: "omit",
        cache: "no-store",
      });
    } catch (cause) {
      call.signal.throwIfAborted();
      throw new SdkError("UNAVAILABLE", `no answer from ${url.origin}: ${messageOf(cause)}`, { cause });
    }
  }
}

function baseOf(text: string): URL {
  const allowed = "the address of a gateway's HTTP port, such as http://127.0.0.1:8080";
  if (!URL.canParse(text)) throw badArgument("url", text, allowed);
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "")
    throw badArgument("url", text, allowed);
  return url;
}

/** The whole body. @throws SdkError TOO_LARGE, UNAVAILABLE when the connection ends before */
async function textOf(response: Response, signal: AbortSignal): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.length;
      if (bytes > maxAnswerBytes)
        throw new SdkError("TOO_LARGE", `the answer has more than ${maxAnswerBytes} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    reader.cancel().catch(() => {});
    if (cause instanceof SdkError) throw cause;
    signal.throwIfAborted();
    throw new SdkError("UNAVAILABLE", `the answer broke off: ${messageOf(cause)}`, { cause });
  }
}

function parsed(text: string, httpStatus: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = "the answer is no JSON; is this the address of a gateway's HTTP port?";
    throw new SdkError("INTERNAL", message, { httpStatus, cause });
  }
}

async function errorOf(response: Response, signal: AbortSignal): Promise<SdkError> {
  const { status, headers } = response;
  const text = await textOf(response, signal);
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  try {
    const body = JSON.parse(text) as Partial<ErrorBody>;
    if (typeof body.error?.code === "string")
      return SdkError.fromBody(body as ErrorBody, status, retryAfterMs);
  } catch {
    // Not from a gateway, but from something before it.
  }
  const code =
    status === 429 ? "RATE_LIMITED" : [502, 503, 504].includes(status) ? "UNAVAILABLE" : "INTERNAL";
  return new SdkError(code, `HTTP ${status} without a word of a gateway`, {
    httpStatus: status,
    retryAfterMs,
  });
}
