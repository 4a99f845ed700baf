import { CountersignError } from "../../base/index.ts";
import { maxBodyBytes, maxElements, maxShownCharacters } from "./bounds.ts";

/** Where in a text, as FlatBuffers' parser counts: lines from 1, columns in bytes up to the end of the token it looks at. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A message that does not follow its format. `place` is for text; binary formats have none. */
export function invalidFormat(detail: string, place?: Place): CountersignError {
  const message =
    place === undefined
      ? `Invalid message format: error: ${detail}`
      : `Invalid message format: ${place.line}: ${place.column}: error: ${detail}`;
  return new CountersignError("INVALID_ARGUMENT", message, { ...place, detail });
}

export function bodyTooLarge(bytes: number): CountersignError {
  return new CountersignError(
    "TOO_LARGE",
    `message: ${bytes} bytes are not allowed; expected at most ${maxBodyBytes}`,
    {
      allowed: `at most ${maxBodyBytes} bytes`,
    },
  );
}

export function tooManyElements(): CountersignError {
  return new CountersignError(
    "TOO_LARGE",
    `message: expected at most ${maxElements} list entries and nested messages together`,
    { allowed: `at most ${maxElements} elements` },
  );
}

/** A caller's text as an error may repeat it: short and without control characters. */
export function repeated(text: string): string {
  const short = text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
  return short.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]/gu, "?");
}
