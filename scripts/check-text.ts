// Fails when a file names a place that only one machine or one network has, and when a link in the docs leads nowhere.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const skipped = new Set([".git", "node_modules", "dist", "coverage", "artifacts", "data"]);

const forbidden: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /registry\.(npmjs|yarnpkg)\.|npmmirror\.|npm\.pkg\.github/,
    why: "names a package registry's host",
  },
  { pattern: /(?<![\w.$}~-])\/(root|work|Users|home\/[a-z]+)\/\w/, why: "names a folder of one machine" },
  { pattern: /[A-Z]:\\Users\\/, why: "names a folder of one machine" },
];

export function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}

export function textProblems(): string[] {
  const problems: string[] = [];
  for (const file of filesUnder(root)) {
    const text = readFileSync(file, "utf8");
    if (text.includes("\0")) continue;
    const shown = relative(root, file);
    for (const [index, line] of text.split("\n").entries())
      for (const { pattern, why } of forbidden)
        if (pattern.test(line)) problems.push(`${shown}:${index + 1}: ${why}`);
    if (file.endsWith(".md"))
      problems.push(...brokenLinks(file, text).map((link) => `${shown}: no such file: ${link}`));
  }
  return problems;
}

function brokenLinks(file: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? "")
    .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(file), link)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = textProblems();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
