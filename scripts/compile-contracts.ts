// Compiles contracts/*.sol into contracts/artifacts/<Name>.json (ABI and bytecode). Skips when nothing changed;
// the compiler itself takes a second to load, so freshness is decided without it.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const requireHere = createRequire(import.meta.url);
const stampName = ".stamp";

// Runs of 200: a deployed contract is called many times, so calls matter more than the size of the code.
const settings = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: "cancun",
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

export interface CompileOptions {
  /** Folder with the .sol files; the project's contracts when omitted. */
  readonly sourceFolder?: string;
  /** Where the artifacts go. */
  readonly artifactFolder?: string;
}

interface CompilerOutput {
  readonly errors?: readonly {
    severity: string;
    formattedMessage: string;
    sourceLocation?: { file: string };
  }[];
  readonly contracts?: Record<
    string,
    Record<string, { abi: unknown[]; evm: { bytecode: { object: string } } }>
  >;
}

/**
 * Brings the artifacts up to date; safe to call from several processes at once, since every file is renamed into
 * place and the same sources give the same files. Answers whether the compiler had to run.
 */
export function compileContracts(options: CompileOptions = {}): boolean {
  const sourceFolder = options.sourceFolder ?? join(root, "contracts");
  const artifactFolder = options.artifactFolder ?? join(root, "contracts/artifacts");
  const sources = readSources(sourceFolder);
  const stamp = stampOf(sources);
  const stampFile = join(artifactFolder, stampName);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) {
    // Says by its time, too, that nothing is younger than it: scripts/setup.mjs looks no further.
    const now = new Date();
    utimesSync(stampFile, now, now);
    return false;
  }

  const artifacts = compile(sources);
  mkdirSync(artifactFolder, { recursive: true });
  rmSync(stampFile, { force: true });
  for (const [name, text] of artifacts) writeAtomically(join(artifactFolder, `${name}.json`), text);
  for (const name of readdirSync(artifactFolder)) {
    if (name.endsWith(".json") && !artifacts.has(basename(name, ".json")))
      rmSync(join(artifactFolder, name), { force: true });
  }
  writeAtomically(stampFile, stamp);
  return true;
}

function readSources(folder: string): Map<string, string> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sol"))
    .sort();
  if (names.length === 0) throw new Error(`${folder} holds no .sol file`);
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** What the artifacts depend on: sources, settings, and the versions of compiler and library. */
function stampOf(sources: ReadonlyMap<string, string>): string {
  const versionOf = (name: string) =>
    JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  const basis = [settings, versionOf("solc"), versionOf("@openzeppelin/contracts"), [...sources]];
  return createHash("sha256").update(JSON.stringify(basis)).digest("hex");
}

function compile(sources: ReadonlyMap<string, string>): Map<string, string> {
  const solc = requireHere("solc") as { compile(input: string, callbacks: object): string };
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings,
  };
  const readImport = (path: string) => {
    const file = join(root, path.startsWith("@") ? "node_modules" : "contracts", path);
    return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: `${path} not found` };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as CompilerOutput;
  // What the compiler warns of in the library is the library's business.
  const problems = (output.errors ?? []).filter(
    (problem) => problem.severity === "error" || !problem.sourceLocation?.file.startsWith("@"),
  );
  if (problems.length > 0) {
    const text = problems.map((problem) => problem.formattedMessage).join("\n");
    if (problems.some((problem) => problem.severity === "error"))
      throw new Error(`contracts do not compile:\n${text}`);
    process.stderr.write(`${text}\n`);
  }
  const artifacts = new Map<string, string>();
  for (const name of sources.keys()) {
    for (const [contract, { abi, evm }] of Object.entries(output.contracts?.[name] ?? {})) {
      artifacts.set(contract, `${JSON.stringify({ contract, abi, bytecode: `0x${evm.bytecode.object}` })}\n`);
    }
  }
  return artifacts;
}

function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const hasCompiled = compileContracts();
  process.stderr.write(hasCompiled ? "Contracts compiled.\n" : "Contracts are up to date.\n");
}
