// The messages of all operations as plain data for the message gateway's codecs, and their FlatBuffers schema.
// The committed schema is also the record of its ids: a field or a member of the union that has one keeps it for ever.
import protobuf from "protobufjs";

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

type Presence = "plain" | "optional" | "required" | "list" | "map" | "removed";

interface Field {
  readonly name: string;
  readonly tag: number;
  readonly type: string;
  readonly presence: Presence;
  /** As the schema declares it. */
  readonly declared: string;
  readonly comment: string;
}

interface Table {
  readonly name: string;
  readonly path: string;
  readonly comment: string;
  /** The place is the id. */
  readonly fields: readonly Field[];
}

interface Rpc {
  readonly name: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  readonly isStream: boolean;
}

/** A line of the committed schema. */
interface Member {
  readonly name: string;
  readonly declared: string;
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
  const enums = enumsOf(types);
  const union = unionOf(operations, membersOf(committed, "union", "Message"));
  return {
    descriptors: descriptorsText(tables, enums, union, operations),
    schema: schemaText(tables, types, enums, union),
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
  const visit = (type: protobuf.Type) => {
    const known = found.get(type.name);
    if (known === type) return;
    if (known !== undefined) throw new Error(`two messages are named ${type.name}`);
    found.set(type.name, type);
    for (const { resolvedType } of type.fieldsArray)
      if (resolvedType instanceof protobuf.Type) visit(resolvedType);
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
  return { name: type.name, path: type.fullName.slice(1), comment: type.comment ?? "", fields };
}

function fieldOf(type: protobuf.Type, field: protobuf.Field): Field {
  const where = `${type.name}.${field.name}`;
  if (field.partOf !== null && field.options?.["proto3_optional"] !== true)
    throw new Error(`${where}: a oneof has no form here`);
  if (field instanceof protobuf.MapField && field.keyType !== "string")
    throw new Error(`${where}: the key of a map must be a string`);
  const word = field.resolvedType?.name ?? scalars[field.type];
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

function presenceOf(field: protobuf.Field, where: string): Exclude<Presence, "removed"> {
  if (field instanceof protobuf.MapField) return "map";
  if (field.repeated) return "list";
  if (required.has(where)) return "required";
  return field.options?.["proto3_optional"] === true || field.resolvedType instanceof protobuf.Type
    ? "optional"
    : "plain";
}

const entryName = (table: string, field: string): string =>
  `${table}${field.replaceAll(/(?:^|_)(.)/g, (_all, first: string) => first.toUpperCase())}Entry`;

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

/** The lines of one table or union. @throws Error where an id is not its line's place */
function membersOf(schema: string, kind: "table" | "union", name: string): Member[] {
  const body = new RegExp(`^${kind} ${name} \\{\\n(.*?)^\\}`, "ms").exec(schema)?.[1] ?? "";
  const lines = [...body.matchAll(/^ {2}(\w+): ([^(\n,;]+?)(?: \(id: (\d+)([^)]*)\))?[,;]?$/gm)];
  return lines.map(([, member = "", type = "", id, attributes = ""], place) => {
    if (id !== undefined && Number(id) !== place)
      throw new Error(`${name}.${member}: id ${id} on line ${place}`);
    return { name: member, declared: attributes.includes("required") ? `${type} (required)` : type };
  });
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

function schemaText(
  tables: readonly Table[],
  types: readonly protobuf.Type[],
  enums: readonly protobuf.Enum[],
  union: readonly Member[],
): string {
  return [
    "// FlatBuffers schema of the message gateway. Generated by scripts/generate-wire.ts from the .proto files; do not edit.",
    "// Ids are permanent: what is new comes last, what goes stays as deprecated.",
    "",
    "namespace countersign;",
    ...enums.map(({ name, values }) => {
      const lines = Object.entries(values).map(([value, number]) => `  ${value} = ${number},`);
      return ["", `enum ${name}: int {`, ...lines, "}"].join("\n");
    }),
    ...tables.map((table) => tableText(table)),
    ...types.flatMap(entriesText),
    "",
    "/// An operation's request under the operation's name, an answer under its own.",
    "union Message {",
    ...union.map(({ name, declared }) => `  ${name}: ${declared},`),
    "}",
    "",
    "/// Every answer comes in one; so does a request whose path does not name its operation.",
    "table Envelope {",
    "  /// Unix milliseconds, set in answers.",
    "  time: ulong (id: 0);",
    "  /// An API key, in requests.",
    "  credentials: string (id: 1);",
    "  /// Any text of the caller's; the answer repeats it.",
    "  correlation_id: string (id: 2);",
    "  message: Message (id: 4, required);",
    "}",
    "",
    "root_type Envelope;",
    "",
  ].join("\n");
}

const doc = (indent: string, text: string): string[] =>
  text === "" ? [] : text.split("\n").map((line) => `${indent}/// ${line}`);

function tableText({ name, comment, fields }: Table): string {
  const lines = fields.flatMap((field, id) => {
    const [type = "", isRequired] = field.declared.split(" (");
    const marks = `${isRequired === undefined ? "" : ", required"}${field.presence === "removed" ? ", deprecated" : ""}`;
    return [...doc("  ", field.comment), `  ${field.name}: ${type} (id: ${id}${marks});`];
  });
  return ["", ...doc("", comment), `table ${name} {`, ...lines, "}"].join("\n");
}

function entriesText(type: protobuf.Type): string[] {
  return type.fieldsArray
    .filter((field) => field instanceof protobuf.MapField)
    .map((field) => {
      const value = field.resolvedType?.name ?? scalars[field.type];
      return `\ntable ${entryName(type.name, field.name)} {\n  key: string (id: 0, required);\n  value: ${value} (id: 1);\n}`;
    });
}
