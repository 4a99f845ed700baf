// Runs a program and keeps what it says, so that the words of programs that run at the same time stay apart.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { supervise } from "./supervise.mjs";

export interface Captured {
  /** As a shell would give it: 128 and more after a signal. */
  readonly code: number;
  /** Both streams in the order in which they were written. */
  readonly output: string;
}

/** Through a file and not a pipe: nothing is lost when the program is killed, and what it started cannot hold it open. */
export async function capture(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Captured> {
  const scratch = mkdtempSync(join(tmpdir(), "countersign-output-"));
  const file = join(scratch, "output");
  const output = openSync(file, "a");
  try {
    const code = await supervise(command, args, { ...options, stdio: ["ignore", output, output] });
    return { code, output: readFileSync(file, "utf8") };
  } finally {
    closeSync(output);
    rmSync(scratch, { recursive: true, force: true });
  }
}
