import type { SpawnOptions } from "node:child_process";

/**
 * Resolves with the exit code a shell would give: the program's own, or 128 and the signal's number.
 * `killAfterMs` is for programs that ignore signals: the program and all that it started are then killed.
 */
export function supervise(
  command: string,
  args: readonly string[],
  options?: SpawnOptions & { readonly killAfterMs?: number },
): Promise<number>;
