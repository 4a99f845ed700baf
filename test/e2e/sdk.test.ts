import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { JsonRpcProvider, Wallet } from "ethers";
import { type Browser, chromium, type Page } from "playwright-core";
import { toHex } from "../../src/base/index.ts";
import type * as Sdk from "../../src/sdk/index.ts";
import { TestDevnet } from "../support/devnet.ts";
import { bundleSdk, servePage } from "../support/sdk-bundle.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type RestApp, restApp } from "../unit/facade/rest/app.ts";

const run = promisify(execFile);
const docs = readFileSync(new URL("../../docs/sdk.md", import.meta.url), "utf8");
const sdkFile = new URL("../../src/sdk/index.ts", import.meta.url).href;
const browserFile = "/usr/bin/chromium";
const whyNoBrowser = existsSync(browserFile) ? "" : ` (skipped: no ${browserFile})`;
/** Of what a page loads before it verifies anything. */
const maxFirstLoadBytes = 20_000;

describe("the SDK at a devnet", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  let net: TestDevnet;
  let registry: RestApp;
  let gateway: string;
  let rpcUrl: string;
  let privateKey: string;

  before(async () => {
    registry = await restApp();
    net = await TestDevnet.start({});
    gateway = `http://${net.net.planned("gateway-1").httpAddress}`;
    rpcUrl = net.net.plan.rpcUrl ?? "";
    privateKey = toHex(net.net.plan.client.privateKey);
  });
  after(async () => {
    await net?.stop();
    await registry?.stop();
    folder.remove();
  });

  it("runs every example of docs/sdk.md, the whole paid way among them", async () => {
    const examples = [...docs.matchAll(/^```js run\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
    const places: [string, string][] = [
      ["countersign/sdk", sdkFile],
      ["http://127.0.0.1:8080", gateway],
      ["http://127.0.0.1:8081", `http://${registry.server.address}`],
      ["http://127.0.0.1:8545", rpcUrl],
      ['"ethers"', JSON.stringify(import.meta.resolve("ethers"))],
    ];
    const program = places.reduce(
      (text, [written, here]) => text.replaceAll(written, here),
      examples.join("\n"),
    );
    const file = join(folder.path, "examples.mjs");
    writeFileSync(file, `${program}\nprocess.exit(0);\n`);
    const { stdout } = await run(process.execPath, ["--disable-warning=ExperimentalWarning", file], {
      env: { ...process.env, PRIVATE_KEY: privateKey },
    });
    for (const said of ["payment confirmed", "completed", "cancelled", "MODEL_NOT_FOUND 404"])
      assert.ok(stdout.includes(said), stdout);
    assert.match(stdout, /^true \[\] \{[\s\S]*\} true$/m);
    for (const call of [
      "submit",
      "pay",
      "wait",
      "stream",
      "cancel",
      "status",
      "models",
      "nodes",
      "validators",
      "network",
    ])
      assert.ok(program.includes(`.${call}(`), `docs/sdk.md has no example of ${call}`);
  });

  describe(`in Chromium${whyNoBrowser}`, () => {
    let browser: Browser;
    let page: Page;
    let site: Awaited<ReturnType<typeof servePage>>;

    before(async function () {
      if (whyNoBrowser !== "") return this.skip();
      const files = await bundleSdk();
      assert.deepEqual(
        files
          .filter(({ text }) => /(?:from|import|require)\s*\(?\s*["']node:/.test(text))
          .map(({ path }) => path),
        [],
      );
      const first = files.find(({ path }) => path.endsWith("index.js"));
      assert.ok(gzipSync(first?.contents ?? "").length < maxFirstLoadBytes, "the first load has grown");
      site = await servePage(files);
      const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
      browser = await chromium.launch({ executablePath: browserFile, args });
      page = await browser.newPage();
      // The wallet that a browser would bring, its owner saying yes to everything.
      const owner = new Wallet(privateKey, new JsonRpcProvider(rpcUrl));
      await page.exposeFunction("askWallet", (method: string, params: unknown[]) =>
        ask(owner, method, params),
      );
      await page.goto(site.url);
    });
    after(async () => {
      await browser?.close();
      site?.server.close();
    });

    it("a page submits, pays, streams and waits, and its receipt holds, offline and on chain", async () => {
      const seen = await page.evaluate(
        async ({ sdkAt, gateway, rpcUrl }) => {
          const sdk = (await import(sdkAt)) as typeof Sdk;
          const { askWallet } = globalThis as unknown as {
            askWallet(method: string, params: unknown[]): Promise<unknown>;
          };
          const provider = {
            request: ({ method, params = [] }: { method: string; params?: unknown[] }) =>
              askWallet(method, params),
          };
          const client = sdk.createClient({ url: gateway, wallet: await sdk.browserWallet(provider) });
          const input = { prompt: "The network", max_tokens: 8 };
          const task = await client.submit({ model: "tiny-text", input });
          const payment = await client.pay(task);
          const statuses: string[] = [];
          for await (const { status } of client.stream(task)) statuses.push(status);
          const result = await client.wait(task, { untilSettled: true });
          const held = await sdk.verifyReceipt(result.receipt);
          const onChain = await sdk.verifyReceipt(result.receipt, { rpcUrl });
          const changed = JSON.parse(result.receipt);
          changed.result.computation_time_ms += 1;
          const tampered = await sdk.verifyReceipt(changed);
          return {
            payment,
            statuses,
            output: result.output,
            held,
            onChain,
            tampered,
          };
        },
        { sdkAt: `${site.url}/index.js`, gateway, rpcUrl },
      );
      assert.match(seen.payment.message, /payment confirmed/);
      assert.deepEqual([seen.statuses.at(0), seen.statuses.at(-1)], ["queued", "completed"]);
      assert.match(seen.output, /"text":/);
      assert.deepEqual(seen.held.problems, []);
      assert.deepEqual([seen.onChain.ok, seen.onChain.isCheckedOnChain], [true, true]);
      assert.equal(seen.tampered.ok, false);
      assert.ok(seen.tampered.problems.some(({ field }) => field === "gateway_signature"));
    });

    it("a page cancels by its wallet's signature, and reads a refusal with its fields", async () => {
      const seen = await page.evaluate(
        async ({ sdkAt, gateway }) => {
          const sdk = (await import(sdkAt)) as typeof Sdk;
          const { askWallet } = globalThis as unknown as {
            askWallet(method: string, params: unknown[]): Promise<unknown>;
          };
          const provider = {
            request: ({ method, params = [] }: { method: string; params?: unknown[] }) =>
              askWallet(method, params),
          };
          const client = sdk.createClient({ url: gateway, wallet: await sdk.browserWallet(provider) });
          const task = await client.submit({ model: "tiny-text", input: { prompt: "Never mind" } });
          const stranger = sdk.createClient({ url: gateway });
          const codeOf = (error: unknown) =>
            error instanceof sdk.SdkError ? [error.code, error.httpStatus] : error;
          const refused = await stranger.cancel(task).then(String, codeOf);
          const ack = await client.cancel(task);
          const waited = await client.wait(task).then(String, codeOf);
          return { refused, ack, waited };
        },
        { sdkAt: `${site.url}/index.js`, gateway },
      );
      assert.deepEqual(seen, {
        refused: ["UNAUTHENTICATED", 401],
        ack: { success: true, message: "cancelled" },
        waited: ["CANCELLED", undefined],
      });
    });
  });
});

async function ask(owner: Wallet, method: string, params: unknown[]): Promise<unknown> {
  switch (method) {
    case "eth_requestAccounts":
      return [owner.address];
    case "eth_signTypedData_v4": {
      const { domain, types, message } = JSON.parse(String(params[1]));
      const { EIP712Domain: _domain, ...own } = types;
      return owner.signTypedData(domain, own, message);
    }
    case "eth_sendTransaction":
      return (await owner.sendTransaction(params[0] as object)).hash;
    default:
      return (owner.provider as JsonRpcProvider).send(method, params);
  }
}
