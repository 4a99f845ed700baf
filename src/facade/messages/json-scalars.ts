import type { EnumDescriptor, FieldDescriptor } from "./descriptors.ts";
import { integerRanges, maxUint64, typeNames } from "./integers.ts";
import { invalidFormat, repeated } from "./invalid-format.ts";
import {
  character,
  floatToken,
  integerToken,
  placeOf,
  stringToken,
  textStart,
  tokenAt,
} from "./json-tokens.ts";

/** A number of so many digits is exact in a double. */
const maxExactDigits = 15;
/** A part of a string keeps the whole alive. That may be so for a text of this size, but not for one of megabytes. */
const maxSharedCharacters = 16_384;
const digits = /^-?[0-9]+$/;
const decimal = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
/** What is below the space. */
const controls = /[^ -\uffff]/;
const base64 = /^[A-Za-z0-9+/_-]*(={0,2})$/;
/** Texts that Protobuf's JSON has for doubles that JSON's numbers lack. */
const notNumbers = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** A place in a JSON text, and the reading of what is neither object nor list there. */
export class JsonScalars {
  protected readonly text: string;
  /** Index of the next character. */
  protected at: number;
  readonly #isLarge: boolean;
  /** Only then do strings have to be looked through for them. */
  readonly #hasControls: boolean;
  /** Index of the first backslash from `at` on, as far as known; the text's length when there is none. */
  #backslash = -1;
  /** Where the number begins that was read last. */
  #numberStart = 0;

  constructor(text: string) {
    this.text = text;
    this.at = textStart(text);
    this.#isLarge = text.length > maxSharedCharacters;
    this.#hasControls = controls.test(text);
  }

  protected goBack(to: number): void {
    this.at = to;
    this.#backslash = -1;
  }

