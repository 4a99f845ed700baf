import type { FieldDescriptor, Message, MessageDescriptor } from "./descriptors.ts";

// Protobuf's JSON with the protos' field names: 64-bit integers as strings, bytes as base64, fields without presence
// written even when they are empty, so that a caller finds `success: false`.

/** The message as JSON text; text that is half of a surrogate pair becomes U+FFFD. */
export function messageJson(message: MessageDescriptor, value: Message): string {
  let json = "";
  for (const field of message.fields) {
    const one = value[field.name] ?? undefined;
    if (one === undefined && field.presence === "optional") continue;
    json += `${json === "" ? "{" : ","}${field.jsonKey}${fieldJson(field, one)}`;
  }
  return json === "" ? "{}" : `${json}}`;
}

function fieldJson(field: FieldDescriptor, value: unknown): string {
  if (field.presence === "list") return listJson(field, (value ?? []) as readonly unknown[]);
  if (field.presence === "map") return mapJson(field, (value ?? {}) as Readonly<Record<string, unknown>>);
  return oneJson(field, value);
}

function listJson(field: FieldDescriptor, entries: readonly unknown[]): string {
  let json = "";
  for (const entry of entries) json += json === "" ? oneJson(field, entry) : `,${oneJson(field, entry)}`;
  return `[${json}]`;
}

function mapJson(field: FieldDescriptor, entries: Readonly<Record<string, unknown>>): string {
  const members = Object.keys(entries).map((key) => `${textJson(key)}:${oneJson(field, entries[key])}`);
  return `{${members.join(",")}}`;
}

function oneJson(field: FieldDescriptor, value: unknown): string {
  switch (field.type) {
    case "string":
      return textJson((value ?? "") as string);
    case "message":
      return field.table === undefined ? "null" : messageJson(field.table, value as Message);
    case "bool":
      return value === true ? "true" : "false";
    case "int64":
    case "uint64":
    case "bigint":
      return `"${value ?? 0}"`;
    case "bytes":
      return `"${base64((value ?? new Uint8Array()) as Uint8Array)}"`;
    case "double":
      return Number.isFinite(value ?? 0) ? `${value ?? 0}` : `"${value}"`;
    case "enum": {
      const name = field.values?.names.get((value ?? 0) as number);
      return name === undefined ? `${value ?? 0}` : `"${name}"`;
    }
    default:
      return `${value ?? 0}`;
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");

/** Quotes, backslashes, surrogates, and what is below the space. */
const special = /["\\\ud800-\udfff]|[^ -\uffff]/;

/** A JSON string. */
export function textJson(text: string): string {
  return special.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}
