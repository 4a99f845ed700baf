import { invalidFormat, type Place, repeated } from "./invalid-format.ts";

// The lexer of FlatBuffers' own parser (flatbuffers, src/idl_parser.cpp, Parser::Next), less what JSON does not have:
// comments, single quotes, hex numbers, \x. It runs only once something is wrong, to tell what and where.

export interface Token {
  /** As error messages call it: a character, an identifier, or one of the names below. */
  readonly shown: string;
  readonly text: string;
  /** Index after it. The end of the text counts as a token of one character. */
  readonly end: number;
}

/** Codes of the characters that readers look for. */
export const character = {
  quote: 0x22,
  comma: 0x2c,
  zero: 0x30,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  n: 0x6e,
  open: 0x7b,
  close: 0x7d,
} as const;

export const stringToken = "string constant";
export const integerToken = "integer constant";
export const floatToken = "float constant";
export const endToken = "end of file";

const spaces = /[ \t\r\n]*/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Whatever begins like a number and has the characters of one. */
const numberLike = /[-+.]?[0-9][0-9A-Za-z_.]*(?:(?<=[eE])[-+][0-9A-Za-z_.]*)?|[-+.]+/y;
const number = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
const byteOrderMark = 0xfeff;

/** The token that begins at `from` or after the spaces there. @throws CountersignError INVALID_ARGUMENT when it is none */
export function tokenAt(text: string, from: number): Token {
  const start = from + matched(spaces, text, from).length;
  if (start >= text.length) return { shown: endToken, text: "", end: text.length + 1 };
  const character = text.charAt(start);
  if (/[{}()[\]<>,:;=]/.test(character)) return { shown: character, text: character, end: start + 1 };
  if (character === '"') return stringAt(text, start);
  const word = matched(identifier, text, start);
  if (word !== "") return { shown: repeated(word), text: word, end: start + word.length };
  const digits = matched(numberLike, text, start);
  if (digits !== "") {
    const parts = number.exec(digits);
    const end = start + digits.length;
    if (parts === null) throw invalidFormat(`invalid number: ${repeated(digits)}`, placeOf(text, end));
    const isFloat = parts[1] !== undefined || parts[2] !== undefined;
    return { shown: isFloat ? floatToken : integerToken, text: digits, end };
  }
  const code = text.codePointAt(start) ?? 0;
  const shown = code >= 0x20 && code < 0x7f ? character : `code: ${code}`;
  throw invalidFormat(`illegal character: ${shown}`, placeOf(text, start + (code > 0xffff ? 2 : 1)));
}

function matched(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

const escapes = new Set('ntrbf"\\/');

/** Half a surrogate pair counts as none: neither UTF-8 nor FlatBuffers has a form for it. */
function stringAt(text: string, start: number): Token {
  let isHalf = false;
  let at = start + 1;
  const refuse = (detail: string) => invalidFormat(detail, placeOf(text, at));
  const noHalf = () => {
    if (isHalf) throw refuse("illegal Unicode sequence (unpaired high surrogate)");
  };
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) break;
    if (!(code >= 0x20)) throw refuse("illegal character in string constant");
    if (code !== 0x5c) {
      noHalf();
      at++;
      continue;
    }
    const letter = text.charAt(++at);
    if (letter !== "u") {
      noHalf();
      if (!escapes.has(letter)) throw refuse("unknown escape code in string constant");
      at++;
      continue;
    }
    const hex = text.slice(at + 1, at + 5);
    at++;
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw refuse("escape code must be followed by 4 hex digits");
    at += 4;
    const unit = Number.parseInt(hex, 16);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      if (isHalf) throw refuse("illegal Unicode sequence (multiple high surrogates)");
      isHalf = true;
    } else if (unit >= 0xdc00 && unit <= 0xdfff) {
      if (!isHalf) throw refuse("illegal Unicode sequence (unpaired low surrogate)");
      isHalf = false;
    } else {
      noHalf();
    }
  }
  noHalf();
  return { shown: stringToken, text: text.slice(start + 1, at), end: at + 1 };
}

/** The place of the character before index `end`. */
export function placeOf(text: string, end: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: Buffer.byteLength(text.slice(lineStart, end)) + Math.max(0, end - text.length) };
}

/** Index of the first character that counts. */
export function textStart(text: string): number {
  return text.charCodeAt(0) === byteOrderMark ? 1 : 0;
}
