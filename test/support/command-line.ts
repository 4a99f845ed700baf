import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { bundleProgram } from "../../scripts/bundle.mjs";

/** The command line's main file, as `npm run countersign` starts it. */
export const program = bundleProgram();

/** No command of a test takes as long, whatever else the machine does. */
const patienceMs = 240_000;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<CommandResult>;
  /** Resolves once standard error or output holds the text; rejects when the command ends without. */
  wrote(text: string | RegExp): Promise<void>;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Starts `countersign <args>` as a process of its own. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // The configuration that `init` writes names one port for metrics; tests run side by side.
    env: { ...process.env, NO_COLOR: "1", COUNTERSIGN_METRICS__LISTEN: "", ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const output = { stdout: "", stderr: "" };
  const looks = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of [...looks]) look();
    });
  }
  // What hangs fails its test and is not left behind.
  const force = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  child.once("close", () => {
    clearTimeout(force);
    process.off("exit", killAtExit);
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return {
    child,
    output,
    ended,
    wrote(text) {
      const isThere = () =>
        [output.stdout, output.stderr].some((all) =>
          typeof text === "string" ? all.includes(text) : text.test(all),
        );
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!isThere()) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
        void ended.then(({ code, stderr }) =>
          reject(new Error(`ended with ${code} before it wrote ${text}: ${stderr}`)),
        );
      });
    },
  };
}

export function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startCommand(args, options).ended;
}
