import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

// Runs the Python programs of this folder, against code generated from reference.proto alone.

/** Debian's own, which sees Debian's packages; the first python3 of a PATH may be another. */
const python = "/usr/bin/python3";
const plugin = "/usr/bin/grpc_python_plugin";
const wanted = "import ecdsa, google.protobuf, grpc, Cryptodome.Hash.keccak";
const packages = "python3-grpcio, python3-protobuf, python3-ecdsa, python3-pycryptodome";
/** An upper bound for one program: other programs may hold the machine meanwhile. */
const patienceMs = 180_000;

const here = fileURLToPath(new URL(".", import.meta.url));
export const protoFolder = fileURLToPath(new URL("../../proto", import.meta.url));

/** Why the programs cannot run here, or undefined. */
export function whyNoPython(): string | undefined {
  if (!existsSync(python)) return `there is no ${python}`;
  const imports = spawnSync(python, ["-c", wanted], { encoding: "utf8" });
  if (imports.status !== 0) {
    return `${python} lacks packages (Debian: ${packages}): ${imports.stderr.trim().split("\n").at(-1)}`;
  }
  if (spawnSync("protoc", ["--version"]).status !== 0)
    return "there is no protoc (Debian: protobuf-compiler)";
  return existsSync(plugin) ? undefined : `there is no ${plugin} (Debian: protobuf-compiler-grpc)`;
}

/** Generates Python code from a proto file. @throws Error with the compiler's words */
export function generate(folder: string, file: string, into: string): void {
  const made = spawnSync(
    "protoc",
    [
      `-I${folder}`,
      `--python_out=${into}`,
      `--grpc_python_out=${into}`,
      `--plugin=protoc-gen-grpc_python=${plugin}`,
      file,
    ],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`protoc ${file}: ${made.stderr}`);
}

export function generateReference(into: string): void {
  generate(here, "reference.proto", into);
}

type Arguments = Readonly<Record<string, string>>;

function start(program: string, generated: string, options: Arguments): ChildProcess {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  return spawn(python, [`${here}${program}`, ...flags], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PYTHONPATH: generated, PYTHONDONTWRITEBYTECODE: "1" },
  });
}

function collected(stream: NodeJS.ReadableStream | null): { text: string } {
  const all = { text: "" };
  stream?.setEncoding("utf8").on("data", (text: string) => {
    all.text += text;
  });
  return all;
}

/** Runs a program to its end and answers what it printed. @throws Error with its standard error when it fails */
export async function runPython(
  program: string,
  generated: string,
  options: Arguments = {},
): Promise<unknown> {
  const child = start(program, generated, options);
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)];
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  child.stdin?.end();
  const [code] = await once(child, "close");
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr.text}`);
  return JSON.parse(stdout.text);
}

export interface RunningPython {
  /** The next object that the program prints. @throws Error when it ends without */
  next(): Promise<Record<string, unknown>>;
  /** Closes its standard input and waits for its end. @throws Error with its standard error when it fails */
  stop(): Promise<void>;
}

/** Starts a program that prints a JSON object per line until its input ends. */
export function startPython(program: string, generated: string, options: Arguments): RunningPython {
  const child = start(program, generated, options);
  const stderr = collected(child.stderr);
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    async next() {
      const line = await lines.next();
      if (line.done) throw new Error(`${program} ended: ${stderr.text}`);
      return JSON.parse(line.value);
    },
    async stop() {
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      child.stdin?.end();
      const [code] = await ended;
      clearTimeout(timer);
      if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr.text}`);
    },
  };
}
