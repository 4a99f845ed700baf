import { accessSync, constants, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { type Clock, CountersignError, type Logger } from "../../../base/index.ts";
import type { ExecutorConfig, ExecutorModelConfig } from "../config.ts";
import { type ProgramStart, runProgram } from "./executor-program.ts";
import type { Runner } from "./runner.ts";
import { openSandbox } from "./sandbox.ts";
import { parseJsonInput } from "./text-input.ts";

export interface ExecutorContext {
  readonly configFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly executor: ExecutorConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Runs an operator's program, once for each task, in the sandbox that the config asks for.
 * @throws CountersignError CONFIG_INVALID when there is no such program, or no such sandbox on this machine
 */
export async function openExecutorRunner(
  model: ExecutorModelConfig,
  context: ExecutorContext,
): Promise<Runner> {
  const { configFolder, environment, executor, clock, logger } = context;
  const cwd = resolve(configFolder);
  const searchPath = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const program = findProgram(model.path, cwd, searchPath);
  const usedPaths = [program, cwd, ...model.args.filter((arg) => isAbsolute(arg))];
  const sandbox = await openSandbox(executor.sandbox, { usedPaths, cwd, logger });
  const scratch = sandbox.scratchFolder ?? tmpdir();
  const limits = {
    memoryMb: model.memory_mb ?? executor.memory_mb,
    cpuSeconds: model.cpu_seconds ?? executor.cpu_seconds,
  };
  const start: ProgramStart = {
    command: sandbox.wrap([program, ...model.args], limits),
    cwd,
    // The node's own environment may hold keys and passphrases.
    environment: { PATH: searchPath, HOME: scratch, TMPDIR: scratch, LANG: "C.UTF-8", ...model.env },
    timeoutMs: model.timeout_ms ?? executor.timeout_ms,
    maxOutputBytes: model.max_output_bytes ?? executor.max_output_bytes,
  };
  const closed = new AbortController();
  return {
    async run(input, { signal, onPartial }) {
      parseJsonInput(input);
      const all = AbortSignal.any([signal, closed.signal]);
      return runProgram(start, input, { signal: all, onPartial, clock, logger });
    },
    async close() {
      closed.abort(new CountersignError("UNAVAILABLE", "the model's runner was closed"));
    },
  };
}

function findProgram(path: string, cwd: string, searchPath: string): string {
  const places = path.includes("/") ? [cwd] : searchPath.split(delimiter);
  for (const place of places) {
    const candidate = path.includes("/") ? resolve(place, path) : join(place, path);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here: the next place.
    }
  }
  throw new CountersignError("CONFIG_INVALID", `models: there is no program "${path}" that can be run`);
}
