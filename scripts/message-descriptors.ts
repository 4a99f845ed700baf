// The messages of all operations as plain data for the message gateway's codecs, and their FlatBuffers schema.
// The committed schema is also the record of its ids: a field or a member of the union that has one keeps it for ever.
import protobuf from "protobufjs";
import {
  entryName,
  type Field,
  type Member,
  membersOf,
  type Presence,
  schemaText,
  type Table,
  tableNames,
} from "./flatbuffers-schema.ts";

/** What FlatBuffers clients must set, as the reference's own schema has it; proto3 has no such word. */
const required = new Set(["AccountWeight.account", "AccountWeightResponse.voting_weight", "Error.message"]);

/** Protobuf's word, FlatBuffers' word. */
const scalars: Readonly<Record<string, string>> = {
  string: "string",
  bytes: "[ubyte]",
  bool: "bool",
  double: "double",
  int32: "int",
  uint32: "uint",
  int64: "long",
  uint64: "ulong",
};

/** Readers keep a bit for each field in one integer. */
const maxFields = 31;

interface Rpc {
  readonly name: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  readonly isStream: boolean;
}

/**
 * @param committed the schema as it stands
 * @throws Error where the protos cannot be had without moving an id or changing a type of the committed schema
 */
export function generateDescriptors(
  protoFiles: readonly string[],
  committed: string,
): { readonly descriptors: string; readonly schema: string } {
  const root = new protobuf.Root().loadSync([...protoFiles], { keepCase: true, alternateCommentMode: true });
  root.resolveAll();
  const operations = operationsOf(root);
  const types = reachable([
    ...operations.flatMap(({ request, response }) => [request, response]),
    root.lookupType("countersign.v1.Error"),
  ]);
  const tables = types.map((type) => tableOf(type, membersOf(committed, "table", type.name)));
  refuseLost(tables, committed);
  const enums = enumsOf(types);
  const union = unionOf(operations, membersOf(committed, "union", "Message"));
  return {
    descriptors: descriptorsText(tables, enums, union, operations),
    schema: schemaText(tables, enums, union),
  };
}

