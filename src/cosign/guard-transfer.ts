import { createHash } from "node:crypto";
import { z } from "zod";
import { CountersignError } from "../base/index.ts";
import type { Statement, Store } from "../storage/index.ts";

// The guard's data on its way to another machine: JSON lines, first a header, then a line per signature, then a
// trailer with their number and the SHA-256 of everything before it. A validator that moves must take it along.

const digestPattern = /^0x[0-9a-f]{64}$/;
const headerSchema = z.strictObject({
  countersign_guard: z.literal(1),
  network: z.string().max(64),
  validator: z.string().regex(/^0x[0-9a-f]{40}$/),
  mark: z.int().min(0),
});
const rowSchema = z.strictObject({
  round: z.string().min(1).max(64),
  subject: z.string().min(1).max(512),
  digest: z.string().regex(digestPattern),
  signed_ms: z.int().min(0),
});
const trailerSchema = z.strictObject({ rows: z.int().min(0), sha256: z.string().regex(digestPattern) });

export interface GuardOwner {
  readonly network: string;
  /** Lower-case address of the wallet that signed. */
  readonly validator: string;
}

export interface GuardImport {
  /** Lines in the file. */
  readonly rows: number;
  /** Of these, new to this database. */
  readonly added: number;
  /** Subjects that this database has with another digest: the wallet has signed twice. */
  readonly conflicts: number;
}

/** Read and written at once: a few hundred kilobytes. */
const pageRows = 1_000;

/** The whole export, line by line, each with its line feed. The node must not be signing meanwhile. */
export async function* exportGuard(store: Store, owner: GuardOwner): AsyncGenerator<string> {
  const hash = createHash("sha256");
  const line = (value: object): string => {
    const text = `${JSON.stringify(value)}\n`;
    hash.update(text);
    return text;
  };
  const [mark] = await store.all("SELECT mark FROM cosign_guard_mark WHERE id = 1");
  yield line({
    countersign_guard: 1,
    network: owner.network,
    validator: owner.validator,
    mark: Number(mark?.["mark"] ?? 0),
  });
  let rows = 0;
  let after: [string, string] = ["", ""];
  for (;;) {
    const page = await store.all(
      `SELECT round, subject, digest, signed_ms FROM cosign_guard
        WHERE round > ? OR (round = ? AND subject > ?) ORDER BY round, subject LIMIT ${pageRows}`,
      [after[0], ...after],
    );
    for (const row of page) {
      const round = String(row["round"]);
      const subject = String(row["subject"]);
      yield line({ round, subject, digest: String(row["digest"]), signed_ms: Number(row["signed_ms"]) });
      rows++;
      after = [round, subject];
    }
    if (page.length < pageRows) break;
  }
  yield `${JSON.stringify({ rows, sha256: `0x${hash.digest("hex")}` })}\n`;
}

/**
 * Adds an export to this database. Reads it twice, so that a damaged file changes nothing; `open` gives its lines,
 * without line feeds, from the start.
 * @throws CountersignError INVALID_ARGUMENT naming the line that is wrong
 */
export async function importGuard(
  store: Store,
  owner: GuardOwner,
  open: () => AsyncIterable<string>,
): Promise<GuardImport> {
  const { rows, mark } = await checkExport(owner, open());
  let added = 0;
  let conflicts = 0;
  let page: z.infer<typeof rowSchema>[] = [];
  const flush = async () => {
    if (page.length === 0) return;
    const statements = page.map(
      (row): Statement => ({
        sql: `INSERT INTO cosign_guard (round, subject, digest, signed_ms) VALUES (?, ?, ?, ?)
          ON CONFLICT (round, subject) DO NOTHING`,
        params: [row.round, row.subject, row.digest, row.signed_ms],
      }),
    );
    const changes = await store.transact(statements);
    for (const [index, row] of page.entries()) {
      if (changes[index] === 1) added++;
      else if (await isOther(store, row)) conflicts++;
    }
    page = [];
  };
  for await (const { value, index } of numbered(open())) {
    if (index === 0 || index > rows) continue;
    page.push(parseLine(rowSchema, value, index));
    if (page.length === pageRows) await flush();
  }
  await flush();
  await store.transact([
    { sql: "UPDATE cosign_guard_mark SET mark = ? WHERE id = 1 AND mark < ?", params: [mark, mark] },
  ]);
  return { rows, added, conflicts };
}

async function isOther(store: Store, row: z.infer<typeof rowSchema>): Promise<boolean> {
  const found = await store.all(
    "SELECT digest FROM cosign_guard WHERE round = ? AND subject = ? AND digest <> ?",
    [row.round, row.subject, row.digest],
  );
  return found.length > 0;
}

async function checkExport(
  owner: GuardOwner,
  lines: AsyncIterable<string>,
): Promise<{ rows: number; mark: number }> {
  const hash = createHash("sha256");
  let mark = 0;
  let held: { value: string; index: number } | undefined;
  // One line behind, since only the end of the file says which line is the trailer.
  for await (const line of numbered(lines)) {
    if (held !== undefined) {
      if (held.index === 0) mark = checkHeader(owner, held.value);
      else parseLine(rowSchema, held.value, held.index);
      hash.update(`${held.value}\n`);
    }
    held = line;
  }
  if (held === undefined || held.index === 0) throw badLine(held?.index ?? 0, "the file ends too early");
  const trailer = parseLine(trailerSchema, held.value, held.index);
  if (trailer.rows !== held.index - 1)
    throw badLine(held.index, `${trailer.rows} rows named, ${held.index - 1} found`);
  if (trailer.sha256 !== `0x${hash.digest("hex")}`)
    throw badLine(held.index, "the digest differs: the file is damaged");
  return { rows: trailer.rows, mark };
}

function checkHeader(owner: GuardOwner, text: string): number {
  const header = parseLine(headerSchema, text, 0);
  if (header.network !== owner.network)
    throw badLine(0, `for network ${header.network}, not ${owner.network}`);
  if (header.validator !== owner.validator)
    throw badLine(0, `for ${header.validator}, not ${owner.validator}`);
  return header.mark;
}

async function* numbered(lines: AsyncIterable<string>): AsyncGenerator<{ value: string; index: number }> {
  let index = 0;
  for await (const value of lines) {
    if (value !== "") yield { value, index: index++ };
  }
}

function parseLine<T>(schema: z.ZodType<T>, text: string, index: number): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badLine(index, "no JSON");
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badLine(index, z.prettifyError(parsed.error));
  return parsed.data;
}

function badLine(index: number, problem: string): CountersignError {
  return new CountersignError("INVALID_ARGUMENT", `line ${index + 1}: ${problem}`, { line: index + 1 });
}
