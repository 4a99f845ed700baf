import assert from "node:assert/strict";
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "openai";
import { CountersignError, sha256, silentLogger, systemClock } from "../../../src/base/index.ts";
import { type FrontOptions, Limits, limitsConfigSchema } from "../../../src/facade/front/index.ts";
import { type HttpServer, startHttpServer } from "../../../src/facade/http/index.ts";
import { openAiRoutes } from "../../../src/facade/openai/index.ts";
import { gatewayOperations } from "../../../src/operations/index.ts";
import { openFront } from "../../support/open-front.ts";
import { by, type TestGateway, TestNode, testGateway } from "../../unit/gateway/builders.ts";

const messages = [{ role: "user" as const, content: "Hello" }];
const output = (text: string) =>
  JSON.stringify({
    text,
    finish_reason: "stop",
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  });

describe("OpenAI-style facade", () => {
  let net: TestGateway;
  let node: TestNode;
  const servers: HttpServer[] = [];

  beforeEach(async () => {
    net = await testGateway();
    node = new TestNode();
    node.connect(net);
  });
  afterEach(async () => {
    const now = AbortSignal.abort();
    await Promise.all(servers.splice(0).map((server) => server.stop(now)));
    await net.stop();
  });

  async function serve(options: Partial<FrontOptions> = {}): Promise<OpenAI> {
    const operations = new Map(gatewayOperations(net.gateway).map((one) => [one.name, one]));
    const front = openFront(options);
    const server = await startHttpServer({
      listen: "127.0.0.1:0",
      mounts: [openAiRoutes({ front, operations, clock: systemClock, logger: silentLogger })],
      logger: silentLogger,
    });
    servers.push(server);
    return new OpenAI({ baseURL: `http://${server.address}/v1`, apiKey: "none", maxRetries: 0 });
  }

  /** The n-th task's partial output, as the node tells it. */
  async function say(text: string, count = 1): Promise<void> {
    const task = await node.task(count);
    const data = JSON.stringify({ text });
    await net.gateway.compute.submitResult(
      {
        request_id: task.request_id ?? "",
        model_uuid: "model",
        status: "processing",
        output_data: data,
        running_hash: sha256(data),
      },
      by(node.signer),
    );
  }

  async function failsWith(
    type: abstract new (...args: never[]) => unknown,
    work: Promise<unknown>,
  ): Promise<APIError<number, Headers, object>> {
    const error = await work.then(
      () => assert.fail("the call did not fail"),
      (error: unknown) => error,
    );
    assert(error instanceof type, String(error));
    return error as APIError<number, Headers, object>;
  }

  it("lists the models that the gateway serves, and one of them", async () => {
    const client = await serve();
    const ids = (await client.models.list()).data.map(({ id }) => id);
    assert.deepEqual(ids, ["model"]);
    const model = await client.models.retrieve("model");
    assert.equal(model.object, "model");
    const missing = await failsWith(NotFoundError, client.models.retrieve("org/other"));
    assert.equal(missing.code, "model_not_found");
    assert.match(missing.message, /"org\/other"/);
  });

  it("names the methods of a path that is asked in another way", async () => {
    const { baseURL } = await serve();
    for (const [method, path, allow] of [
      ["GET", "/chat/completions", "POST"],
      ["DELETE", "/models/model", "GET, HEAD"],
    ] as const) {
      const answer = await fetch(baseURL + path, { method });
      assert.deepEqual([answer.status, answer.headers.get("allow")], [405, allow]);
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      assert.equal(error.code, "method_not_allowed");
    }
    const { error } = (await (await fetch(`${baseURL}/nothing`)).json()) as { error: { message: string } };
    assert.match(error.message, /\/v1\/chat\/completions/);
  });

  it("chats in one piece, with usage and the task's id and receipt in headers", async () => {
    const client = await serve();
    const asked = client.chat.completions.create({ model: "model", messages }).withResponse();
    const task = await node.task();
    assert.deepEqual(JSON.parse(task.input_data ?? ""), { messages });
    await node.finish(net, output("Hi there"));
    const { data, response, request_id } = await asked;
    assert.equal(data.object, "chat.completion");
    assert.equal(data.id, `chatcmpl-${task.request_id}`);
    assert.equal(data.choices[0]?.message.content, "Hi there");
    assert.equal(data.choices[0]?.finish_reason, "stop");
    assert.deepEqual(data.usage, { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
    assert.equal(request_id, task.request_id);
    assert.equal(response.headers.get("x-countersign-request-id"), task.request_id);
    assert.match(
      response.headers.get("link") ?? "",
      new RegExp(`</api/v1/inference/${task.request_id}/receipt>`),
    );
  });

  it("streams a chat as it grows, and counts tokens at its end", async () => {
    const client = await serve();
    const asked = client.chat.completions.create({
      model: "model",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    await say("Hi");
    const stream = await asked;
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    let isFinished = false;
    for await (const chunk of stream) {
      chunks.push(chunk);
      if (chunk.choices[0]?.delta.content === "Hi" && !isFinished) {
        isFinished = true;
        await node.finish(net, output("Hi there"));
      }
    }
    assert.deepEqual(
      chunks.map(({ choices }) => choices[0]?.delta.content),
      ["", "Hi", " there", undefined, undefined],
    );
    assert.equal(chunks.at(0)?.choices[0]?.delta.role, "assistant");
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, "stop");
    assert.equal(chunks.at(-1)?.usage?.total_tokens, 5);
  });

  it("completes a prompt, in one piece and streamed", async () => {
    const client = await serve();
    const asked = client.completions.create({ model: "model", prompt: "Once", max_tokens: 5 });
    const task = await node.task();
    assert.deepEqual(JSON.parse(task.input_data ?? ""), { prompt: "Once", max_tokens: 5 });
    await node.finish(net, output(" upon"));
    assert.equal((await asked).choices[0]?.text, " upon");

    const streaming = client.completions.create({ model: "model", prompt: "Once", stream: true });
    await node.task(2);
    await node.finish(net, output(" upon"));
    let text = "";
    for await (const chunk of await streaming) text += chunk.choices[0]?.text ?? "";
    assert.equal(text, " upon");
  });

  it("embeds in the form that the client asks for", async () => {
    const client = await serve();
    const vectors = JSON.stringify({
      embeddings: [
        [0.5, -1],
        [2, 0.25],
      ],
      usage: { prompt_tokens: 4, completion_tokens: 0, total_tokens: 4 },
    });
    // Unasked, the official client wants base64 and decodes it by itself.
    const plain = client.embeddings.create({ model: "model", input: ["a", "b"] });
    assert.equal(JSON.parse((await node.task()).input_data ?? "").encoding_format, "base64");
    await node.finish(net, vectors);
    assert.deepEqual(
      (await plain).data.map(({ embedding }) => [...embedding]),
      [
        [0.5, -1],
        [2, 0.25],
      ],
    );
    const asked = client.embeddings.create({ model: "model", input: ["a", "b"], encoding_format: "float" });
    await node.task(2);
    await node.finish(net, vectors);
    assert.deepEqual((await asked).data[1], { object: "embedding", index: 1, embedding: [2, 0.25] });
    assert.deepEqual((await asked).usage, { prompt_tokens: 4, total_tokens: 4 });
  });

  it("refuses what would change the answer and is not done, with the parameter", async () => {
    const client = await serve();
    const error = await failsWith(
      BadRequestError,
      client.chat.completions.create({ model: "model", messages, n: 2 }),
    );
    assert.deepEqual(
      [error.param, error.type, error.code],
      ["n", "invalid_request_error", "invalid_argument"],
    );
    assert.equal(node.received.length, 0);
  });

  it("tells a model nobody serves by 404", async () => {
    const client = await serve();
    const error = await failsWith(
      NotFoundError,
      client.chat.completions.create({ model: "other", messages }),
    );
    assert.deepEqual([error.code, error.param], ["model_not_found", "model"]);
  });

  it("tells what a model's runner refuses by 400 with the field, and its failures by 502", async () => {
    const client = await serve();
    const fail = async (count: number, error_message: string) => {
      const { request_id } = await node.task(count);
      const response = { request_id: request_id ?? "", model_uuid: "model", status: "failed", error_message };
      await net.gateway.compute.submitResult(response, by(node.signer));
    };
    const ask = (stream: boolean) => client.chat.completions.create({ model: "model", messages, stream });
    const refused = failsWith(BadRequestError, ask(true));
    await fail(1, 'tools: "an object" is not allowed; expected none');
    assert.equal((await refused).param, "tools");
    const failed = failsWith(APIError, ask(false));
    await fail(2, "the model's server is away");
    const error = await failed;
    assert.deepEqual([error.status, error.code], [502, "compute_failed"]);
    assert.equal(error.headers.get("x-should-retry"), "false");
    assert.notEqual(error.requestID, null);
  });

  it("ends a stream that fails later with an error that the client throws", async () => {
    const client = await serve();
    const asked = client.chat.completions.create({ model: "model", messages, stream: true });
    await say("Hi");
    const stream = await asked;
    const { request_id = "" } = await node.task();
    const failTask = () =>
      net.gateway.compute.submitResult(
        { request_id, model_uuid: "model", status: "failed", error_message: "out of memory" },
        by(node.signer),
      );
    const reading = async () => {
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content === "Hi") await failTask();
    };
    assert.match((await failsWith(APIError, reading())).message, /out of memory/);
  });

  it("cancels the task of a client that hangs up", async () => {
    const client = await serve();
    const stop = new AbortController();
    const asked = assert.rejects(
      client.chat.completions.create({ model: "model", messages }, { signal: stop.signal }),
    );
    const { request_id } = await node.task();
    const cancelled = new Promise<void>((resolve) => {
      const [task] = net.gateway.tasks.liveByRequestId(request_id ?? "");
      assert(task !== undefined);
      net.gateway.tasks.onChange(task.key, () => {
        if (task.failure?.code === "CANCELLED") resolve();
      });
    });
    stop.abort();
    await asked;
    await cancelled;
  });

  it("answers a caller that may not, or too often, with the library's own errors", async () => {
    const refuse = (code: "UNAUTHENTICATED" | "ACCESS_DENIED") => ({
      identity: {
        identify: async () => {
          throw new CountersignError(code, "no");
        },
      },
    });
    const ask = (client: OpenAI) => client.chat.completions.create({ model: "model", messages });
    const unknown = await failsWith(AuthenticationError, ask(await serve(refuse("UNAUTHENTICATED"))));
    assert.equal(unknown.code, "invalid_api_key");
    await failsWith(PermissionDeniedError, ask(await serve(refuse("ACCESS_DENIED"))));
    const limits = new Limits(limitsConfigSchema.parse({ http: { submit: 1 } }));
    const client = await serve({ limits });
    const first = ask(client);
    await node.task();
    await node.finish(net, output("Hi"));
    await first;
    const limited = await failsWith(RateLimitError, ask(client));
    assert.equal(limited.code, "rate_limit_exceeded");
    assert(Number(limited.headers.get("retry-after")) > 0);
    assert.equal(limited.headers.get("x-should-retry"), "true");
  });

  it("answers bodies that are no request, and paths that are none, in the library's shape", async () => {
    const { baseURL } = await serve();
    const post = async (body: string | Uint8Array<ArrayBuffer>, path = "/chat/completions") => {
      const response = await fetch(`${baseURL}${path}`, { method: "POST", body });
      return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
    };
    assert.deepEqual(await post(""), [400, "invalid_argument"]);
    assert.deepEqual(await post("{"), [400, "invalid_argument"]);
    assert.deepEqual(await post("[]"), [400, "invalid_argument"]);
    assert.deepEqual(await post("[".repeat(100_000)), [400, "invalid_argument"]);
    assert.deepEqual(await post(new Uint8Array([0xff, 0xfe])), [400, "invalid_argument"]);
    assert.deepEqual(await post(Buffer.alloc(9 << 20, 0x20)), [413, "too_large"]);
    assert.deepEqual(await post("{}", "/images"), [404, "not_found"]);
    const long = JSON.stringify({
      model: "model",
      messages: [{ role: "user", content: "x".repeat(2 << 20) }],
    });
    assert.deepEqual(await post(long), [413, "too_large"]);
  });
});
