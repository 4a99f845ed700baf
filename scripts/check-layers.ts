// Fails when a folder imports from above its layer, or something that must run in a browser cannot.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { browserProblems } from "./browser-imports.ts";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Bottom to top, as docs/architecture.md draws them. Folders on one line are siblings. */
const layers = [
  ["base", "wire"],
  ["proof"],
  ["storage", "chain", "mesh"],
  ["events", "records", "cosign"],
  ["roles"],
  ["operations"],
  ["facade"],
  ["node"],
  ["client"],
  ["sdk", "devnet"],
  ["cli"],
];

const rankOf = (folder: string): number => layers.findIndex((layer) => layer.includes(folder));

/** The folder that counts as one unit: a role, a facade, or a top-level folder. */
function unitOf(file: string): { folder: string; unit: string } {
  const parts = relative(source, file).split("/");
  const folder = parts[0] ?? "";
  const nested = (folder === "roles" || folder === "facade") && parts.length > 2;
  return { folder, unit: nested ? `${folder}/${parts[1]}` : folder };
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return [...found].map((match) => resolve(dirname(file), match[1] ?? ""));
}

export function layerProblems(): string[] {
  const problems: string[] = [];
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  for (const name of files) {
    const file = join(source, name);
    const from = unitOf(file);
    if (rankOf(from.folder) < 0) problems.push(`src/${name}: folder ${from.folder} is in no layer`);
    for (const target of importsOf(file)) {
      if (!target.startsWith(source)) {
        if (!target.endsWith("package.json"))
          problems.push(`src/${name}: imports ${relative(source, target)}, outside src`);
        continue;
      }
      const to = unitOf(target);
      if (to.unit === from.unit) continue;
      const shown = relative(source, target);
      if (rankOf(to.folder) > rankOf(from.folder))
        problems.push(`src/${name}: imports ${shown}, from a layer above`);
      else if (from.folder === "roles" && to.folder === "roles")
        problems.push(`src/${name}: a role imports the role ${shown}`);
      else if (from.folder === "sdk" && !["wire", "base", "proof"].includes(to.folder))
        problems.push(`src/${name}: the SDK imports ${shown}; only wire, base and proof are allowed`);
    }
  }
  return problems;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = [...layerProblems(), ...browserProblems(source)];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
