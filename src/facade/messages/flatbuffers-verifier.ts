import { isUtf8 } from "node:buffer";
import { maxBodyBytes, maxElements } from "./bounds.ts";
import { type FieldDescriptor, type MessageDescriptor, unionById } from "./descriptors.ts";
import { envelopeIds, inlineBytes, slotOf } from "./flatbuffers-layout.ts";
import { integerRanges } from "./integers.ts";
import { bodyTooLarge, invalidFormat, tooManyElements } from "./invalid-format.ts";

// As the official verifier (flatbuffers, verifier.h), with more besides: bounds on what the reader will make of the
// buffer, since offsets may share their targets and a small buffer can stand for a huge message; UTF-8; numbers that fit.

/** Checks a whole buffer before anything is read from it. One use per buffer. */
export class FlatBuffersVerifier {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #size: number;
  #elements = 0;
  #textBytes = 0;

  constructor(bytes: Uint8Array) {
    if (bytes.length > maxBodyBytes) throw bodyTooLarge(bytes.length);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#size = bytes.length;
  }

  /** @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
  root(message: MessageDescriptor): void {
    this.#table(this.#target(0, "root"), message);
  }

  /** @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
  envelope(): void {
    const at = this.#target(0, "root");
    const vtable = this.#vtable(at, "Envelope");
    const field = (id: number) => this.#fieldAt(at, vtable, id);
    const time = field(envelopeIds.time);
    if (time !== 0) this.#scalar(time, 8, "time");
    for (const name of ["credentials", "correlation_id"] as const) {
      const text = field(envelopeIds[name]);
      if (text !== 0) this.#string(this.#target(text, name), name);
    }
    const type = field(envelopeIds.message_type);
    if (type !== 0) this.#scalar(type, 1, "message_type");
    const number = type === 0 ? 0 : (this.#bytes[type] ?? 0);
    const message = field(envelopeIds.message);
    if (message === 0) throw invalidFormat("required field is missing: message in Envelope");
    if (number === 0) throw invalidFormat("missing type field for this union value: message");
    const member = unionById.get(number);
    if (member === undefined) throw invalidFormat("illegal type id for: message");
    this.#table(this.#target(message, "message"), member.message);
  }

  #table(at: number, message: MessageDescriptor): void {
    this.#count();
    const vtable = this.#vtable(at, message.name);
    for (const field of message.fields) {
      const place = this.#fieldAt(at, vtable, field.id);
      if (place !== 0) this.#field(place, field, message);
      else if (field.presence === "required")
        throw invalidFormat(`required field is missing: ${field.name} in ${message.name}`);
    }
  }

  #field(place: number, field: FieldDescriptor, message: MessageDescriptor): void {
    if (field.presence === "map") this.#map(this.#target(place, field.name), field, message);
    else if (field.presence === "list") this.#list(this.#target(place, field.name), field, message);
    else this.#value(place, field, message);
  }

  /** A value, or the offset to one. */
  #value(place: number, field: FieldDescriptor, message: MessageDescriptor): void {
    const { type, name } = field;
    if (type === "string") this.#string(this.#target(place, name), name);
    else if (type === "bytes") this.#textBytes += this.#vector(this.#target(place, name), 1, name);
    else if (field.table !== undefined) this.#table(this.#target(place, name), field.table);
    else this.#number(place, field, message);
    if (this.#textBytes > maxBodyBytes) throw bodyTooLarge(this.#textBytes);
  }

