import { ByteBuffer } from "flatbuffers";
import type { FieldDescriptor, Message, MessageDescriptor } from "./descriptors.ts";
import { isEmpty } from "./empty.ts";
import { inlineBytes, slotOf } from "./flatbuffers-layout.ts";

/** Reads what `FlatBuffersVerifier` has found good. Places are indices in the buffer. */
export class FlatBuffersReader {
  readonly #buffer: ByteBuffer;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#buffer = new ByteBuffer(this.#bytes);
  }

  /** Where an offset leads; the root's is at 0. */
  target(place: number): number {
    return this.#buffer.__indirect(place);
  }

  message(at: number, message: MessageDescriptor): Message {
    const value = new message.type();
    for (const field of message.fields) {
      const place = this.fieldAt(at, field.id);
      if (place !== 0) this.#field(value, field, place);
    }
    return value;
  }

  /** Where a table's field is; 0 when it is unset. */
  fieldAt(at: number, id: number): number {
    const offset = this.#buffer.__offset(at, slotOf(id));
    return offset === 0 ? 0 : at + offset;
  }

  string(place: number): string {
    const at = this.target(place);
    const start = at + 4;
    return this.#bytes.toString("utf8", start, start + this.#buffer.readInt32(at));
  }

  byte(place: number): number {
    return this.#buffer.readUint8(place);
  }

  #field(message: Message, field: FieldDescriptor, place: number): void {
    if (field.presence === "list") message[field.name] = this.#list(field, place);
    else if (field.presence === "map") message[field.name] = this.#map(field, place);
    else {
      const value = this.#value(field, place);
      if (field.presence !== "plain" || !isEmpty(value)) message[field.name] = value;
    }
  }

  #list(field: FieldDescriptor, place: number): unknown[] {
    const start = this.#buffer.__vector(place);
    const stride = inlineBytes[field.type];
    return Array.from({ length: this.#buffer.__vector_len(place) }, (_none, i) =>
      this.#value(field, start + i * stride),
    );
  }

  #map(field: FieldDescriptor, place: number): Record<string, unknown> {
    const start = this.#buffer.__vector(place);
    const entries: Record<string, unknown> = {};
    for (let i = 0; i < this.#buffer.__vector_len(place); i++) {
      const entry = this.target(start + 4 * i);
      const key = this.string(this.fieldAt(entry, 0));
      const valueAt = this.fieldAt(entry, 1);
      const value = valueAt === 0 ? emptyValue(field) : this.#value(field, valueAt);
      // Not by assignment: the key may be `__proto__`.
      Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return entries;
  }

  #value(field: FieldDescriptor, place: number): unknown {
    switch (field.type) {
      case "string":
        return this.string(place);
      case "message":
        return field.table === undefined ? undefined : this.message(this.target(place), field.table);
      case "bytes": {
        const start = this.#buffer.__vector(place);
        // A copy, so that a hash does not keep the whole body alive.
        return Buffer.from(this.#bytes.subarray(start, start + this.#buffer.__vector_len(place)));
      }
      case "bool":
        return this.#buffer.readInt8(place) !== 0;
      case "double":
        return this.#buffer.readFloat64(place);
      case "uint32":
        return this.#buffer.readUint32(place);
      case "int64":
        return this.#buffer.readInt32(place + 4) * 0x1_0000_0000 + this.#buffer.readUint32(place);
      case "uint64":
        return this.#buffer.readUint32(place + 4) * 0x1_0000_0000 + this.#buffer.readUint32(place);
      case "bigint":
        return this.#buffer.readUint64(place);
      default:
        return this.#buffer.readInt32(place);
    }
  }
}

/** What a map's entry has that leaves out its value. */
function emptyValue({ type, table }: FieldDescriptor): unknown {
  if (table !== undefined) return new table.type();
  if (type === "string") return "";
  if (type === "bytes") return Buffer.alloc(0);
  if (type === "bool") return false;
  return type === "bigint" ? 0n : 0;
}
