import fc from "fast-check";
import {
  type FieldDescriptor,
  type Message,
  type MessageDescriptor,
  type UnionMember,
  unionByName,
} from "../../../../src/facade/messages/index.ts";

// Messages of any descriptor, as the generated code makes them: what is plain and empty is not there at all.

export function anyMessage(message: MessageDescriptor): fc.Arbitrary<Message> {
  const fields = message.fields.map((field) =>
    anyField(field).map((value): [string, unknown] => [field.name, value]),
  );
  return fc.tuple(...fields).map((entries) => {
    const value = new message.type();
    for (const [name, one] of entries) if (one !== undefined) value[name] = one;
    return value;
  });
}

/** Anything that an envelope can carry: its name and a message for it. */
export const anyMember = fc
  .constantFrom(...unionByName.keys())
  .chain((name) => anyMessage(memberNamed(name).message).map((value) => ({ name, value })));

export function memberNamed(name: string): UnionMember {
  const member = unionByName.get(name);
  if (member === undefined) throw new Error(`the union has no ${name}`);
  return member;
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom('{"prompt":"say \\"hi\\"\\n"}', "\0\u001f\u2028", "../../etc", "𝄞 é 日本", "x".repeat(200)),
);
const safe = Number.MAX_SAFE_INTEGER;

function anyField(field: FieldDescriptor): fc.Arbitrary<unknown> {
  const one = anyValue(field);
  switch (field.presence) {
    case "list":
      return fc.array(one, { maxLength: 3 });
    case "map":
      return fc.dictionary(fc.oneof(text, fc.constant("__proto__")), one, {
        maxKeys: 3,
        noNullPrototype: true,
      });
    case "required":
      // In Protobuf an empty one is an unset one.
      return one.filter((value) => !isEmpty(value));
    case "optional":
      return fc.option(one, { nil: undefined });
    default:
      return one.map((value) => (isEmpty(value) ? undefined : value));
  }
}

function anyValue(field: FieldDescriptor): fc.Arbitrary<unknown> {
  switch (field.type) {
    case "string":
      return text;
    case "bytes":
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    case "bool":
      return fc.boolean();
    case "double":
      return fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => thousandths / 1_000);
    case "int32":
      return fc.integer();
    case "uint32":
      return fc.nat({ max: 0x7fff_ffff }).chain((n) => fc.constantFrom(n, n + 0x8000_0000));
    case "int64":
      return fc.maxSafeInteger();
    case "uint64":
      return fc.oneof(fc.nat(), fc.integer({ min: 0, max: safe }));
    case "bigint":
      return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    default:
      return field.table === undefined ? fc.integer() : anyMessage(field.table);
  }
}

function isEmpty(value: unknown): boolean {
  return !value || (value instanceof Uint8Array && value.length === 0);
}
