import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CountersignError } from "../base/index.ts";

/** How long a stopping node may take before it is killed. */
const stopTimeoutMs = 8_000;
const shownLogLines = 3;
/** A devnet's nodes share one machine: a smaller young generation spares each of them 40 MB and some page faults. */
const nodeFlags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=2"];

/** A node in a process of its own, which ends when this process does. */
export class NodeProcess {
  readonly name: string;
  readonly folder: string;
  readonly #program: string;
  readonly #config: string;
  readonly #within: readonly string[];
  #child: ChildProcess | undefined;
  #endpoints: Record<string, string> = {};

  /**
   * @param program the command line's main file
   * @param within a command to put in front, one that becomes the node's process, such as `ip netns exec NAME`
   */
  constructor(options: {
    name: string;
    folder: string;
    program: string;
    config: string;
    within?: readonly string[];
  }) {
    this.name = options.name;
    this.folder = options.folder;
    this.#program = options.program;
    this.#config = options.config;
    this.#within = options.within ?? [];
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it listened on when it was last ready, by name. */
  get endpoints(): Readonly<Record<string, string>> {
    return this.#endpoints;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the node and resolves with its endpoints once it is ready. @throws CountersignError UNAVAILABLE with its own last words */
  async start(signal: AbortSignal): Promise<Record<string, string>> {
    const log = openSync(this.logFile, "a");
    const [execPath = process.execPath, ...execArgv] = [...this.#within, process.execPath, ...nodeFlags];
    const child = fork(this.#program, ["node", "--config", this.#config], {
      stdio: ["ignore", log, log, "ipc"],
      execPath,
      execArgv,
    });
    closeSync(log);
    this.#child = child;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        child.off("message", onMessage);
        child.off("exit", onExit);
        signal.removeEventListener("abort", onAbort);
        finish();
      };
      const onMessage = (message: unknown) => {
        const ready = (message as { ready?: Record<string, string> }).ready;
        if (ready === undefined) return;
        this.#endpoints = ready;
        settle(() => resolve(ready));
      };
      const onExit = () =>
        settle(() =>
          reject(new CountersignError("UNAVAILABLE", `${this.name} did not start: ${this.lastWords()}`)),
        );
      const onAbort = () => settle(() => reject(signal.reason));
      child.on("message", onMessage);
      child.once("exit", onExit);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  get logFile(): string {
    return join(this.folder, "node.log");
  }

  /** What the node last said that was no ordinary log line. */
  lastWords(): string {
    const lines = readFileSync(this.logFile, "utf8").trim().split("\n");
    const plain = lines.filter((line) => !line.startsWith("{"));
    return (plain.length > 0 ? plain : lines).slice(-shownLogLines).join(" | ") || "it said nothing";
  }

  /** Ends the process at once, as a crash would, and resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Lets the node stop in order; kills it when it takes too long. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await gone;
    clearTimeout(force);
  }
}
