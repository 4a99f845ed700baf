import { maxBodyBytes, maxElements } from "./bounds.ts";
import type { FieldDescriptor, MessageDescriptor } from "./descriptors.ts";
import { integerRanges } from "./integers.ts";
import { bodyTooLarge, invalidFormat, tooManyElements } from "./invalid-format.ts";

const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

/**
 * Walks a Protobuf message before it is decoded: two bytes are enough for an object of a hundred, so entries and nested
 * messages are counted first; and a 64-bit integer that the decoder would round is refused.
 */
export class ProtobufVerifier {
  readonly #bytes: Uint8Array;
  #at = 0;
  #elements = 0;

  constructor(bytes: Uint8Array) {
    if (bytes.length > maxBodyBytes) throw bodyTooLarge(bytes.length);
    this.#bytes = bytes;
  }

  /** @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
  root(message: MessageDescriptor): void {
    this.#message(message, this.#bytes.length);
  }

  #message(message: MessageDescriptor, end: number): void {
    this.#count();
    while (this.#at < end) {
      const key = this.#varint(end);
      this.#field(message.byTag.get(Math.floor(key / 8)), key % 8, end, message);
    }
  }

  #field(
    field: FieldDescriptor | undefined,
    wireType: number,
    end: number,
    message: MessageDescriptor,
  ): void {
    if (field?.presence === "list") this.#count();
    if (wireType === varint) this.#integer(field, message, end);
    else if (wireType === delimited) this.#delimited(field, end, message);
    else if (wireType === fixed64) this.#skip(8, end);
    else if (wireType === fixed32) this.#skip(4, end);
    else refuse(`wire type ${wireType} in ${message.name}`);
  }

  #delimited(field: FieldDescriptor | undefined, end: number, message: MessageDescriptor): void {
    const length = this.#varint(end);
    const start = this.#at;
    if (length > end - start) refuse(`${field?.name ?? "a field"} of ${message.name}: beyond the end`);
    if (field?.presence === "map") this.#entry(field, start + length, message);
    else if (field?.table !== undefined) this.#message(field.table, start + length);
    else if (field?.presence === "list" && field.type !== "string" && field.type !== "bytes")
      this.#packed(field, start + length, message);
    this.#at = start + length;
  }

  /** A message {key = 1, value = 2}. */
  #entry(field: FieldDescriptor, end: number, message: MessageDescriptor): void {
    this.#count();
    const value: FieldDescriptor = { ...field, presence: "optional" };
    while (this.#at < end) {
      const key = this.#varint(end);
      this.#field(Math.floor(key / 8) === 2 ? value : undefined, key % 8, end, message);
    }
  }

  #packed(field: FieldDescriptor, end: number, message: MessageDescriptor): void {
    while (this.#at < end) {
      this.#count();
      if (field.type === "double") this.#skip(8, end);
      else this.#integer(field, message, end);
    }
  }

  #integer(field: FieldDescriptor | undefined, message: MessageDescriptor, end: number): void {
    const start = this.#at;
    this.#varint(end);
    // Seven bytes hold 49 bits.
    if (this.#at - start <= 7 || (field?.type !== "int64" && field?.type !== "uint64")) return;
    let bits = 0n;
    for (let at = this.#at - 1; at >= start; at--)
      bits = (bits << 7n) | BigInt((this.#bytes[at] ?? 0) & 0x7f);
    const value = field.type === "int64" ? BigInt.asIntN(64, bits) : BigInt.asUintN(64, bits);
    const [least, most] = integerRanges[field.type] ?? [0, 0];
    if (value < least || value > most)
      throw invalidFormat(`${field.name} in ${message.name}: constant does not fit [${least}; ${most}]`);
  }

  /** Exact for keys and lengths; of larger integers only their length matters here. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 10; shift++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || this.#at >= end) refuse("beyond the end");
      this.#at++;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if (byte < 0x80) return value;
    }
    return refuse("an integer of more than 10 bytes");
  }

  #skip(bytes: number, end: number): void {
    this.#at += bytes;
    if (this.#at > end) refuse("beyond the end");
  }

  #count(): void {
    if (++this.#elements > maxElements) throw tooManyElements();
  }
}

function refuse(why: string): never {
  throw invalidFormat(`no valid Protobuf message: ${why}`);
}
