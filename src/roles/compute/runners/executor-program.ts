import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { type Cancel, type Clock, CountersignError, type Logger, messageOf } from "../../../base/index.ts";
import { LineReader } from "./json-lines.ts";

export interface ProgramStart {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

interface RunContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  onPartial(piece: string): void;
}

/** What is kept of a program's standard error for the log. */
const keptErrorCharacters = 2_000;
/** Longest error message of a program that is passed on. */
const maxErrorCharacters = 1_000;
/** A process that left the group may hold the pipes open; it is not waited for. */
const pipesCloseMs = 1_000;

/**
 * One run of a program: JSON on its standard input, JSON lines on its standard output. Whatever the end, the
 * process group is killed before this settles.
 */
export function runProgram(start: ProgramStart, input: string, context: RunContext): Promise<string> {
  const { signal } = context;
  signal.throwIfAborted();
  const [program = "", ...args] = start.command;
  const child = spawn(program, args, {
    cwd: start.cwd,
    env: { ...start.environment },
    // A group of its own, so that the whole family can be killed.
    detached: true,
    stdio: "pipe",
  });
  return new ProgramRun(child, start, context).result(input);
}

type Ending = { readonly output: string } | { readonly error: unknown };

class ProgramRun {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #start: ProgramStart;
  readonly #context: RunContext;
  readonly #lines: LineReader;
  readonly #timers: Cancel[] = [];
  #standardError = "";
  #ending: Ending | undefined;
  #hasExited = false;
  #settle: (ending: Ending) => void = () => {};

  constructor(child: ChildProcessWithoutNullStreams, start: ProgramStart, context: RunContext) {
    this.#child = child;
    this.#start = start;
    this.#context = context;
    this.#lines = new LineReader(start.maxOutputBytes);
  }

  result(input: string): Promise<string> {
    const { signal, clock, logger } = this.#context;
    const { timeoutMs } = this.#start;
    const child = this.#child;
    const onAbort = () => this.#end({ error: signal.reason });
    signal.addEventListener("abort", onAbort, { once: true });
    this.#timers.push(
      clock.after(timeoutMs, () => this.#fail(`the executor took longer than ${timeoutMs} ms`)),
    );
    child.stdout.on("data", (chunk: Buffer) => this.#read(this.#lines.push(chunk)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#standardError = (this.#standardError + text).slice(-keptErrorCharacters);
    });
    // A program need not read its input; then the pipe breaks.
    child.stdin.on("error", (error) => logger.debug({ reason: error.message }, "executor read no input"));
    child.stdin.end(input);
    return new Promise<string>((resolve, reject) => {
      let isSettled = false;
      this.#settle = (ending) => {
        if (isSettled) return;
        isSettled = true;
        signal.removeEventListener("abort", onAbort);
        for (const cancel of this.#timers) cancel();
        for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
        if (this.#standardError !== "")
          logger.debug({ text: this.#standardError }, "executor's standard error");
        if ("output" in ending) resolve(ending.output);
        else reject(ending.error);
      };
      child.on("error", (error) => {
        const message = "the executor cannot be started";
        logger.error({ reason: messageOf(error) }, message);
        this.#hasExited = true;
        this.#end({ error: new CountersignError("COMPUTE_FAILED", message, {}, error) });
      });
      child.on("exit", () => this.#onExit());
      child.on("close", (code, killedBy) => this.#onClose(code, killedBy));
    });
  }

  #onExit(): void {
    this.#hasExited = true;
    this.#killGroup();
    if (this.#ending !== undefined) this.#settle(this.#ending);
    else this.#timers.push(this.#context.clock.after(pipesCloseMs, () => this.#onClose(null, null)));
  }

  #onClose(code: number | null, killedBy: NodeJS.Signals | null): void {
    this.#read(this.#lines.end());
    const how = killedBy === null ? `with code ${code ?? "unknown"}` : `by signal ${killedBy}`;
    if (this.#ending === undefined && this.#standardError !== "")
      this.#context.logger.warn({ how, text: this.#standardError }, "executor ended without an output");
    this.#fail(`the executor ended ${how} and gave no output`);
  }

  #read(lines: string[] | undefined): void {
    if (this.#ending !== undefined) return;
    if (lines === undefined) this.#fail(`the executor wrote more than ${this.#start.maxOutputBytes} bytes`);
    for (const line of lines ?? []) {
      this.#readLine(line);
      if (this.#ending !== undefined) return;
    }
  }

  #readLine(line: string): void {
    const message = parsedObject(line);
    const { partial, output, error } = message ?? {};
    if (message === undefined) this.#fail("the executor wrote a line that is no JSON object");
    else if (output !== undefined) this.#end({ output: JSON.stringify(output) });
    else if (typeof error === "string") this.#fail(error.slice(0, maxErrorCharacters));
    else if (typeof partial === "string") this.#context.onPartial(partial);
    else this.#fail("the executor wrote a line without partial, output or error");
  }

  #fail(message: string): void {
    this.#end({ error: new CountersignError("COMPUTE_FAILED", message) });
  }

  /** The first ending counts. It is told once the processes are gone. */
  #end(ending: Ending): void {
    this.#ending ??= ending;
    if (this.#hasExited) this.#settle(this.#ending);
    else this.#killGroup();
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // ESRCH: all of them are gone already.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH")
        this.#context.logger.warn({ reason: messageOf(error) }, "executor's processes cannot be killed");
    }
  }
}

function parsedObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
