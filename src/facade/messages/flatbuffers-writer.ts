import { Builder } from "flatbuffers";
import type { FieldDescriptor, Message, MessageDescriptor } from "./descriptors.ts";
import { isEmpty } from "./empty.ts";
import { envelopeFields, envelopeIds, inlineBytes } from "./flatbuffers-layout.ts";

/** Most messages fit; the builder doubles it for those that do not. */
const initialBytes = 4_096;
/** A builder that has grown beyond this is not kept. */
const maxKeptBytes = 1 << 20;

let kept = new Builder(initialBytes);

export interface EnvelopeParts {
  readonly timeMs: number;
  readonly correlationId: string | undefined;
  /** Of the union. */
  readonly typeId: number;
  readonly message: MessageDescriptor;
  readonly value: Message;
}

export function flatBuffersMessage(message: MessageDescriptor, value: Message): Uint8Array {
  return built((builder) => table(builder, message, value));
}

export function flatBuffersEnvelope(parts: EnvelopeParts): Uint8Array {
  return built((builder) => {
    const message = table(builder, parts.message, parts.value);
    const correlationId = parts.correlationId === undefined ? 0 : text(builder, parts.correlationId);
    builder.startObject(envelopeFields);
    builder.addFieldOffset(envelopeIds.message, message, 0);
    builder.addFieldOffset(envelopeIds.correlation_id, correlationId, 0);
    if (parts.timeMs !== 0) {
      addInteger(builder, parts.timeMs);
      builder.slot(envelopeIds.time);
    }
    builder.addFieldInt8(envelopeIds.message_type, parts.typeId, 0);
    return builder.endObject();
  });
}

/** One builder serves all messages: making one costs more than writing a small message. */
function built(writeRoot: (builder: Builder) => number): Uint8Array {
  if (kept.dataBuffer().capacity() > maxKeptBytes) kept = new Builder(initialBytes);
  else kept.clear();
  kept.finish(writeRoot(kept));
  return kept.asUint8Array().slice();
}

/** What is stored out of line comes first, since a table cannot be begun within another. */
function table(builder: Builder, message: MessageDescriptor, value: Message): number {
  const { fields } = message;
  const offsets: number[] = [];
  for (const field of fields) {
    const one = value[field.name];
    offsets.push(one == null || isInline(field) ? 0 : outOfLine(builder, field, one));
  }
  builder.startObject(message.ids);
  for (const field of fields) {
    const offset = offsets[field.place] ?? 0;
    if (offset !== 0) {
      builder.addOffset(offset);
      builder.slot(field.id);
    } else if (isInline(field)) {
      const one = value[field.name];
      if (one == null || (field.presence === "plain" && isEmpty(one))) continue;
      inline(builder, field, one);
      builder.slot(field.id);
    }
  }
  return builder.endObject();
}

function isInline({ presence, type }: FieldDescriptor): boolean {
  return (
    presence !== "list" && presence !== "map" && type !== "string" && type !== "bytes" && type !== "message"
  );
}

/** The offset of what was written; 0 for what is not written because it says no more than being unset. */
function outOfLine(builder: Builder, field: FieldDescriptor, value: unknown): number {
  if (field.presence === "list") return list(builder, field, value as readonly unknown[]);
  if (field.presence === "map") return map(builder, field, value as Readonly<Record<string, unknown>>);
  return field.presence === "plain" && isEmpty(value) ? 0 : reference(builder, field, value);
}

function reference(builder: Builder, field: FieldDescriptor, value: unknown): number {
  if (field.table !== undefined) return table(builder, field.table, value as Message);
  return field.type === "bytes"
    ? builder.createByteVector(value as Uint8Array)
    : text(builder, value as string);
}

/** Half of a surrogate pair becomes U+FFFD. */
function text(builder: Builder, value: string): number {
  return builder.createString(Buffer.from(value));
}

function list(builder: Builder, field: FieldDescriptor, values: readonly unknown[]): number {
  if (values.length === 0) return 0;
  const stride = inlineBytes[field.type];
  const isReference = field.type === "string" || field.type === "bytes" || field.type === "message";
  const offsets = isReference ? values.map((value) => reference(builder, field, value)) : [];
  builder.startVector(stride, values.length, stride);
  for (let i = values.length - 1; i >= 0; i--) {
    if (isReference) builder.addOffset(offsets[i] ?? 0);
    else inline(builder, field, values[i]);
  }
  return builder.endVector();
}

function map(builder: Builder, field: FieldDescriptor, values: Readonly<Record<string, unknown>>): number {
  const keys = Object.keys(values);
  if (keys.length === 0) return 0;
  const isReference = field.type === "string" || field.type === "bytes" || field.type === "message";
  const entries = keys.map((key) => {
    const value = values[key];
    const offset = isReference ? reference(builder, field, value) : 0;
    const name = text(builder, key);
    builder.startObject(2);
    builder.addFieldOffset(0, name, 0);
    if (isReference) builder.addOffset(offset);
    else inline(builder, field, value);
    builder.slot(1);
    return builder.endObject();
  });
  builder.startVector(4, entries.length, 4);
  for (const entry of entries.toReversed()) builder.addOffset(entry);
  return builder.endVector();
}

function inline(builder: Builder, { type }: FieldDescriptor, value: unknown): void {
  if (type === "bool") builder.addInt8(value === true ? 1 : 0);
  else if (type === "double") builder.addFloat64(value as number);
  else if (type === "bigint") builder.addInt64(BigInt(value as bigint));
  else if (type === "int64" || type === "uint64") addInteger(builder, value as number);
  else builder.addInt32(value as number);
}

/** A safe integer in 64 bits, without the detour over a bigint. */
function addInteger(builder: Builder, value: number): void {
  builder.prep(8, 0);
  builder.writeInt32(Math.floor(value / 0x1_0000_0000));
  builder.writeInt32(value);
}
