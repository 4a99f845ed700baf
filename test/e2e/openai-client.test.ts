import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import OpenAI from "openai";
import { runCommand } from "../support/command-line.ts";
import { TestDevnet, until } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);
const docs = readFileSync(new URL("../../docs/openai.md", import.meta.url), "utf8");
const writtenAt = "http://127.0.0.1:8080";

/** An OpenAI-compatible server: it answers a chat in three pieces, and embeds a text as its length. */
async function startUpstream(): Promise<{ server: Server; url: string }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (request.url?.endsWith("/embeddings")) {
      const data = body.input.map((text: string) => ({ embedding: [text.length, 0.5] }));
      response.end(JSON.stringify({ data, usage: { prompt_tokens: 7, total_tokens: 7 } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const say = (event: object) => response.write(`data: ${JSON.stringify(event)}\n\n`);
    for (const content of ["You", " said ", body.messages.at(-1).content])
      say({ choices: [{ delta: { content } }] });
    say({ choices: [{ delta: {}, finish_reason: "stop" }] });
    say({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 } });
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

describe("the official OpenAI client at a devnet", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  const messages = [{ role: "user" as const, content: "Hello" }];
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let net: TestDevnet;
  let origin: string;
  let client: OpenAI;

  before(async () => {
    upstream = await startUpstream();
    net = await TestDevnet.start({ withChain: false, modelUrl: upstream.url, modelName: "upstream" });
    origin = `http://${net.net.planned("gateway-1").httpAddress}`;
    client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "none", maxRetries: 0 });
  });
  after(async () => {
    await net?.stop();
    upstream?.server.closeAllConnections();
    upstream?.server.close();
    folder.remove();
  });

  it("lists the models", async () => {
    const ids = (await client.models.list()).data.map(({ id }) => id);
    assert.deepEqual(ids.sort(), ["tiny-text", "upstream"]);
  });

  it("chats with the shipped model, and the receipt that the answer links to holds", async () => {
    const { data, response } = await client.chat.completions
      .create({ model: "tiny-text", messages, max_tokens: 20 })
      .withResponse();
    assert((data.choices[0]?.message.content ?? "").length > 0);
    assert(data.usage !== undefined && data.usage.completion_tokens > 0);
    const [, path = ""] = /^<([^>]+)>/.exec(response.headers.get("link") ?? "") ?? [];
    const receipt = await fetch(`${origin}${path}`);
    assert.equal(receipt.status, 200);
    const file = join(folder.path, "receipt.json");
    writeFileSync(file, await receipt.text());
    const verified = await runCommand(["verify", file]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });

  it("streams a chat of an upstream server, with its usage", async () => {
    const stream = await client.chat.completions.create({
      model: "upstream",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, "You said Hello");
    assert.deepEqual(usage, { prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 });
  });

  it("completes a prompt and embeds texts", async () => {
    const completion = await client.completions.create({
      model: "tiny-text",
      prompt: "Once upon a time",
      max_tokens: 5,
    });
    assert((completion.choices[0]?.text ?? "").length > 0);
    const { data, usage } = await client.embeddings.create({ model: "upstream", input: ["one", "three"] });
    assert.deepEqual(
      data.map(({ embedding }) => [...embedding]),
      [
        [3, 0.5],
        [5, 0.5],
      ],
    );
    assert.equal(usage.prompt_tokens, 7);
  });

  it("throws its own errors for a model that cannot do it", async () => {
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    await assert.rejects(client.chat.completions.create({ model: "tiny-text", messages, tools }), {
      status: 400,
      param: "tools",
    });
    await assert.rejects(client.embeddings.create({ model: "tiny-text", input: "a" }), { status: 400 });
    await assert.rejects(client.chat.completions.create({ model: "other", messages }), { status: 404 });
  });

  it("runs the documentation's own examples", async () => {
    const blocks = (language: string) =>
      [...docs.matchAll(new RegExp(`^\`\`\`${language}\\n([^\`]*)^\`\`\`$`, "gm"))].map(([, code = ""]) =>
        code.replaceAll(writtenAt, origin),
      );
    const [curl] = blocks("sh norun test/e2e/openai-client\\.test\\.ts runs it[^\\n]*");
    const shell = await run("bash", ["-e", "-o", "pipefail", "-c", curl ?? "false"]);
    assert.match(shell.stdout, /chat\.completion"[\s\S]*data: \[DONE\]\n[\s\S]*text_completion/);
    const [script] = blocks("js run");
    const node = await run(process.execPath, ["--input-type=module", "--eval", script ?? "throw 0"], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
    });
    assert.match(node.stdout, /\S/);
  });
});

describe("the official OpenAI client where tasks cost something", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  const messages = [{ role: "user" as const, content: "Hello" }];
  let net: TestDevnet;
  let client: OpenAI;

  before(async () => {
    const access = join(folder.path, "access.yaml");
    // The file must be there when the nodes start; whom the key is for is known later.
    await addKey(access, "somebody");
    process.env["COUNTERSIGN_ACCESS__FILE"] = access;
    try {
      net = await TestDevnet.start({});
    } finally {
      delete process.env["COUNTERSIGN_ACCESS__FILE"];
    }
    client = new OpenAI({
      baseURL: `http://${net.net.planned("gateway-1").httpAddress}/v1`,
      apiKey: await addKey(access, "ann", "--account", net.client),
      maxRetries: 0,
    });
    await until("the gateway knows the key", () => client.models.list());
  });
  after(async () => {
    await net?.stop();
    folder.remove();
  });

  async function addKey(access: string, user: string, ...more: string[]): Promise<string> {
    const made = await runCommand(["keys", "add", user, "--access", access, "--json", ...more]);
    assert.equal(made.code, 0, made.stderr);
    return (JSON.parse(made.stdout) as { key: string }).key;
  }

  const deposit = async (...args: string[]) => {
    const place = ["--gateway", net.addressOf("gateway-1"), "--rpc-url", net.net.plan.rpcUrl ?? ""];
    const ran = await runCommand(["deposit", ...args, ...place, "--wallet", net.net.walletFile, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    return JSON.parse(ran.stdout);
  };

  it("is told the price where no deposit covers it, and answered where one does", async () => {
    const ask = () => client.chat.completions.create({ model: "tiny-text", messages, max_tokens: 5 });
    const refused = await ask().then(
      () => assert.fail("it was answered"),
      (error: InstanceType<typeof OpenAI.APIError>) => error,
    );
    assert.deepEqual([refused.status, refused.code], [402, "payment_required"]);
    const { terms } = refused.error as { terms: { price_wei: string } };
    assert(BigInt(terms.price_wei) > 0n);

    await deposit("add", "2.5");
    assert(((await ask()).choices[0]?.message.content ?? "").length > 0);
    const after = await deposit("show");
    assert.equal(BigInt(after.deposit_wei), 25n * 10n ** 17n - BigInt(terms.price_wei));

    await deposit("withdraw", "1");
    assert.equal((await deposit("show")).leaving_wei, String(10n ** 18n));
    await assert.rejects(client.withOptions({ apiKey: "csk_unknown" }).models.list(), {
      status: 401,
      code: "invalid_api_key",
    });
  });
});