  /** Passes over spaces and answers the code of the next character, NaN at the end. */
  protected space(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return code;
      if (Number.isNaN(code)) return code;
      this.at++;
    }
  }

  /** Refuses what is at hand, whatever it is, at the place where FlatBuffers' parser would notice. */
  protected fail(detail: string): never {
    throw invalidFormat(detail, placeOf(this.text, tokenAt(this.text, this.at).end));
  }

  protected unexpected(wanted: string): never {
    this.fail(`expecting: ${wanted} instead got: ${tokenAt(this.text, this.at).shown}`);
  }

  protected unknownField(name: string): never {
    this.fail(`unknown field: ${repeated(name)}`);
  }

  protected expect(code: number, shown: string): void {
    if (this.space() !== code) this.unexpected(shown);
    this.at++;
  }

  /** A member's name, with the colon. */
  protected key(): string {
    const name = this.string();
    this.expect(character.colon, ":");
    return name;
  }

  /** Unset by another name; Protobuf's JSON takes it for every field. */
  protected skipNull(): boolean {
    if (this.space() !== character.n || tokenAt(this.text, this.at).text !== "null") return false;
    this.at += 4;
    return true;
  }

  protected string(): string {
    if (this.space() !== character.quote) this.unexpected(stringToken);
    const start = this.at + 1;
    const end = this.text.indexOf('"', start);
    if (this.#backslash < start) {
      this.#backslash = this.text.indexOf("\\", start);
      if (this.#backslash < 0) this.#backslash = this.text.length;
    }
    if (end < 0 || this.#backslash < end) return this.#escaped();
    const value = this.text.slice(start, end);
    if (this.#hasControls && controls.test(value)) tokenAt(this.text, this.at);
    this.at = end + 1;
    return this.#isLarge ? copyOf(value) : value;
  }

  #escaped(): string {
    let end = this.#backslash;
    while (this.text.charCodeAt(end) !== character.quote) {
      if (end >= this.text.length) tokenAt(this.text, this.at);
      if (this.text.charCodeAt(end) === character.backslash) end++;
      end++;
    }
    const value = parsed(this.text.slice(this.at, end + 1));
    // The lexer throws at what JSON does not allow, and at halves of surrogate pairs.
    if (value === undefined || !value.isWellFormed())
      return this.fail("illegal character in string constant");
    this.at = end + 1;
    return value;
  }

  protected scalar(field: FieldDescriptor): unknown {
    switch (field.type) {
      case "string":
        return this.string();
      case "bytes":
        return this.#bytes();
      case "bool":
        return this.#bool(field);
      case "double":
        return this.#double(field);
      case "bigint":
        return this.#bigint(field);
      default:
        return field.values === undefined ? this.#integer(field) : this.#enum(field, field.values);
    }
  }

  /** A value of no interest but that it is one. */
  protected anyScalar(): void {
    const { shown, end } = tokenAt(this.text, this.at);
    if (![stringToken, integerToken, floatToken, "true", "false", "null"].includes(shown))
      this.fail(`cannot parse value starting with: ${shown}`);
    this.at = end;
  }

  #bytes(): Uint8Array {
    const start = this.at;
    const value = this.string();
    if (!isBase64(value)) this.#failFrom(start, `invalid base64: "${repeated(value)}"`);
    return Buffer.from(value, "base64");
  }

  #bool(field: FieldDescriptor): boolean {
    this.space();
    const { text, end, shown } = tokenAt(this.text, this.at);
    if (shown !== text || (text !== "true" && text !== "false")) this.#mismatch(field);
    this.at = end;
    return text === "true";
  }

  #double(field: FieldDescriptor): number {
    const text = this.#number(field, floatToken);
    const special = notNumbers.get(text);
    if (special !== undefined) return special;
    if (!decimal.test(text)) this.#failBefore(`invalid number: "${repeated(text)}"`);
    const value = Number(text);
    if (!Number.isFinite(value)) this.#unfit(text, [-Number.MAX_VALUE, Number.MAX_VALUE]);
    return value;
  }

  #bigint(field: FieldDescriptor): bigint {
    const text = this.#number(field, integerToken);
    if (!digits.test(text)) this.#failBefore(`invalid number: "${repeated(text)}"`);
    // More digits need not be counted to be too many.
    const value = text.length > 40 ? -1n : BigInt(text);
    if (value < 0n || value > maxUint64) this.#unfit(text, [0, maxUint64]);
    return value;
  }

  #enum(field: FieldDescriptor, { numbers }: EnumDescriptor): number {
    if (this.space() !== character.quote) return this.#integer(field);
    const start = this.at;
    const name = this.string();
    return numbers.get(name) ?? this.#failFrom(start, `unknown enum value: ${repeated(name)}`);
  }

  #integer(field: FieldDescriptor): number {
    const quick = this.#shortInteger();
    const range = integerRanges[field.type] ?? [0, 0];
    if (quick !== undefined && quick >= range[0] && quick <= range[1]) return quick;
    if (quick !== undefined) this.goBack(this.#numberStart);
    const text = this.#number(field, integerToken);
    if (!digits.test(text)) this.#failBefore(`invalid number: "${repeated(text)}"`);
    const value = Number(text);
    if (!(value >= range[0] && value <= range[1])) this.#unfit(text, range);
    return value === 0 ? 0 : value;
  }

  /** A whole number, quoted or not, of few digits; undefined, and nothing read, for whatever else is there. */
  #shortInteger(): number | undefined {
    const isQuoted = this.space() === character.quote;
    const start = isQuoted ? this.at + 1 : this.at;
    let at = start;
    let value = 0;
    let digit = this.text.charCodeAt(at) - character.zero;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = this.text.charCodeAt(++at) - character.zero;
    }
    const length = at - start;
    if (length === 0 || length > maxExactDigits) return undefined;
    const after = this.text.charCodeAt(at);
    if (isQuoted) {
      if (after !== character.quote) return undefined;
      at++;
    } else if (after !== character.comma && after !== character.close && after !== character.closeList) {
      return undefined;
    } else if (length > 1 && this.text.charCodeAt(start) === character.zero) {
      return undefined;
    }
    if (value === 0 && length > 1) return undefined;
    this.#numberStart = this.at;
    this.at = at;
    return value;
  }

  /** The text of a number, quoted or not. */
  #number(field: FieldDescriptor, most: typeof integerToken | typeof floatToken): string {
    this.space();
    this.#numberStart = this.at;
    const { text, end, shown } = tokenAt(this.text, this.at);
    if (shown === stringToken) return this.string();
    if (shown !== integerToken && shown !== most) this.#mismatch(field);
    this.at = end;
    return text;
  }

  #mismatch({ type }: FieldDescriptor): never {
    const { shown } = tokenAt(this.text, this.at);
    this.fail(`Cannot assign token starting with '${shown}' to value of <${typeNames[type]}> type.`);
  }

  #unfit(text: string, [least, most]: readonly [number | bigint, number | bigint]): never {
    this.#failBefore(`invalid number: "${repeated(text)}", constant does not fit [${least}; ${most}]`);
  }

  /** Refuses the number that was just read. */
  #failBefore(detail: string): never {
    this.#failFrom(this.#numberStart, detail);
  }

  #failFrom(start: number, detail: string): never {
    this.goBack(start);
    this.fail(detail);
  }
}

/** In either alphabet, with its padding or without. */
function isBase64(text: string): boolean {
  const padding = base64.exec(text)?.[1]?.length;
  if (padding === undefined) return false;
  return padding === 0 ? text.length % 4 !== 1 : text.length % 4 === 0;
}

function copyOf(part: string): string {
  return Buffer.from(part).toString();
}

function parsed(json: string): string | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
