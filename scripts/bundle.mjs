// The program as a few files instead of two thousand modules, most of whose start is finding and linking those.
// Checkouts run it from here, and so do the tests' processes. Plain JavaScript: the machine's own Node.js may be older.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");
// Three folders below the root and flat: what the program reads beside itself (proto/, threads) it finds from any file.
const folder = join(root, "node_modules", ".cache", "countersign");
const main = join(folder, "main.mjs");
const stamp = join(folder, ".stamp");
/** The command line, and what runs as threads of it. */
const entries = [
  "cli/main.ts",
  "records/verify-worker.ts",
  "storage/writer.ts",
  "roles/compute/runners/onnx-worker.ts",
];
/** They look for files that lie beside them: native code, WebAssembly, pages, programs. Or their exports, loaded late, are not found in a bundle: prom-client. */
const external = [
  "onnxruntime-web",
  "classic-level",
  "@foundry-rs/anvil",
  "@grpc/reflection",
  "grpc-health-check",
  "prom-client",
];
/** Parts of an older program stay so long, since one that still runs loads some of them late. */
const keptMs = 24 * 60 * 60_000;

/** Path of the program's main file; it is built anew when a source is younger. */
export function bundleProgram() {
  const startedMs = Date.now();
  if (!isUpToDate()) build(startedMs);
  return main;
}

function isUpToDate() {
  const builtMs = timeOf(stamp);
  const names = readdirSync(source, { recursive: true, encoding: "utf8" });
  const inputs = [source, ...names.map((name) => join(source, name)), join(root, "package-lock.json")];
  return [fileURLToPath(import.meta.url), ...inputs].every((file) => timeOf(file) < builtMs);
}

function timeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Several processes may do this at the same time: parts are named by their content, and what loads them comes last. */
function build(startedMs) {
  const { buildSync } = createRequire(import.meta.url)("esbuild");
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: entries.map((name) => join(source, name)),
    entryNames: "[name]",
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    keepNames: true,
    external,
    // For the CommonJS among the packages.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    write: false,
    logLevel: "error",
  });
  mkdirSync(folder, { recursive: true });
  const isEntry = ({ path }) => !/-[0-9A-Z]{8}\.mjs$/.test(path);
  for (const file of outputFiles.filter((file) => !isEntry(file))) if (!existsSync(file.path)) put(file);
  for (const file of outputFiles.filter(isEntry)) put(file);
  writeFileSync(stamp, "");
  utimesSync(stamp, startedMs / 1_000, startedMs / 1_000);
  sweep(new Set([basename(stamp), ...outputFiles.map(({ path }) => basename(path))]), startedMs - keptMs);
}

function put({ path, contents }) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

function sweep(needed, beforeMs) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (!needed.has(name) && timeOf(file) < beforeMs) rmSync(file, { force: true });
  }
}
