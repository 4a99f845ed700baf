import assert from "node:assert/strict";
import {
  decodeMessage,
  encodeMessage,
  type FieldDescriptor,
  type FieldType,
  type Message,
  type MessageDescriptor,
  messageNamed,
  type Presence,
} from "../../../../src/facade/messages/index.ts";

// Forms of fields that no operation's message has today.

class Plain {}

function messageOf(
  rows: readonly (readonly [name: string, type: FieldType, presence: Presence])[],
): MessageDescriptor {
  const color = new Map([
    ["RED", 0],
    ["BLUE", 2],
  ]);
  const fields = rows.map(
    ([name, type, presence], id): FieldDescriptor => ({
      name,
      id,
      tag: id + 1,
      place: id,
      jsonKey: `"${name}":`,
      type,
      presence,
      table: type === "message" ? messageNamed("TaskID") : undefined,
      values:
        type === "enum"
          ? {
              name: "Color",
              numbers: color,
              names: new Map([...color].map(([name, number]) => [number, name])),
            }
          : undefined,
    }),
  );
  return {
    name: "Forms",
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    byTag: new Map(fields.map((field) => [field.tag, field])),
    ids: fields.length,
    required: 0,
    type: Plain as unknown as MessageDescriptor["type"],
  };
}

const types: readonly FieldType[] = [
  "string",
  "bytes",
  "bool",
  "double",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bigint",
  "enum",
  "message",
];

const values: Readonly<Record<FieldType, readonly [unknown, unknown]>> = {
  string: ["é\n", ""],
  bytes: [Buffer.from([1, 255]), Buffer.alloc(0)],
  bool: [true, false],
  double: [-0.5, Number.POSITIVE_INFINITY],
  int32: [-0x8000_0000, 7],
  uint32: [0xffff_ffff, 0],
  int64: [Number.MIN_SAFE_INTEGER, -1],
  uint64: [Number.MAX_SAFE_INTEGER, 1],
  bigint: [(1n << 64n) - 1n, 0n],
  enum: [2, 5],
  message: [
    Object.assign(new (messageNamed("TaskID").type)(), { id: "a" }),
    new (messageNamed("TaskID").type)(),
  ],
};

describe("a field", () => {
  for (const type of types) {
    it(`of type ${type} is the same after JSON and FlatBuffers: alone, in a list, in a map`, () => {
      const message = messageOf([
        ["one", type, "optional"],
        ["none", type, "optional"],
        ["list", type, "list"],
        ["map", type, "map"],
      ]);
      const [a, b] = values[type];
      const value: object = Object.assign(new Plain(), { one: a, list: [a, b, a], map: { k: b, "": a } });
      for (const format of ["json", "flatbuffers"] as const)
        assert.deepStrictEqual(
          decodeMessage(format, message, encodeMessage(format, message, value as Message)),
          value,
          format,
        );
    });
  }

  it("of an enum is known by name and by number, and unknown by any other name", () => {
    const message = messageOf([["color", "enum", "plain"]]);
    const read = (json: string) => ({ ...decodeMessage("json", message, Buffer.from(json)) });
    assert.deepEqual(read('{"color":"BLUE"}'), { color: 2 });
    assert.deepEqual(read('{"color":2}'), { color: 2 });
    assert.deepEqual(read('{"color":"RED"}'), {});
    assert.throws(() => read('{"color":"GREEN"}'), /1: 16: error: unknown enum value: GREEN$/);
    assert.throws(
      () => read('{"color":2147483648}'),
      /1: 19: error: invalid number: "2147483648", constant does not fit/,
    );
    const json = Buffer.from(encodeMessage("json", message, { color: 2 })).toString();
    assert.equal(json, '{"color":"BLUE"}');
  });
});
