import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

// Commands in the documentation. A fenced block of shell says in its first line what a test does with it:
//   ```sh run                 every command succeeds
//   ```sh run expects:TEXT    the last command fails and says TEXT
//   ```sh norun REASON        not run, for this reason
// Blocks of one file run in order, in one folder.

const root = fileURLToPath(new URL("../..", import.meta.url));
const shells = new Set(["sh", "bash", "shell", "console", "zsh"]);

export interface CommandBlock {
  readonly file: string;
  readonly line: number;
  readonly commands: string;
  /** What a failing last command says; undefined where all succeed. */
  readonly expects: string | undefined;
}

export interface DocCommands {
  readonly blocks: readonly CommandBlock[];
  /** Blocks that say neither `run` nor why not. */
  readonly unmarked: readonly string[];
}

/** README.md and everything in docs/. */
export function docFiles(): string[] {
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return [
    "README.md",
    ...docs.filter((name) => name.endsWith(".md")).map((name) => join("docs", name)),
  ].sort();
}

export function docCommands(file: string): DocCommands {
  const blocks: CommandBlock[] = [];
  const unmarked: string[] = [];
  const text = readFileSync(join(root, file), "utf8");
  for (const match of text.matchAll(/^```(\w+)[ \t]*([^\n]*)\n([\s\S]*?)^```$/gm)) {
    const [, language = "", mark = "", commands = ""] = match;
    if (!shells.has(language)) continue;
    const line = text.slice(0, match.index).split("\n").length;
    const expects = /^run expects:(.+)$/.exec(mark)?.[1];
    if (mark === "run" || expects !== undefined) blocks.push({ file, line, commands, expects });
    else if (!/^norun \S/.test(mark)) unmarked.push(`${relative(root, join(root, file))}:${line}`);
  }
  return { blocks, unmarked };
}
