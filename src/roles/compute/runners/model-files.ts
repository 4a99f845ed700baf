import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CountersignError, messageOf } from "../../../base/index.ts";

/** The format of models that the ONNX runner can run. */
export const modelFormat = "countersign-onnx-text/1";

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "a file name without a folder");

const manifestSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  format: z.literal(modelFormat),
  model: fileName,
  tokenizer: fileName,
  files: z.record(
    fileName,
    z.strictObject({
      sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits"),
      size_bytes: z.int().min(0),
    }),
  ),
});

/** WebAssembly's memory ends at 4 GiB; weights are held twice while a session is made. */
const maxFileBytes = 1024 ** 3;
const maxManifestBytes = 64 * 1024;

export interface ModelFiles {
  readonly name: string;
  readonly version: string;
  readonly model: Uint8Array;
  readonly tokenizer: string;
}

/**
 * Reads a model's folder; what is returned is what was hashed.
 * @throws CountersignError CONFIG_INVALID when a file is missing, too large or not the one the manifest names
 */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const manifest = await readManifest(folder);
  const contents = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    const content = await readBounded(join(folder, name), Math.min(expected.size_bytes, maxFileBytes));
    const hash = createHash("sha256").update(content).digest("hex");
    assertHash(join(folder, name), hash, expected.sha256);
    contents.set(name, content);
  }
  const [model, tokenizer] = [contents.get(manifest.model), contents.get(manifest.tokenizer)];
  if (model === undefined || tokenizer === undefined)
    throw invalidModel(folder, "lists no hash for its model or its tokenizer");
  return { name: manifest.name, version: manifest.version, model, tokenizer: tokenizer.toString("utf8") };
}

/**
 * Hashes a model's files in small pieces, so that a large model holds nothing else up.
 * @throws CountersignError CONFIG_INVALID as `readModelFiles`
 */
export async function checkModelFiles(folder: string): Promise<void> {
  const manifest = await readManifest(folder);
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk);
    } catch (error) {
      throw invalidModel(path, `cannot be read: ${messageOf(error)}`, error);
    }
    assertHash(path, hash.digest("hex"), sha256);
  }
}

function assertHash(path: string, actual: string, expected: string): void {
  if (actual !== expected) throw invalidModel(path, `has SHA-256 ${actual}; manifest.json says ${expected}`);
}

async function readManifest(folder: string): Promise<z.infer<typeof manifestSchema>> {
  const path = join(folder, "manifest.json");
  const text = (await readBounded(path, maxManifestBytes)).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidModel(path, `is no JSON: ${messageOf(error)}`, error);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw invalidModel(path, z.prettifyError(parsed.error));
  return parsed.data;
}

async function readBounded(path: string, limitBytes: number): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > limitBytes) throw new RangeError(`it has ${size} bytes, more than ${limitBytes}`);
    return await file.readFile();
  } catch (error) {
    throw invalidModel(path, `cannot be read: ${messageOf(error)}`, error);
  }
}

export function invalidModel(path: string, problem: string, cause?: unknown): CountersignError {
  return new CountersignError("CONFIG_INVALID", `model ${path} ${problem}`, { path }, cause);
}
