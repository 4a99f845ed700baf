import { stripVTControlCharacters, styleText } from "node:util";
import { CountersignError, isAbort, messageOf } from "../base/index.ts";

// Results go to standard output, everything else to standard error; colours only to a terminal.

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

type Style = Parameters<typeof styleText>[0];

/** Text in a colour where the stream is a terminal that wants colours. */
export function coloured(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream, validateStream: true });
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_key, item) => plain(item)));
}

/** Messages as JSON: 64-bit integers as strings, bytes as hex. */
function plain(item: unknown): unknown {
  if (typeof item === "bigint") return item.toString();
  if (item instanceof Uint8Array) return `0x${Buffer.from(item).toString("hex")}`;
  // Buffers come here after their own toJSON.
  if (
    typeof item === "object" &&
    item !== null &&
    "type" in item &&
    item.type === "Buffer" &&
    "data" in item
  ) {
    return `0x${Buffer.from(item.data as number[]).toString("hex")}`;
  }
  return item;
}

/** Says something to the person who waits. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Aligned columns on a terminal, tab-separated lines with a header for other programs. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  if (!process.stdout.isTTY) {
    for (const row of [header, ...rows]) print(row.map((cell) => cell.replaceAll(/[\t\n]/g, " ")).join("\t"));
    return;
  }
  const width = (text: string) => stripVTControlCharacters(text).length;
  const widths = header.map((title, column) =>
    Math.max(width(title), ...rows.map((row) => width(row[column] ?? ""))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd();
  print(coloured("bold", line(header)));
  for (const row of rows) print(line(row));
}

/** Tells of a failure in one line, or as JSON, and sets the exit code. */
export function fail(error: unknown, asJson: boolean): void {
  const { code, message } = describeError(error);
  if (asJson) printJson({ error: { code, message } });
  else note(`${coloured("red", "error:", process.stderr)} ${message}`);
  process.exitCode = code === "CONFIG_INVALID" || code === "USAGE" ? exitCodes.usage : exitCodes.failed;
}

function describeError(error: unknown): { code: string; message: string } {
  if (error instanceof CountersignError) return { code: error.code, message: error.message };
  if (isServiceError(error)) {
    const code = String(error.metadata.get("countersign-code")[0] ?? "UNAVAILABLE");
    const message = /^14 UNAVAILABLE/.test(error.message)
      ? `no answer from the node: ${error.details}`
      : error.details;
    return { code, message };
  }
  if (isAbort(error)) return { code: "CANCELLED", message: "interrupted" };
  return { code: "INTERNAL", message: messageOf(error) };
}

function isServiceError(
  error: unknown,
): error is Error & { details: string; metadata: { get(name: string): unknown[] } } {
  return error instanceof Error && "details" in error && "metadata" in error;
}
