// Fails when package.json and the imports disagree, or when the lock file names a place or lacks a platform.
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Started as programs, loaded only when there is something to do, or needed by the compiler only. */
const notImported = new Set([
  "@biomejs/biome",
  "@foundry-rs/anvil",
  "@openzeppelin/contracts",
  "@types/mocha",
  "@types/node",
  "@types/ws",
  "c8",
  "node",
  "protobufjs-cli",
  "solc",
  "typescript",
]);

interface Package {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly resolved?: string;
}

const readJson = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));

/** What a file imports, by statement or by call. */
function specifiersIn(text: string): string[] {
  const forms = [
    /^(?:import|export)\b[^;"=]*\bfrom\s+"([^"]+)"/gm,
    /^import\s+"([^"]+)"/gm,
    /\bimport\("([^"]+)"\)/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ""));
}

function importsUnder(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|mjs|js)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    for (const specifier of specifiersIn(readFileSync(file, "utf8"))) {
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      if (!specifier.startsWith(".") && !isBuiltin(specifier)) found.set(name, file);
    }
  }
  return found;
}

export function dependencyProblems(): string[] {
  const {
    dependencies = {},
    devDependencies = {},
    optionalDependencies = {},
  }: Package = readJson("package.json");
  const shipped = importsUnder("src");
  const others = new Map([...importsUnder("scripts"), ...importsUnder("test")]);
  const problems: string[] = [];
  for (const [name, file] of shipped)
    if (!(name in dependencies)) problems.push(`${file}: imports ${name}, which is no dependency`);
  for (const [name, file] of others)
    if (!(name in dependencies || name in devDependencies))
      problems.push(`${file}: imports ${name}, which is in no list of package.json`);
  for (const name of Object.keys(dependencies))
    if (!shipped.has(name) && !notImported.has(name))
      problems.push(
        `package.json: nothing in src imports ${name}${others.has(name) ? "; it is a dev dependency" : ""}`,
      );
  for (const name of Object.keys({ ...devDependencies, ...optionalDependencies }))
    if (!others.has(name) && !notImported.has(name)) problems.push(`package.json: nothing imports ${name}`);
  return [...problems, ...lockProblems()];
}

/** npm leaves out the packages of platforms that it could not reach, and `npm ci` then refuses the file. */
function lockProblems(): string[] {
  const packages = readJson("package-lock.json").packages as Record<string, Package>;
  return Object.entries(packages).flatMap(([path, { resolved, optionalDependencies = {} }]) => [
    ...(resolved === undefined ? [] : [`package-lock.json: ${path} names the place it came from`]),
    ...Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages))
      .map((name) => `package-lock.json: lacks ${name}, which ${path} needs on some platform`),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = dependencyProblems();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
