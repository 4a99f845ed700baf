// The part of grpcurl that the documentation's examples use, for machines without it. As grpcurl does, it knows
// nothing of the services but what the server's reflection tells, and refuses fields that the message does not have.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  type Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import protoLoader, { type PackageDefinition } from "@grpc/proto-loader";
import protobuf from "protobufjs/minimal.js";

type Message = Record<string, unknown>;
interface Stream extends AsyncIterable<Message> {
  write(message: Message): void;
  end(): void;
}
interface FieldType {
  readonly name: string;
  readonly jsonName: string;
  readonly typeName: string;
}
interface MethodDefinition {
  readonly responseStream: boolean;
  readonly requestType: { readonly type: { readonly name: string; readonly field: readonly FieldType[] } };
}

const deadlineMs = 60_000;
/** grpcurl's exit codes: 64 and the status. */
const statusExitBase = 64;

/** As grpcurl prints fields. */
const camel = (name: string) =>
  name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

function connect(definition: PackageDefinition, service: string, address: string): Client {
  const found = service
    .split(".")
    .reduce<unknown>((at, name) => (at as Message | undefined)?.[name], loadPackageDefinition(definition));
  if (typeof found !== "function") throw new Error(`the server has no service "${service}"`);
  return new (found as new (address: string, credentials: object) => Client)(
    address,
    credentials.createInsecure(),
  );
}

/** One question to the server's reflection. */
async function reflect(address: string, question: Message): Promise<Message> {
  const folder = dirname(createRequire(import.meta.url).resolve("@grpc/reflection/package.json"));
  const proto = join(folder, "build/proto/grpc/reflection/v1/reflection.proto");
  const client = connect(protoLoader.loadSync(proto), "grpc.reflection.v1.ServerReflection", address);
  try {
    const methods = client as unknown as { serverReflectionInfo(options: object): Stream };
    const stream = methods.serverReflectionInfo({ deadline: Date.now() + deadlineMs });
    stream.write(question);
    stream.end();
    for await (const answer of stream) {
      const problem = answer["errorResponse"] as { errorMessage: string } | undefined;
      if (problem != null) throw new Error(problem.errorMessage);
      return answer;
    }
    throw new Error("the server's reflection did not answer");
  } finally {
    client.close();
  }
}

async function services(address: string): Promise<string[]> {
  const answer = await reflect(address, { listServices: "*" });
  return (answer["listServicesResponse"] as { service: { name: string }[] }).service.map(({ name }) => name);
}

async function definitionOf(address: string, symbol: string): Promise<PackageDefinition> {
  const answer = await reflect(address, { fileContainingSymbol: symbol });
  const files = (answer["fileDescriptorResponse"] as { fileDescriptorProto: Uint8Array[] })
    .fileDescriptorProto;
  // google.protobuf.FileDescriptorSet: file = 1
  const set = protobuf.Writer.create();
  for (const file of files) set.uint32(10).bytes(file);
  return protoLoader.loadFileDescriptorSetFromBuffer(Buffer.from(set.finish()), {
    longs: String,
    bytes: String,
  });
}

/** The request with its fields named as in the .proto; JSON may name them either way. */
function checked(
  definition: PackageDefinition,
  type: MethodDefinition["requestType"]["type"],
  value: unknown,
): unknown {
  if (typeof value !== "object" || value === null) throw new Error(`a ${type.name} is a JSON object`);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const field = type.field.find(
        (one) => one.name === name || one.jsonName === name || camel(one.name) === name,
      );
      if (field === undefined) throw new Error(`message type ${type.name} has no known field named ${name}`);
      const nested = field.typeName === "" ? undefined : definition[field.typeName.replace(/^\./, "")];
      const nestedType = (nested as { type?: MethodDefinition["requestType"]["type"] } | undefined)?.type;
      const read = (item: unknown) =>
        nestedType?.field === undefined ? item : checked(definition, nestedType, item);
      return [field.name, Array.isArray(inner) ? inner.map(read) : read(inner)];
    }),
  );
}

async function call(address: string, method: string, data: string, headers: Metadata): Promise<void> {
  const [service = "", name = ""] = method.split("/");
  const definition = await definitionOf(address, service);
  const methods = (definition[service] ?? {}) as unknown as Record<string, MethodDefinition>;
  const found = methods[name];
  if (found === undefined) throw new Error(`service "${service}" does not include a method named "${name}"`);
  const request = checked(definition, found.requestType.type, JSON.parse(data)) as Message;
  const client = connect(definition, service, address) as unknown as Record<
    string,
    (...args: unknown[]) => Stream
  >;
  const print = (message: Message) => process.stdout.write(`${JSON.stringify(named(message), null, 2)}\n`);
  const options = { deadline: Date.now() + deadlineMs };
  try {
    if (found.responseStream)
      for await (const item of client[name]?.(request, headers, options) ?? []) print(item);
    else
      await new Promise<void>((resolve, reject) => {
        client[name]?.(request, headers, options, (error: ServiceError | null, answer: Message) => {
          if (error !== null) return reject(error);
          print(answer);
          resolve();
        });
      });
  } finally {
    (client as unknown as Client).close();
  }
}

function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), named(inner)]));
}

/** CamelCase, as grpcurl words a status: NOT_FOUND is NotFound. */
function statusName(code: number): string {
  const name = status[code] ?? "UNKNOWN";
  return name
    .toLowerCase()
    .replaceAll(/(^|_)([a-z])/g, (_match, _gap, letter: string) => letter.toUpperCase());
}

async function main(args: string[]): Promise<void> {
  let data = "{}";
  const headers = new Metadata();
  const words: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "-plaintext") continue;
    if (arg === "-d") data = args[++index] ?? "";
    else if (arg === "-H") {
      const [, key = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(args[++index] ?? "") ?? [];
      headers.set(key, value);
    } else if (arg.startsWith("-")) throw new Error(`${arg} is not among the flags that the stand-in knows`);
    else words.push(arg);
  }
  const [address = "", what = ""] = words;
  if (what === "list") for (const name of (await services(address)).sort()) process.stdout.write(`${name}\n`);
  else await call(address, what, data, headers);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { code, details } = error as Partial<ServiceError>;
  if (typeof code === "number") {
    process.stderr.write(`ERROR:\n  Code: ${statusName(code)}\n  Message: ${details}\n`);
    process.exitCode = statusExitBase + code;
  } else {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