  #number(place: number, { name, type }: FieldDescriptor, message: MessageDescriptor): void {
    this.#scalar(place, inlineBytes[type], name);
    if (type !== "int64" && type !== "uint64") return;
    const high =
      type === "int64" ? this.#view.getInt32(place + 4, true) : this.#view.getUint32(place + 4, true);
    const value = high * 0x1_0000_0000 + this.#view.getUint32(place, true);
    const [least, most] = integerRanges[type] ?? [0, 0];
    if (value < least || value > most)
      throw invalidFormat(`${name} in ${message.name}: constant does not fit [${least}; ${most}]`);
  }

  #list(at: number, field: FieldDescriptor, message: MessageDescriptor): void {
    const stride = inlineBytes[field.type];
    const length = this.#vector(at, stride, field.name);
    for (let i = 0; i < length; i++) {
      this.#count();
      this.#value(at + 4 + i * stride, field, message);
    }
  }

  /** A vector of tables {key, value}. */
  #map(at: number, field: FieldDescriptor, message: MessageDescriptor): void {
    const length = this.#vector(at, 4, field.name);
    for (let i = 0; i < length; i++) {
      this.#count();
      const entry = this.#target(at + 4 + 4 * i, field.name);
      const vtable = this.#vtable(entry, field.name);
      const key = this.#fieldAt(entry, vtable, 0);
      if (key === 0)
        throw invalidFormat(`required field is missing: key in ${field.name} of ${message.name}`);
      this.#string(this.#target(key, field.name), field.name);
      const value = this.#fieldAt(entry, vtable, 1);
      if (value !== 0) this.#value(value, field, message);
    }
  }

  #string(at: number, name: string): void {
    const length = this.#vector(at, 1, name);
    const start = at + 4;
    if (start + length >= this.#size || this.#bytes[start + length] !== 0)
      this.#refuse(name, "unterminated string");
    this.#textBytes += length;
    if (!this.#isUtf8(start, length)) throw invalidFormat(`illegal UTF-8 sequence: ${name}`);
  }

  #isUtf8(start: number, length: number): boolean {
    const end = start + length;
    let at = start;
    // Most strings are short and ASCII; the native check costs more than they do.
    const quick = Math.min(end, start + 64);
    while (at < quick && (this.#bytes[at] ?? 0x80) < 0x80) at++;
    return at === end || isUtf8(this.#bytes.subarray(at, end));
  }

  /** Number of a vector's elements, all of which are inside the buffer. */
  #vector(at: number, stride: number, name: string): number {
    this.#scalar(at, 4, name);
    const length = this.#view.getUint32(at, true);
    if (length > (this.#size - at - 4) / stride) this.#refuse(name, "vector beyond the end");
    if (stride === 8 && length > 0 && (at + 4) % 8 !== 0) this.#refuse(name, "vector not aligned");
    return length;
  }

  /** Where a table's vtable is. */
  #vtable(at: number, name: string): number {
    this.#scalar(at, 4, name);
    const vtable = at - this.#view.getInt32(at, true);
    if (vtable < 0 || vtable % 2 !== 0 || vtable + 4 > this.#size) this.#refuse(name, "vtable outside");
    const size = this.#view.getUint16(vtable, true);
    // The runtime reads the size as a signed number.
    if (size < 4 || size > 0x7fff || size % 2 !== 0 || vtable + size > this.#size)
      this.#refuse(name, "vtable of a wrong size");
    return vtable;
  }

  /** Where a field of a table is, 0 when it is unset. */
  #fieldAt(at: number, vtable: number, id: number): number {
    const slot = slotOf(id);
    if (slot >= this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + slot, true);
    return offset === 0 ? 0 : at + offset;
  }

  /** Where an offset leads: always forward, so that no walk can go in circles. */
  #target(place: number, name: string): number {
    this.#scalar(place, 4, name);
    const target = place + this.#view.getUint32(place, true);
    if (target === place || target >= this.#size) this.#refuse(name, "offset outside");
    return target;
  }

  #scalar(place: number, bytes: number, name: string): void {
    if (place + bytes > this.#size) this.#refuse(name, "beyond the end");
    if (place % bytes !== 0) this.#refuse(name, "not aligned");
  }

  #count(): void {
    if (++this.#elements > maxElements) throw tooManyElements();
  }

  #refuse(name: string, why: string): never {
    throw invalidFormat(`no valid FlatBuffers buffer: ${name}: ${why}`);
  }
}
