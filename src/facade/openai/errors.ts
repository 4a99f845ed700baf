import { CountersignError, type ErrorCode, errorCatalogue } from "../../base/index.ts";
import { errorView } from "../front/index.ts";

export interface OpenAiError {
  readonly status: number;
  readonly body: {
    readonly error: {
      readonly message: string;
      readonly type: string;
      readonly param: string | null;
      readonly code: string;
      /** What a payment that was missing would have been. */
      readonly terms?: unknown;
    };
  };
  /** Whether asking again can help; OpenAI's clients obey it (`x-should-retry`). */
  readonly isWorthRetrying: boolean;
}

const types: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "payment_error",
  403: "permission_error",
  429: "rate_limit_error",
};

/** Where OpenAI has a code of its own for the same thing, its clients' users look for that one. */
const codes: Partial<Record<ErrorCode, string>> = {
  RATE_LIMITED: "rate_limit_exceeded",
  UNAUTHENTICATED: "invalid_api_key",
};

const worthRetrying: readonly ErrorCode[] = [
  "RATE_LIMITED",
  "NO_FREE_SLOT",
  "NO_COMPUTE_NODE",
  "UNAVAILABLE",
  "CHAIN_UNAVAILABLE",
  "COMPUTE_UNAVAILABLE",
];

/** Our names of what OpenAI calls otherwise. `input_data` as a whole is the model's to judge. */
const parameters: Readonly<Record<string, string | null>> = {
  model_uuid: "model",
  input_data: null,
};

/** An error as OpenAI's API tells it, and its clients turn into their typed errors. */
export function openAiError(error: unknown): OpenAiError {
  const { code, http, message, fix, field } = errorView(error);
  const param = field === undefined ? null : Object.hasOwn(parameters, field) ? parameters[field] : field;
  return {
    status: http,
    body: {
      error: {
        message: withFix(message.replace(/\bmodel_uuid\b/g, "model"), fix),
        type: types[http] ?? (http < 500 ? "invalid_request_error" : "server_error"),
        param: param ?? null,
        code: codes[code] ?? code.toLowerCase(),
        ...(error instanceof CountersignError && code === "PAYMENT_REQUIRED" ? error.data : {}),
      },
    },
    isWorthRetrying: worthRetrying.includes(code),
  };
}

/** The error that a failed task's `error_message`, `CODE: words`, tells of. */
export function taskFailure(errorMessage: string): CountersignError {
  const [, code = "", words = ""] = /^([A-Z_]+): (.*)$/s.exec(errorMessage) ?? [];
  if (!Object.hasOwn(errorCatalogue, code))
    return new CountersignError("COMPUTE_FAILED", errorMessage || "the task failed");
  if (code === "COMPUTE_FAILED") {
    // A runner that refuses a field of the input words it as every refusal here is worded.
    const refusal = /^([A-Za-z_][\w.[\]]{0,127}): .+ (?:is|are) not allowed; expected (.+)$/s.exec(words);
    if (refusal !== null)
      return new CountersignError("INVALID_ARGUMENT", words, { field: refusal[1], allowed: refusal[2] });
  }
  return new CountersignError(code as ErrorCode, words);
}

function withFix(message: string, fix: string): string {
  return `${message.replace(/\.$/, "")}. ${fix}`;
}
