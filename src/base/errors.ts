import { type ErrorCode, errorCatalogue } from "./error-catalogue.ts";

/** Facts about one error, shown to the caller: the field that was wrong, its value, what is allowed. */
export type ErrorData = Readonly<Record<string, unknown>>;

/** The one error class. Thrown where something is noticed, mapped to a status once, at the facade. */
export class CountersignError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CountersignError";
    this.code = code;
    this.data = data;
  }

  get entry(): (typeof errorCatalogue)[ErrorCode] {
    return errorCatalogue[this.code];
  }
}

/** A request field that cannot be accepted; the message names the field, its value and what is allowed. */
export function invalidField(field: string, value: unknown, allowed: string): CountersignError {
  return new CountersignError(
    "INVALID_ARGUMENT",
    `${field}: ${shown(value)} is not allowed; expected ${allowed}`,
    {
      field,
      allowed,
    },
  );
}

const shownCharacters = 80;

/** A value as an error message may show it: short, quoted, without control characters. */
export function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "an empty value";
  const text =
    typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  const clean = text.replaceAll(/[^\x20-\x7e]/g, "?");
  return `"${clean.length > shownCharacters ? `${clean.slice(0, shownCharacters)}…` : clean}"`;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isCode(error: unknown, code: ErrorCode): error is CountersignError {
  return error instanceof CountersignError && error.code === code;
}

/** True for the rejection that an aborted signal causes. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