function operationsOf(namespace: protobuf.NamespaceBase): Rpc[] {
  return namespace.nestedArray.flatMap((one) => {
    if (one instanceof protobuf.Service) {
      return one.methodsArray.map((rpc) => ({
        name: rpc.name,
        request: rpc.resolvedRequestType as protobuf.Type,
        response: rpc.resolvedResponseType as protobuf.Type,
        isStream: rpc.responseStream === true,
      }));
    }
    return one instanceof protobuf.Namespace && !(one instanceof protobuf.Type) ? operationsOf(one) : [];
  });
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function reachable(roots: readonly protobuf.Type[]): protobuf.Type[] {
  const found = new Map<string, protobuf.Type>();
  const visit = (type: protobuf.Type, within: readonly protobuf.Type[] = []) => {
    // Readers follow the messages down, so these are all that bounds the depth of what they read.
    if (within.includes(type)) throw new Error(`${type.name} contains itself`);
    const known = found.get(type.name);
    if (known === type) return;
    if (known !== undefined) throw new Error(`two messages are named ${type.name}`);
    found.set(type.name, type);
    for (const { resolvedType } of type.fieldsArray)
      if (resolvedType instanceof protobuf.Type) visit(resolvedType, [...within, type]);
  };
  for (const type of roots) visit(type);
  return [...found.values()].sort(byName);
}

function enumsOf(types: readonly protobuf.Type[]): protobuf.Enum[] {
  const all = types.flatMap((type) => type.fieldsArray.map(({ resolvedType }) => resolvedType));
  return [...new Set(all.filter((one) => one instanceof protobuf.Enum))].sort(byName);
}

/** Fields in the order of their ids: as committed, then what is new by its tag. */
function tableOf(type: protobuf.Type, committed: readonly Member[]): Table {
  const current = type.fieldsArray.toSorted((a, b) => a.id - b.id).map((field) => fieldOf(type, field));
  const fields = inPlace(
    type.name,
    committed,
    current,
    ({ name, declared }): Field => ({
      name,
      tag: 0,
      type: "string",
      presence: "removed",
      declared,
      comment: "",
    }),
  );
  if (fields.length > maxFields) throw new Error(`${type.name} has more than ${maxFields} fields`);
  const maps = type.fieldsArray
    .filter((field) => field instanceof protobuf.MapField)
    .map((field) => ({ entry: entryName(type.name, field.name), value: wordOf(field) ?? "" }));
  return { name: type.name, path: type.fullName.slice(1), comment: type.comment ?? "", fields, maps };
}

function fieldOf(type: protobuf.Type, field: protobuf.Field): Field {
  const where = `${type.name}.${field.name}`;
  if (field.partOf !== null && field.options?.["proto3_optional"] !== true)
    throw new Error(`${where}: a oneof has no form here`);
  if (field instanceof protobuf.MapField && field.keyType !== "string")
    throw new Error(`${where}: the key of a map must be a string`);
  const word = wordOf(field);
  if (word === undefined) throw new Error(`${where}: ${field.type} has no form here`);
  const presence = presenceOf(field, where);
  const isScalar =
    !(field.resolvedType instanceof protobuf.Type) && !["string", "bytes"].includes(field.type);
  const declared = {
    plain: word,
    optional: isScalar ? `${word} = null` : word,
    required: `${word} (required)`,
    list: `[${word}]`,
    map: `[${entryName(type.name, field.name)}]`,
  }[presence];
  return {
    name: field.name,
    tag: field.id,
    // As src/wire reads them: the only 64-bit integers that need all their bits.
    type: /^subnet_ids?$/.test(field.name) ? "bigint" : (field.resolvedType?.name ?? field.type),
    presence,
    declared,
    comment: field.comment ?? "",
  };
}

/** FlatBuffers' name of a value's type. */
function wordOf(field: protobuf.Field): string | undefined {
  return field.resolvedType?.name ?? scalars[field.type];
}

function presenceOf(field: protobuf.Field, where: string): Exclude<Presence, "removed"> {
  if (field instanceof protobuf.MapField) return "map";
  if (field.repeated) return "list";
  if (required.has(where)) return "required";
  return field.options?.["proto3_optional"] === true || field.resolvedType instanceof protobuf.Type
    ? "optional"
    : "plain";
}

/** The operations' requests under the operations' names, and their answers under their own. */
function unionOf(operations: readonly Rpc[], committed: readonly Member[]): Member[] {
  const members = new Map<string, Member>();
  const add = (name: string, declared: string) => {
    const known = members.get(name);
    if (known !== undefined && known.declared !== declared)
      throw new Error(`${name} names an operation on ${known.declared} and the message ${declared}`);
    members.set(name, { name, declared });
  };
  for (const { name, request } of operations.toSorted(byName)) add(name, request.name);
  for (const { response } of operations) add(response.name, response.name);
  add("Error", "Error");
  return inPlace("Message", committed, [...members.values()], (one) => one);
}

/** A table in use by somebody's buffers cannot go: deprecated fields and members of the union still name it. */
function refuseLost(tables: readonly Table[], committed: string): void {
  const kept = new Set([
    "Envelope",
    ...tables.flatMap(({ name, maps }) => [name, ...maps.map((map) => map.entry)]),
  ]);
  const lost = tableNames(committed).filter((name) => !kept.has(name));
  if (lost.length > 0)
    throw new Error(`no operation uses ${lost.join(", ")} any more, but the schema must keep it`);
}

/** What is committed keeps its place, what is new comes after it. */
function inPlace<T extends Member>(
  owner: string,
  committed: readonly Member[],
  current: readonly T[],
  removed: (member: Member) => T,
): T[] {
  const left = new Map(current.map((one) => [one.name, one]));
  const kept = committed.map((member) => {
    const one = left.get(member.name);
    left.delete(member.name);
    if (one !== undefined && one.declared !== member.declared)
      throw new Error(
        `${owner}.${member.name} is ${member.declared} in the schema and cannot become ${one.declared}`,
      );
    return one ?? removed(member);
  });
  return [...kept, ...left.values()];
}

function descriptorsText(
  tables: readonly Table[],
  enums: readonly protobuf.Enum[],
  union: readonly Member[],
  operations: readonly Rpc[],
): string {
  const list = (rows: readonly unknown[]) => rows.map((row) => `  ${JSON.stringify(row)},\n`).join("");
  return `// Generated by scripts/generate-wire.ts; do not edit.
// What the codecs of the message gateway know of the messages. Loaded only where they are used.

/** Name, Protobuf's number, type, presence; the place is the FlatBuffers id. */
export type FieldRow = readonly [
  name: string,
  tag: number,
  type: string,
  presence: "plain" | "optional" | "required" | "list" | "map" | "removed",
];

/** Name, path in the protos, fields. */
export const tables: readonly (readonly [name: string, path: string, ...fields: readonly FieldRow[]])[] = [
${list(tables.map(({ name, path, fields }) => [name, path, ...fields.map((one) => [one.name, one.tag, one.type, one.presence])]))}];

/** Name, values by name. */
export const enums: readonly (readonly [name: string, values: Readonly<Record<string, number>>])[] = [
${list(enums.map(({ name, values }) => [name, values]))}];

/** The FlatBuffers union in envelopes: name, table; its type is the place counted from 1. */
export const union: readonly (readonly [name: string, table: string])[] = [
${list(union.map(({ name, declared }) => [name, declared]))}];

/** Name, request, answer, whether there are many answers. */
export const operations: readonly (readonly [
  name: string,
  request: string,
  response: string,
  isStream: boolean,
])[] = [
${list(operations.map(({ name, request, response, isStream }) => [name, request.name, response.name, isStream]))}];
`;
}
