import type { Runner, TextOutput } from "./runner.ts";
import { parseJsonObject } from "./text-input.ts";

/**
 * `source: benchmark-echo`: answers the prompt itself, at once. It measures everything around a model and is no
 * model; an operator who offers it to the public offers nothing.
 */
export function createEchoRunner(): Runner {
  return {
    async run(input) {
      const { prompt } = parseJsonObject(input);
      const output: TextOutput = {
        text: typeof prompt === "string" ? prompt : input,
        finish_reason: "stop",
        usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      };
      return JSON.stringify(output);
    },
    async close() {},
  };
}
