import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Lan } from "./lan.ts";

/** Starts a program of this folder on a host. It ends when this process does: its channel closes then. */
export function forkOn(lan: Lan, host: string, file: string, args: readonly string[]): ChildProcess {
  const flags = ["--disable-warning=ExperimentalWarning"];
  const [execPath = "", ...execArgv] = [...lan.on(host), process.execPath, ...flags];
  return fork(fileURLToPath(new URL(file, import.meta.url)), [...args], { execPath, execArgv });
}

/** Resolves when the program says `{ ready: true }`. @throws Error when it ends instead */
export function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`a program on a host ended with ${code}`)));
    child.once("error", reject);
  });
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.disconnect();
  await gone;
}
