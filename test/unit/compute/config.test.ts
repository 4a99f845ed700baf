import assert from "node:assert/strict";
import { silentLogger, systemClock } from "../../../src/base/index.ts";
import { computeConfigSchema } from "../../../src/roles/compute/config.ts";
import { openRunner } from "../../../src/roles/compute/runners/open-runner.ts";

const echo = { model_uuid: "m", source: "benchmark-echo" };

function problemOf(config: object): string {
  const parsed = computeConfigSchema.safeParse({ models: [echo], ...config });
  return parsed.success
    ? ""
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}

describe("compute config", () => {
  it("has a default for everything but the models", () => {
    const config = computeConfigSchema.parse({ models: [echo] });
    assert.equal(config.max_tasks, 4);
    assert.equal(config.heartbeat_interval_ms, 10_000);
    assert.equal(config.executor.sandbox, "strict");
    assert.equal(config.models[0]?.price_wei, "0");
  });

  for (const [name, config, pattern] of [
    ["no model", { models: [] }, /models/],
    ["one uuid twice", { models: [echo, echo] }, /each model_uuid may stand here once/],
    ["a source that there is not", { models: [{ model_uuid: "m", source: "magic" }] }, /models\.0\.source/],
    [
      "a uuid that no gateway takes",
      { models: [{ ...echo, model_uuid: "my model" }] },
      /model_uuid: 1 to 128 visible/,
    ],
    ["a misspelt key", { models: [{ ...echo, prise: "1" }] }, /prise/],
    ["a price that is no amount", { models: [{ ...echo, price_wei: "1.5" }] }, /price_wei: an amount in wei/],
    [
      "a URL that is none",
      { models: [{ model_uuid: "m", source: "url", path: "ftp://x" }] },
      /models\.0\.path/,
    ],
    [
      "a download",
      { models: [{ model_uuid: "m", source: "huggingface", path: "a/b" }] },
      /models\.0\.source: downloads from Hugging Face are not implemented yet/,
    ],
    ["a gateway without a port", { gateways: ["localhost"] }, /gateways\.0: host:port/],
    ["an unknown sandbox", { executor: { sandbox: "none" } }, /executor\.sandbox/],
    ["a subnet id that is too large", { subnet_id: "18446744073709551616" }, /subnet_id/],
  ] as const)
    it(`refuses ${name}`, () => assert.match(problemOf(config), pattern));

  for (const [name, model, pattern] of [
    [
      "a built-in model that there is not",
      { source: "path", path: "builtin:huge" },
      /there is builtin:tiny-text/,
    ],
    [
      "a built-in path that leads away",
      { source: "path", path: "builtin:../src" },
      /there is builtin:tiny-text/,
    ],
    [
      "a key that is not in the environment",
      { source: "url", path: "http://127.0.0.1/v1", api_key_env: "NO_SUCH_KEY" },
      /environment has no NO_SUCH_KEY/,
    ],
  ] as const)
    it(`does not start with ${name}`, async () => {
      const config = computeConfigSchema.parse({ models: [{ model_uuid: "m", ...model }] });
      const [parsed] = config.models;
      assert.ok(parsed !== undefined);
      const context = {
        configFolder: "/",
        environment: {},
        executor: config.executor,
        clock: systemClock,
        logger: silentLogger,
      };
      await assert.rejects(openRunner(parsed, context), pattern);
    });

  it("opens the echo, which answers at once", async () => {
    const config = computeConfigSchema.parse({ models: [echo] });
    const [parsed] = config.models;
    assert.ok(parsed !== undefined);
    const runner = await openRunner(parsed, {
      configFolder: "/",
      environment: {},
      executor: config.executor,
      clock: systemClock,
      logger: silentLogger,
    });
    const output = await runner.run('{"prompt":"hi"}', {
      signal: new AbortController().signal,
      onPartial: () => {},
    });
    assert.equal(JSON.parse(output).text, "hi");
  });
});
