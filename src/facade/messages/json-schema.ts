import { maxCorrelationIdCharacters, maxCredentialsCharacters } from "./bounds.ts";
import {
  type FieldDescriptor,
  type MessageDescriptor,
  messagesByName,
  operationsByName,
} from "./descriptors.ts";
import { integerRanges, maxUint64 } from "./integers.ts";

/** A part of a JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema (2020-12) of every message's JSON form, each under `$defs` by its name, and of the envelopes around them.
 * The schema as a whole is that of an envelope that calls.
 */
export function messagesSchema(): JsonSchema {
  const operations = [...operationsByName.values()];
  const answers = new Set([...operations.map(({ response }) => response.name), "Error"]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $ref: "#/$defs/RequestEnvelope",
    $defs: {
      RequestEnvelope: envelopeSchema(
        { credentials: text(maxCredentialsCharacters), correlation_id: text(maxCorrelationIdCharacters) },
        operations.map(({ name, request }) => [name, request.name]),
      ),
      AnswerEnvelope: envelopeSchema(
        { time: { type: "integer" }, correlation_id: text(maxCorrelationIdCharacters) },
        [...answers].map((name) => [name, name]),
      ),
      ...Object.fromEntries([...messagesByName.values()].map((one) => [one.name, messageSchema(one)])),
    },
  };
}

const text = (maxLength: number): JsonSchema => ({ type: "string", maxLength });

/** Around one of the messages, each by its `message_type`. */
function envelopeSchema(
  properties: JsonSchema,
  messages: readonly (readonly [type: string, message: string])[],
): JsonSchema {
  return {
    type: "object",
    properties: { ...properties, message_type: { type: "string" }, message: { type: "object" } },
    required: ["message_type", "message"],
    oneOf: messages.map(([type, message]) => ({
      properties: { message_type: { const: type }, message: { $ref: `#/$defs/${message}` } },
    })),
  };
}

function messageSchema({ fields }: MessageDescriptor): JsonSchema {
  const required = fields.filter(({ presence }) => presence === "required").map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function fieldSchema(field: FieldDescriptor): JsonSchema {
  const one = valueSchema(field);
  if (field.presence === "required") return one;
  if (field.presence === "list") return orNull({ type: "array", items: one });
  if (field.presence === "map") return orNull({ type: "object", additionalProperties: one });
  return orNull(one);
}

/** Null means unset. */
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });

function valueSchema({ type, table, values }: FieldDescriptor): JsonSchema {
  if (table !== undefined) return { $ref: `#/$defs/${table.name}` };
  if (values !== undefined) return { anyOf: [{ enum: [...values.numbers.keys()] }, { type: "integer" }] };
  switch (type) {
    case "string":
      return { type: "string" };
    case "bytes":
      return { type: "string", contentEncoding: "base64" };
    case "bool":
      return { type: "boolean" };
    case "double":
      return { anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }] };
    case "bigint":
      // Larger ones only as text: a JSON Schema cannot hold the bound exactly.
      return quotable({ type: "integer", minimum: 0 }, `At most ${maxUint64}; answers have it as text.`);
    default: {
      const [minimum, maximum] = integerRanges[type] ?? [0, 0];
      const isText = type === "int64" || type === "uint64";
      return quotable({ type: "integer", minimum, maximum }, isText ? "Answers have it as text." : undefined);
    }
  }
}

function quotable(number: JsonSchema, description: string | undefined): JsonSchema {
  const forms = { anyOf: [number, { type: "string", pattern: "^-?[0-9]+$" }] };
  return description === undefined ? forms : { description, ...forms };
}
