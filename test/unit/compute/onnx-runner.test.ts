import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../src/base/index.ts";
import { OnnxRunner } from "../../../src/roles/compute/runners/onnx-runner.ts";
import type { TextOutput } from "../../../src/roles/compute/runners/runner.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const folder = fileURLToPath(new URL("../../../models/tiny-text", import.meta.url));
const never = new AbortController().signal;
const ignore = () => {};

async function textOf(runner: OnnxRunner, input: object): Promise<TextOutput> {
  return JSON.parse(await runner.run(JSON.stringify(input), { signal: never, onPartial: ignore }));
}

describe("ONNX runner", () => {
  const runner = new OnnxRunner({ folder, maxTokens: 200, clock: systemClock });
  after(() => runner.close());

  it("continues a prompt with words, the same each time at temperature 0", async () => {
    const first = await textOf(runner, { prompt: "Once upon a time", max_tokens: 40 });
    const second = await textOf(runner, { prompt: "Once upon a time", max_tokens: 40 });
    assert.deepEqual(first, second);
    assert.match(first.text, /^ there was /);
    assert.equal(first.finish_reason, "length");
    assert.equal(first.usage.completion_tokens, 40);
    assert.equal(first.usage.total_tokens, first.usage.prompt_tokens + 40);
  });

  it("answers a chat and ends by itself", async () => {
    const { text, finish_reason } = await textOf(runner, {
      messages: [{ role: "user", content: [{ type: "text", text: "What is a receipt?" }] }],
    });
    assert.match(text, /^[A-Z].*\.$/);
    assert.match(text, /receipt|proof/i);
    assert.ok(!text.includes("User:"));
    assert.equal(finish_reason, "stop");
  });

  for (const input of [{ prompt: "The network has" }, { messages: [{ role: "user", content: "Hi" }] }])
    it(`streams exactly the text of the result of a ${Object.keys(input)[0]}`, async () => {
      const pieces: string[] = [];
      const output = await runner.run(JSON.stringify(input), {
        signal: never,
        onPartial: (piece) => pieces.push(piece),
      });
      assert.ok(pieces.length > 1);
      assert.equal(pieces.join(""), (JSON.parse(output) as TextOutput).text);
    });

  it("follows the seed at a temperature", async () => {
    const ask = (seed: number) => textOf(runner, { prompt: "Once", temperature: 1.2, seed, max_tokens: 60 });
    const [one, again, other] = [await ask(1), await ask(1), await ask(2)];
    assert.equal(one.text, again.text);
    assert.notEqual(one.text, other.text);
  });

  it("runs several tasks at once without mixing them up", async () => {
    const prompts = ["Once upon a time", "The network has", "User: Hi\nAnswer:", "漢字 🙂"];
    const ask = (prompt: string) => textOf(runner, { prompt, max_tokens: 30 });
    const alone: TextOutput[] = [];
    for (const prompt of prompts) alone.push(await ask(prompt));
    assert.deepEqual(await Promise.all(prompts.map(ask)), alone);
  });

  it("ends at a stop string and does not show it", async () => {
    const { text } = await textOf(runner, { prompt: "Once upon a time", stop: [" called "] });
    assert.ok(text.length > 0 && !text.includes(" called "));
  });

  it("stops when it is aborted and takes the next task", async () => {
    const abort = new AbortController();
    const aborted = runner.run(JSON.stringify({ prompt: "Once upon" }), {
      signal: abort.signal,
      onPartial: () => abort.abort(new Error("not wanted any more")),
    });
    await assert.rejects(aborted, /not wanted any more/);
    assert.equal((await textOf(runner, { prompt: "Once", max_tokens: 1 })).usage.completion_tokens, 1);
  });

  for (const [name, input, code, pattern] of [
    ["no prompt", {}, "INVALID_ARGUMENT", /either prompt or messages/],
    ["both", { prompt: "a", messages: [] }, "INVALID_ARGUMENT", /either prompt or messages/],
    ["a hot temperature", { prompt: "a", temperature: 3 }, "INVALID_ARGUMENT", /temperature/],
    ["no tokens", { prompt: "a", max_tokens: 0 }, "INVALID_ARGUMENT", /max_tokens/],
    ["tools", { prompt: "a", tools: [{}] }, "INVALID_ARGUMENT", /tools/],
    ["another top_p", { prompt: "a", top_p: 0.5 }, "INVALID_ARGUMENT", /top_p/],
    ["a long prompt", { prompt: "zq ".repeat(5_000) }, "TOO_LARGE", /tokens/],
    ["a huge prompt", { prompt: "a".repeat(1_100_000) }, "TOO_LARGE", /input_data/],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      "INVALID_ARGUMENT",
      /text/,
    ],
  ] as const)
    it(`refuses ${name}`, async () => {
      await assert.rejects(textOf(runner, input), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, pattern);
        return true;
      });
    });

  it("never makes more tokens than the model allows", async () => {
    const short = new OnnxRunner({ folder, maxTokens: 5, clock: systemClock });
    try {
      const { usage } = await textOf(short, { prompt: "Once upon a time", max_tokens: 1_000 });
      assert.equal(usage.completion_tokens, 5);
    } finally {
      await short.close();
    }
  });

  it("refuses a model whose file is not the one its manifest names", async () => {
    const copy = await mkdtemp(join(tmpdir(), "model-"));
    try {
      await cp(folder, copy, { recursive: true });
      await writeFile(join(copy, "tokenizer.json"), "{}");
      const changed = new OnnxRunner({ folder: copy, maxTokens: 5, clock: systemClock });
      await assert.rejects(changed.check(), /tokenizer\.json has SHA-256/);
      await assert.rejects(changed.warmUp(), /tokenizer\.json has SHA-256/);
    } finally {
      await rm(copy, { recursive: true });
    }
  });

  it("says what is missing when the folder holds no model", async () => {
    const missing = new OnnxRunner({ folder: join(folder, "nothing"), maxTokens: 5, clock: systemClock });
    await assert.rejects(missing.warmUp(), /manifest\.json cannot be read/);
  });

  it("unloads an idle model and loads it again", async () => {
    const clock = new ManualClock();
    const idle = new OnnxRunner({ folder, maxTokens: 5, unloadAfterMs: 1_000, clock });
    try {
      await idle.check();
      assert.equal(idle.isLoaded, false);
      const first = await textOf(idle, { prompt: "Once" });
      clock.advance(999);
      assert.equal(idle.isLoaded, true);
      clock.advance(1);
      assert.equal(idle.isLoaded, false);
      assert.deepEqual(await textOf(idle, { prompt: "Once" }), first);
    } finally {
      await idle.close();
    }
    assert.equal(clock.pending, 0);
  });

  it("refuses tasks once closed", async () => {
    const closed = new OnnxRunner({ folder, maxTokens: 5, clock: systemClock });
    await closed.close();
    await assert.rejects(textOf(closed, { prompt: "a" }), /closed/);
  });
});
