import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Builder, ByteBuffer } from "flatbuffers";
import type { FieldDescriptor, Message, MessageDescriptor } from "../../../../src/facade/messages/index.ts";

// FlatBuffers' own programs, as Debian has them.

export const schemaPath = fileURLToPath(new URL("../../../../proto/countersign.fbs", import.meta.url));
const modulesPath = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
const verifierPath = fileURLToPath(new URL("verify.cpp", import.meta.url));

/** Why flatc cannot run here, or undefined. */
export function whyNoFlatc(): string | undefined {
  return spawnSync("flatc", ["--version"]).status === 0
    ? undefined
    : "there is no flatc (Debian: flatbuffers-compiler)";
}

/** Buffers from JSON texts. @throws Error with flatc's words */
export function flatcBinary(folder: string, texts: readonly string[]): Uint8Array[] {
  const files = texts.map((text, index) => {
    writeFileSync(join(folder, `m${index}.json`), text);
    return join(folder, `m${index}.json`);
  });
  execFileSync("flatc", ["--binary", "--strict-json", "-o", folder, schemaPath, ...files], { stdio: "pipe" });
  return texts.map((_text, index) => readFileSync(join(folder, `m${index}.bin`)));
}

/** JSON from buffers. Integers beyond the safe ones are strings. */
export function flatcJson(folder: string, buffers: readonly Uint8Array[]): unknown[] {
  const files = buffers.map((buffer, index) => {
    writeFileSync(join(folder, `m${index}.bin`), buffer);
    return join(folder, `m${index}.bin`);
  });
  const into = join(folder, "json");
  mkdirSync(into, { recursive: true });
  const options = ["--json", "--strict-json", "--raw-binary", "-o", into, schemaPath, "--"];
  execFileSync("flatc", [...options, ...files], { stdio: "pipe" });
  return buffers.map((_buffer, index) => exactJson(readFileSync(join(into, `m${index}.json`), "utf8")));
}

function exactJson(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? context?.source : value;
  return JSON.parse(text, revive);
}

/** What flatc says of a text: `line: column: error: detail`, or "" when it takes it. */
export function flatcRefusal(folder: string, text: string): string {
  const file = join(folder, "text.json");
  writeFileSync(file, text);
  const { status, stderr, stdout } = spawnSync(
    "flatc",
    ["--binary", "--strict-json", "-o", folder, schemaPath, file],
    {
      encoding: "utf8",
    },
  );
  if (status === 0) return "";
  const words = `${stderr}${stdout}`;
  return words.slice(words.indexOf(`${file}:`) + file.length + 1).trim();
}

/** A message as FlatBuffers' JSON has it: bytes are lists of numbers and maps are lists of entries. */
export function flatcForm(message: MessageDescriptor, value: Message): Record<string, unknown> {
  return Object.fromEntries(
    message.fields.flatMap((field): [string, unknown][] => {
      const one = value[field.name];
      if (!Object.hasOwn(value, field.name)) return [];
      if (field.presence === "list") {
        const entries = (one as unknown[]).map((entry) => valueForm(field, entry));
        return entries.length === 0 ? [] : [[field.name, entries]];
      }
      if (field.presence === "map") {
        const entries = Object.entries(one as Message).map(([key, entry]) => ({
          key,
          value: valueForm(field, entry),
        }));
        return entries.length === 0 ? [] : [[field.name, entries]];
      }
      return [[field.name, valueForm(field, one)]];
    }),
  );
}

function valueForm(field: FieldDescriptor, value: unknown): unknown {
  if (field.table !== undefined) return flatcForm(field.table, value as Message);
  if (value instanceof Uint8Array) return [...value];
  if (typeof value !== "bigint") return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

/** The code that flatc generates, on the official runtime. */
export interface GeneratedCode {
  /** Reads an envelope into the generated objects and writes these again. */
  rewritten(buffer: Uint8Array): Uint8Array;
}

interface GeneratedObject {
  pack(builder: Builder): number;
}

/** Generates TypeScript from the schema, with an object for each table, and loads it. */
export async function generatedCode(folder: string): Promise<GeneratedCode> {
  const sources = join(folder, "generated");
  execFileSync("flatc", ["--ts", "--gen-object-api", "-o", sources, schemaPath]);
  // The code has enums and imports without extensions, which Node.js does not take as they are.
  writeFileSync(join(folder, "package.json"), '{"type":"commonjs"}');
  symlinkSync(modulesPath, join(folder, "node_modules"));
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const options = [
    "--noCheck",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--outDir",
    folder,
  ];
  execFileSync(join(modulesPath, ".bin/tsc"), [...options, ...files.map((name) => join(sources, name))], {
    cwd: folder,
    stdio: "pipe",
  });
  const { Envelope } = (await import(join(folder, "countersign/envelope.js"))).default as {
    Envelope: { getRootAsEnvelope(bytes: ByteBuffer): { unpack(): GeneratedObject } };
  };
  return {
    rewritten(buffer) {
      const builder = new Builder();
      builder.finish(Envelope.getRootAsEnvelope(new ByteBuffer(buffer)).unpack().pack(builder));
      return builder.asUint8Array();
    },
  };
}

export interface OfficialVerifier {
  /** Whether FlatBuffers' own verifier takes each. */
  verify(buffers: readonly Uint8Array[]): boolean[];
}

/** Compiles a program around FlatBuffers' verifier, or says why it cannot. */
export function officialVerifier(folder: string): OfficialVerifier | string {
  const program = join(folder, "verify");
  const made = spawnSync("g++", ["-O1", "-o", program, verifierPath, "-lflatbuffers"], { encoding: "utf8" });
  if (made.status !== 0) {
    return `FlatBuffers' verifier cannot be compiled (Debian: g++, libflatbuffers-dev): ${made.error?.message ?? made.stderr}`;
  }
  execFileSync("flatc", ["--binary", "--schema", "-o", folder, schemaPath]);
  return {
    verify(buffers) {
      const file = join(folder, "buffers");
      const parts = buffers.flatMap((buffer) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(buffer.length);
        return [length, buffer];
      });
      writeFileSync(file, Buffer.concat(parts));
      const answers = execFileSync(program, [join(folder, "countersign.bfbs"), file], { maxBuffer: 1 << 26 });
      return [...answers.toString().trim()].map((answer) => answer === "1");
    },
  };
}
