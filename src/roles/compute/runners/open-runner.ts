import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, CountersignError, type Logger } from "../../../base/index.ts";
import type { ExecutorConfig, ModelConfig } from "../config.ts";
import { createEchoRunner } from "./echo-runner.ts";
import { openExecutorRunner } from "./executor-runner.ts";
import { OnnxRunner } from "./onnx-runner.ts";
import { OpenAiRunner } from "./openai-runner.ts";
import type { Runner } from "./runner.ts";

export interface RunnerContext {
  /** Relative paths in the config start here. */
  readonly configFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly executor: ExecutorConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes the runner that a model's `source` names, ready to run.
 * @throws CountersignError CONFIG_INVALID when the model cannot be run on this machine
 */
export async function openRunner(model: ModelConfig, context: RunnerContext): Promise<Runner> {
  switch (model.source) {
    case "path": {
      const runner = new OnnxRunner({
        folder: modelFolder(model.path, context.configFolder),
        maxTokens: model.max_tokens,
        clock: context.clock,
        ...(model.preload ? {} : { unloadAfterMs: model.unload_after_ms }),
      });
      await (model.preload ? runner.warmUp() : runner.check());
      return runner;
    }
    case "url":
      return new OpenAiRunner({
        model,
        apiKey: apiKeyOf(model.api_key_env, context.environment),
        clock: context.clock,
      });
    case "executor":
      return openExecutorRunner(model, context);
    case "benchmark-echo":
      return createEchoRunner();
    case "huggingface":
      throw new CountersignError(
        "CONFIG_INVALID",
        'models: downloads from Hugging Face are not implemented yet; use "path" or "url"',
      );
  }
}

const builtinPrefix = "builtin:";

function modelFolder(path: string, configFolder: string): string {
  if (!path.startsWith(builtinPrefix)) return resolve(configFolder, path);
  const name = path.slice(builtinPrefix.length);
  const folder = join(packageFolder(), "models", name);
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(folder))
    throw new CountersignError(
      "CONFIG_INVALID",
      `models: there is no model "${path}"; there is builtin:tiny-text`,
    );
  return folder;
}

/** The folder of this package's package.json, from a checkout and from dist alike. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new CountersignError("CONFIG_INVALID", "the program's own folder was not found");
    folder = parent;
  }
  return folder;
}

function apiKeyOf(
  name: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (name === undefined) return undefined;
  const value = environment[name];
  if (value === undefined || value === "")
    throw new CountersignError("CONFIG_INVALID", `api_key_env: the environment has no ${name}`);
  return value;
}
