import { readFileSync } from "node:fs";
import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { CountersignError, messageOf, shown } from "./errors.ts";

// Files that people write. What is wrong in one is told by file, line, key, value and what is allowed.

/** A value, and where it came from. */
export interface Source {
  readonly file: string;
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

export interface ParsedYaml {
  /** To be changed and written back with its comments. */
  readonly document: Document;
  readonly value: unknown;
  readonly source: Source;
}

/**
 * The text of a file that somebody named. `hint` says how to come by one.
 * @throws CountersignError CONFIG_INVALID
 */
export function readNamedFile(file: string, what: string, hint: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : messageOf(error);
    throw new CountersignError("CONFIG_INVALID", `cannot read the ${what} ${file}: ${reason}; ${hint}`);
  }
}

/**
 * `failsafe` leaves every scalar the text it is: addresses, hashes and dates want no quotes then.
 * @throws CountersignError CONFIG_INVALID naming file and line where the text is no YAML
 */
export function parseYaml(file: string, text: string, schema: "core" | "failsafe" = "core"): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const line = lines.linePos(mistake.pos[0]).line;
    throw new CountersignError("CONFIG_INVALID", `${file}:${line}: ${mistake.message.split("\n")[0]}`);
  }
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    // Aliases that stand for themselves, or for far more than is written.
    throw new CountersignError("CONFIG_INVALID", `${file}: ${messageOf(error)}`);
  }
  const source: Source = {
    file,
    lineOf: (path) => {
      const node = nodeAt(document.contents, path);
      return node === undefined ? undefined : lines.linePos(node).line;
    },
  };
  return { document, value, source };
}

/**
 * The value as its schema has it. `set` names what set a key in place of the file, by the key's path.
 * @throws CountersignError CONFIG_INVALID with a line for each mistake
 */
export function checkValue<T>(
  schema: z.ZodType<T>,
  value: unknown,
  source: Source,
  set: ReadonlyMap<string, string> = new Map(),
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describe(issue, schema, value, source, set));
  throw new CountersignError("CONFIG_INVALID", problems.join("\n"), { problems });
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  value: unknown,
  source: Source,
  set: ReadonlyMap<string, string>,
): string {
  if (issue.code === "unrecognized_keys") {
    const allowed = Object.keys((jsonSchemaAt(schema, issue.path)?.properties as object | undefined) ?? {});
    return issue.keys
      .map(
        (key) =>
          `${placeOf([...issue.path, key], source, set)}: no such key; allowed here: ${allowed.join(", ")}`,
      )
      .join("\n");
  }
  if (issue.code === "invalid_key") {
    const [first] = issue.issues;
    const key = String(issue.path.at(-1));
    return `${placeOf(issue.path, source, set)}: the name ${shown(key)} is not allowed; expected ${first === undefined ? issue.message : expectationOf(first)}`;
  }
  const given = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const had = given === undefined ? "is missing" : `${shown(given)} is not allowed`;
  return `${placeOf(issue.path, source, set)}: ${had}; expected ${expectationOf(issue)}`;
}

function placeOf(path: readonly PropertyKey[], source: Source, set: ReadonlyMap<string, string>): string {
  const key = path.map(String).join(".");
  const origin = set.get(key);
  if (origin !== undefined) return `${origin} (${key})`;
  const line = source.lineOf(path);
  return `${source.file}${line === undefined ? "" : `:${line}`}: ${key || "(the whole file)"}`;
}

function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      return `${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
    case "too_small":
      return `at least ${issue.minimum}${issue.origin === "string" ? " characters" : issue.origin === "array" ? " entries" : ""}`;
    case "too_big":
      return `at most ${issue.maximum}${issue.origin === "string" ? " characters" : issue.origin === "array" ? " entries" : ""}`;
    default:
      return issue.message;
  }
}

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema;
  items?: JsonSchema;
};

/** The keys that a schema allows at a path, read from its JSON Schema. */
function jsonSchemaAt(schema: z.ZodType, path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
  for (const key of path)
    at = typeof key === "number" ? at?.items : (at?.properties?.[String(key)] ?? at?.additionalProperties);
  return at;
}

function nodeAt(contents: unknown, path: readonly PropertyKey[]): number | undefined {
  let at: unknown = contents;
  let found: number | undefined;
  for (const key of path) {
    if (isMap(at)) {
      const pair = at.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return found;
      found = (pair.key as { range?: [number, number, number] }).range?.[0];
      at = pair.value;
    } else {
      at = (at as { items?: unknown[] } | null)?.items?.[Number(key)];
      found = (at as { range?: [number, number, number] } | undefined)?.range?.[0] ?? found;
    }
  }
  return found;
}
