import { enums, type FieldRow, operations, tables, union } from "../../wire/generated/descriptors.ts";
import * as wire from "../../wire/index.ts";

/** A message in memory: what src/wire decodes to, and what operations take and answer. Unset fields may be missing. */
export type Message = Record<string, unknown>;

/** `bigint`: an unsigned 64-bit integer of which all bits count; the other integers are safe numbers. */
export type Scalar =
  | "string"
  | "bytes"
  | "bool"
  | "double"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bigint";
export type FieldType = Scalar | "enum" | "message";

/**
 * `plain`: unset means zero, empty or false. `optional`: unset is told from zero; so are all messages. `required`: must
 * be there in JSON and FlatBuffers.
 */
export type Presence = "plain" | "optional" | "required" | "list" | "map";

export interface FieldDescriptor {
  readonly name: string;
  /** Permanent, in FlatBuffers. */
  readonly id: number;
  /** Permanent, in Protobuf. */
  readonly tag: number;
  /** Index in the message's fields; behind the id where fields are gone. */
  readonly place: number;
  /** `"name":` */
  readonly jsonKey: string;
  readonly type: FieldType;
  readonly presence: Presence;
  /** Where the type is `message`. */
  readonly table: MessageDescriptor | undefined;
  /** Where the type is `enum`. */
  readonly values: EnumDescriptor | undefined;
}

export interface EnumDescriptor {
  readonly name: string;
  readonly numbers: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

/** The generated class of a message. */
export interface MessageClass {
  new (): Message;
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

export interface MessageDescriptor {
  readonly name: string;
  /** In the order of their ids. */
  readonly fields: readonly FieldDescriptor[];
  readonly byName: ReadonlyMap<string, FieldDescriptor>;
  readonly byTag: ReadonlyMap<number, FieldDescriptor>;
  /** Ids ever given, those of fields that are gone included. */
  readonly ids: number;
  /** A bit for the id of each required field. */
  readonly required: number;
  readonly type: MessageClass;
}

/** A message that an envelope can carry. */
export interface UnionMember {
  /** `message_type`. */
  readonly name: string;
  /** Its number in FlatBuffers. */
  readonly id: number;
  readonly message: MessageDescriptor;
}

export interface OperationMessages {
  readonly name: string;
  readonly request: MessageDescriptor;
  readonly response: MessageDescriptor;
  /** True: any number of answers. */
  readonly isStream: boolean;
}

const enumsByName = new Map(
  enums.map(([name, values]): [string, EnumDescriptor] => [
    name,
    {
      name,
      numbers: new Map(Object.entries(values)),
      names: new Map(Object.entries(values).map(([value, number]) => [number, value])),
    },
  ]),
);

/** Every message that an operation takes or answers, by its name without package. */
export const messagesByName: ReadonlyMap<string, MessageDescriptor> = linked();

export const unionByName: ReadonlyMap<string, UnionMember> = new Map(
  union.map(([name, table], place) => [name, { name, id: place + 1, message: messageNamed(table) }]),
);

export const unionById: ReadonlyMap<number, UnionMember> = new Map(
  [...unionByName.values()].map((member) => [member.id, member]),
);

/** What can be asked, by the operations' names. */
export const operationsByName: ReadonlyMap<string, OperationMessages> = new Map(
  operations.map(([name, request, response, isStream]) => [
    name,
    { name, request: messageNamed(request), response: messageNamed(response), isStream },
  ]),
);

export function messageNamed(name: string): MessageDescriptor {
  const message = messagesByName.get(name);
  if (message === undefined) throw new Error(`there is no message ${name}`);
  return message;
}

function linked(): Map<string, MessageDescriptor> {
  const messages = new Map<string, MessageDescriptor & { fields: FieldDescriptor[] }>(
    tables.map(([name, path, ...rows]) => [
      name,
      {
        name,
        fields: [],
        byName: new Map(),
        byTag: new Map(),
        ids: rows.length,
        required: requiredBits(rows),
        type: classAt(path),
      },
    ]),
  );
  for (const [name, , ...rows] of tables) {
    const message = messages.get(name);
    for (const [id, [field, tag, type, presence]] of rows.entries()) {
      if (message === undefined || presence === "removed") continue;
      const table = messages.get(type);
      const values = enumsByName.get(type);
      const kind: FieldType =
        table !== undefined ? "message" : values !== undefined ? "enum" : (type as Scalar);
      const place = message.fields.length;
      const descriptor: FieldDescriptor = {
        name: field,
        id,
        tag,
        place,
        jsonKey: `"${field}":`,
        type: kind,
        presence,
        table,
        values,
      };
      message.fields.push(descriptor);
      (message.byName as Map<string, FieldDescriptor>).set(field, descriptor);
      (message.byTag as Map<number, FieldDescriptor>).set(tag, descriptor);
    }
  }
  return messages;
}

function requiredBits(rows: readonly FieldRow[]): number {
  return rows.reduce((bits, [, , , presence], id) => (presence === "required" ? bits | (1 << id) : bits), 0);
}

function classAt(path: string): MessageClass {
  const found = path.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], wire);
  return found as MessageClass;
}
