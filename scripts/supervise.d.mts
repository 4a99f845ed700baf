import type { SpawnOptions } from "node:child_process";

/** Resolves with the exit code a shell would give: the program's own, or 128 and the signal's number. */
export function supervise(command: string, args: readonly string[], options?: SpawnOptions): Promise<number>;
