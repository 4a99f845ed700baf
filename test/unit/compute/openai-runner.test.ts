import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, CountersignError, systemClock } from "../../../src/base/index.ts";
import { computeConfigSchema, type UrlModelConfig } from "../../../src/roles/compute/config.ts";
import { OpenAiRunner } from "../../../src/roles/compute/runners/openai-runner.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>) => void;

let server: Server;
let handler: Handler;
let calls: { url: string | undefined; body: Record<string, unknown>; key: string | undefined }[] = [];

before(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    calls.push({ url: request.url, body, key: request.headers.authorization });
    handler(request, response, body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  calls = [];
});

function runnerWith(
  options: object = {},
  { apiKey, clock }: { apiKey?: string; clock?: Clock } = {},
): OpenAiRunner {
  const path = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const config = computeConfigSchema.parse({
    models: [{ model_uuid: "m-1", source: "url", path, upstream_model: "big", max_tokens: 50, ...options }],
  });
  return new OpenAiRunner({ model: config.models[0] as UrlModelConfig, apiKey, clock: clock ?? systemClock });
}

async function ask(runner: OpenAiRunner, input: object, signal = new AbortController().signal) {
  const pieces: string[] = [];
  const output = JSON.parse(
    await runner.run(JSON.stringify(input), { signal, onPartial: (piece) => pieces.push(piece) }),
  );
  return { output, pieces };
}

const json =
  (status: number, value: unknown): Handler =>
  (_request, response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

const sse =
  (...parts: string[]): Handler =>
  async (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    // Each part is on the wire before the next, so the runner sees events cut anywhere.
    for (const part of parts) await new Promise<void>((resolve) => response.write(part, () => resolve()));
    response.end();
  };

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason }] });
const chat = { messages: [{ role: "user", content: "hi" }] };

async function failsWith(promise: Promise<unknown>, pattern: RegExp, code = "COMPUTE_FAILED"): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof CountersignError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

