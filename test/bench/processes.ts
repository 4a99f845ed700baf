import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleProgram } from "../../scripts/bundle.mjs";

/** The command line's main file, as `npm run countersign` starts it. */
export const program = bundleProgram();

const stopTimeoutMs = 8_000;

/** A process of a benchmark. It ends with the benchmark at the latest: its channel closes then. */
export interface Running<Ready> {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ready: Ready;
  /** From the start to its word that it is ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly file: string;
  readonly args?: readonly string[];
  /** What it writes goes here; where it fails, its last lines are shown. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  readonly signal: AbortSignal;
}

/** Starts a program that tells by a message `{ ready }` when it is. */
export async function start<Ready>(options: StartOptions): Promise<Running<Ready>> {
  const { file, args = [], logFile, env = {}, execArgv = [], signal } = options;
  signal.throwIfAborted();
  const log = openSync(logFile, "a");
  const startedMs = performance.now();
  const child = fork(file, [...args], {
    stdio: ["ignore", log, log, "ipc"],
    env: { ...process.env, ...env },
    execArgv: ["--disable-warning=ExperimentalWarning", ...execArgv],
    serialization: "advanced",
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await exited;
    clearTimeout(force);
  };
  const onAbort = () => void stop();
  signal.addEventListener("abort", onAbort, { once: true });
  void exited.then(() => signal.removeEventListener("abort", onAbort));
  const ready = await new Promise<Ready>((resolve, reject) => {
    const onMessage = (message: unknown) => {
      const said = (message as { ready?: Ready }).ready;
      if (said === undefined) return;
      child.off("message", onMessage);
      resolve(said);
    };
    child.on("message", onMessage);
    child.once("error", reject);
    void exited.then(() => reject(new Error(`${file} ended: ${lastWords(logFile)}`)));
  });
  return { child, pid: child.pid ?? 0, ready, readyMs: performance.now() - startedMs, stop };
}

/** Starts a node by its configuration file's folder. */
export function startNodeProcess(
  folder: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = {},
): Promise<Running<Record<string, string>>> {
  const args = ["node", "--config", join(folder, "config.yaml")];
  return start({ file: program, args, logFile: join(folder, "node.log"), env, signal });
}

/** The next message of a process that holds `key`. */
export function told<T>(running: Running<unknown>, key: string): Promise<T> {
  const { child } = running;
  return new Promise((resolve, reject) => {
    const onMessage = (message: Record<string, T>) => {
      const value = message[key];
      if (value === undefined) return;
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(value);
    };
    const onExit = () => reject(new Error("a process of the benchmark ended early"));
    child.on("message", onMessage);
    child.once("exit", onExit);
  });
}

function lastWords(logFile: string): string {
  return readFileSync(logFile, "utf8").trim().split("\n").slice(-12).join(" | ") || "it said nothing";
}

/** Resident memory of a process, in MB of 10⁶ bytes. */
export function rssMb(pid: number): number {
  const kib =
    process.platform === "linux"
      ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
      : Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
  return (kib * 1024) / 1e6;
}

/** Processor time that a process has used, in ms; NaN where the platform does not tell. */
export function cpuMs(pid: number): number {
  if (process.platform !== "linux") return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // User and system time, in ticks of 10 ms on every Linux that Node.js runs on.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
