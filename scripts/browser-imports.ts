import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

// What must run in a browser: proofs, and the SDK that verifies them. Everything that they reach by an import that is
// still there when types are gone must run there too.

export const browserFolders = ["proof", "sdk"];
/** Looked at: none of them needs Node.js. */
const browserPackages = new Set([
  "@bitauth/libauth",
  "@ipld/car",
  "@ipld/dag-cbor",
  "@noble/hashes",
  "canonicalize",
  "multiformats",
  "zod",
]);

export function browserProblems(source: string): string[] {
  const problems: string[] = [];
  const queue = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && browserFolders.includes(name.split("/")[0] ?? ""))
    .map((name) => join(source, name));
  const seen = new Set(queue);
  for (const file of queue) {
    const text = readFileSync(file, "utf8");
    for (const specifier of loadedBy(text)) {
      if (specifier.startsWith(".")) {
        const target = resolve(dirname(file), specifier);
        if (!seen.has(target)) queue.push(target);
        seen.add(target);
      } else if (!browserPackages.has(packageOf(specifier))) {
        problems.push(`src/${relative(source, file)}: imports ${specifier}, and must run in a browser`);
      }
    }
  }
  return problems;
}

/** Specifiers of a file's imports that are not of types alone. */
export function loadedBy(text: string): string[] {
  const forms = [
    /^(?:import|export)\s+(?!type\b)[^;"=]*\bfrom\s+"([^"]+)"/gm,
    /^import\s+"([^"]+)"/gm,
    /\bimport\("([^"]+)"\)/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ""));
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