describe("OpenAI runner", () => {
  it("streams a chat, whatever way its events are cut", async () => {
    const whole = `: hello\r\n${delta("Grü")}${delta("ße")}${delta("", "stop")}${event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } })}data: [DONE]\n\n`;
    const bytes = [...Buffer.from(whole, "utf8")].map((byte) => Buffer.of(byte));
    handler = async (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      for (const byte of bytes) await new Promise<void>((resolve) => response.write(byte, () => resolve()));
      response.end();
    };
    const { output, pieces } = await ask(runnerWith({}, { apiKey: "secret" }), chat);
    assert.deepEqual(pieces, ["Grü", "ße"]);
    assert.deepEqual(output, {
      text: "Grüße",
      finish_reason: "stop",
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    assert.equal(calls[0]?.url, "/v1/chat/completions");
    assert.equal(calls[0]?.key, "Bearer secret");
  });

  it("passes on what a task may say, and decides the rest", async () => {
    handler = json(200, { choices: [{ message: { content: "ok" }, finish_reason: "length" }] });
    const input = {
      ...chat,
      model: "other",
      n: 9,
      max_tokens: 900,
      temperature: 0.5,
      stream: false,
      user: "x",
    };
    const { output } = await ask(runnerWith(), input);
    assert.deepEqual(calls[0]?.body, {
      model: "big",
      messages: chat.messages,
      temperature: 0.5,
      max_tokens: 50,
      stream: true,
      stream_options: { include_usage: true },
    });
    assert.equal(calls[0]?.key, undefined);
    assert.deepEqual(output, {
      text: "ok",
      finish_reason: "length",
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    });
  });

  it("asks for completions", async () => {
    handler = sse(
      event({ choices: [{ text: "a" }] }),
      event({ choices: [{ text: "b", finish_reason: "stop" }] }),
    );
    const { output, pieces } = await ask(runnerWith(), { prompt: "x" });
    assert.equal(calls[0]?.url, "/v1/completions");
    assert.equal(output.text, "ab");
    assert.deepEqual(pieces, ["a", "b"]);
  });

  it("asks for embeddings", async () => {
    handler = json(200, {
      data: [{ embedding: [1, 2] }, { embedding: [3] }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const { output } = await ask(runnerWith(), { input: ["a", "b"] });
    assert.equal(calls[0]?.url, "/v1/embeddings");
    assert.deepEqual(calls[0]?.body, { model: "big", input: ["a", "b"] });
    assert.deepEqual(output.embeddings, [[1, 2], [3]]);
    assert.equal(output.usage.total_tokens, 4);
  });

  it("puts streamed tool calls together", async () => {
    const call = (part: object) => event({ choices: [{ delta: { tool_calls: [part] } }] });
    handler = sse(
      call({ index: 0, id: "c1", function: { name: "look", arguments: '{"a"' } }),
      call({ index: 0, function: { arguments: ":1}" } }),
      event({ choices: [{ delta: {}, finish_reason: "tool_calls" }] }),
    );
    const { output } = await ask(runnerWith(), chat);
    assert.deepEqual(output.tool_calls, [
      { id: "c1", type: "function", function: { name: "look", arguments: '{"a":1}' } },
    ]);
  });

  for (const [name, answer, pattern] of [
    ["OpenAI's error", json(429, { error: { message: "slow down" } }), /answered 429: slow down/],
    ["Ollama's error", json(404, { error: "no such model" }), /answered 404: no such model/],
    ["an error in a good answer", json(200, { error: { message: "oops" } }), /reports: oops/],
    ["an error in the stream", sse(delta("a"), event({ error: { message: "gone" } })), /reports: gone/],
    ["a stream that breaks off", sse(delta("a")), /broke off/],
    ["garbage in the stream", sse("data: {nonsense\n\n"), /no JSON object/],
    ["a list in the stream", sse("data: [1]\n\n"), /no JSON object/],
    ["garbage", (_: unknown, response: ServerResponse) => response.end("<html>"), /no JSON object/],
    ["no text", json(200, { choices: [{}] }), /without a text/],
    ["no choices", json(200, {}), /without a text/],
    ["a reset", (request: IncomingMessage) => request.socket.destroy(), /cannot be reached/],
    [
      "a redirect",
      (_: unknown, response: ServerResponse) =>
        response.writeHead(307, { location: "http://127.0.0.1:9/" }).end(),
      /cannot be reached/,
    ],
    ["an oversize answer", json(200, { choices: [{ text: "x".repeat(5_000) }] }), /more than 2048 bytes/],
    [
      "an oversize stream",
      sse(...Array.from({ length: 60 }, () => delta("y".repeat(50)))),
      /more than 2048 bytes/,
    ],
  ] as [string, Handler, RegExp][])
    it(`fails on ${name}`, async () => {
      handler = answer;
      await failsWith(ask(runnerWith({ max_response_bytes: 2_048 }), { prompt: "x" }), pattern);
    });

  it("fails on embeddings that are none", async () => {
    handler = json(200, { data: [{ embedding: 7 }] });
    await failsWith(ask(runnerWith(), { input: "x" }), /without embeddings/);
  });

  it("fails when nobody listens", async () => {
    await failsWith(ask(runnerWith({ path: "http://127.0.0.1:1/v1" }), chat), /cannot be reached/);
  });

  it("gives up on a server that stays silent, and on one that never ends", async () => {
    // The timers of a call, to be fired by the test.
    const timers: { delayMs: number; fire: () => void }[] = [];
    const clock: Clock = {
      ...systemClock,
      after(delayMs, fire) {
        const timer = { delayMs, fire };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    };
    const limits = { timeout_ms: 5_000, idle_timeout_ms: 3_000 };
    for (const [delayMs, pattern] of [
      [3_000, /silent for 3000 ms/],
      [5_000, /longer than 5000 ms/],
    ] as const) {
      handler = () => timers.find((timer) => timer.delayMs === delayMs)?.fire();
      await failsWith(ask(runnerWith(limits, { clock }), chat), pattern);
      assert.equal(timers.length, 0);
    }
  });

  it("lets go when the task is aborted", async () => {
    const abort = new AbortController();
    const disconnected = new Promise<void>((resolve) => {
      handler = (request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(delta("a"));
        request.socket.on("close", () => resolve());
      };
    });
    const run = runnerWith().run(JSON.stringify(chat), {
      signal: abort.signal,
      onPartial: () => abort.abort(new Error("cancelled by the client")),
    });
    await assert.rejects(run, /cancelled by the client/);
    await disconnected;
  });

  for (const input of [{}, { prompt: "a", messages: [] }, { prompt: "a", max_tokens: -1 }])
    it(`refuses ${JSON.stringify(input)} without asking the server`, async () => {
      await failsWith(ask(runnerWith(), input), /./, "INVALID_ARGUMENT");
      assert.equal(calls.length, 0);
    });
});
