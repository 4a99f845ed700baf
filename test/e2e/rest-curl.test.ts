import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeMessage, messageNamed } from "../../src/facade/messages/index.ts";
import { runCommand } from "../support/command-line.ts";
import { TestDevnet } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);

async function hasCurl(): Promise<boolean> {
  try {
    await run("curl", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

describe("curl at a devnet", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  let net: TestDevnet;
  let origin: string;

  before(async function () {
    if (!(await hasCurl())) {
      process.stderr.write("      skipped: this machine has no curl\n");
      this.skip();
    }
    net = await TestDevnet.start({});
    origin = `http://${net.net.planned("gateway-1").httpAddress}`;
  });
  after(async () => {
    await net?.stop();
    folder.remove();
  });

  /** The answer's body and status, as curl tells them. */
  async function curl(path: string, ...options: string[]): Promise<{ status: number; text: string }> {
    const args = ["-sS", "-N", "-w", "\n%{http_code}", ...options, `${origin}${path}`];
    const { stdout } = await run("curl", args, { maxBuffer: 1 << 26 });
    const end = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
  }

  const post = (path: string, body: object, ...options: string[]) =>
    curl(path, "-H", "Content-Type: application/json", ...options, "-d", JSON.stringify(body));

  it("submits, gets terms, pays, waits, follows the events and has a receipt that verifies", async () => {
    const task = {
      request_id: "curl-1",
      model_uuid: "tiny-text",
      input_data: '{"prompt":"The network","max_tokens":4}',
      originator_client_id: net.client,
    };
    const path = `/api/v1/inference/${encodeURIComponent(`${net.client}/curl-1`)}`;
    const submitted = await post("/api/v1/inference", task, "-H", "Idempotency-Key: curl-1");
    assert.equal(submitted.status, 202, submitted.text);
    const unpaid = await curl(`${path}/result`);
    assert.equal(unpaid.status, 402, unpaid.text);
    assert.equal(JSON.parse(unpaid.text).error.code, "PAYMENT_REQUIRED");

    const terms = decodeMessage("json", messageNamed("InferenceTaskStatus"), Buffer.from(submitted.text));
    const { txHash } = await net.pay(terms);
    const waiting = curl(`${path}?wait=50s`);
    const following = curl(`${path}/events`);
    const confirmed = await post(`${path}/payment`, { tx_hash: txHash });
    assert.equal(confirmed.status, 200, confirmed.text);
    assert.equal(JSON.parse(confirmed.text).success, true);

    const status = JSON.parse((await waiting).text);
    assert.equal(status.status, "completed", status.error_message);
    assert.equal(status.payment_status.payment_tx, txHash);
    const events = (await following).text;
    assert.match(events, /id: \d+\nevent: queued\n/);
    assert.match(events, /event: completed\ndata: \{"request_id":"curl-1".*\n\n$/);
    const result = await curl(`${path}/result`);
    assert.equal(typeof JSON.parse(JSON.parse(result.text).output_data).text, "string", result.text);

    const file = join(folder.path, "receipt.json");
    const { status: got } = await curl(`${path}/receipt`, "-o", file);
    assert.equal(got, 200, readFileSync(file, "utf8"));
    const verified = await runCommand(["verify", file, "--rpc-url", net.net.plan.rpcUrl ?? ""]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const again = await post("/api/v1/inference", task, "-H", "Idempotency-Key: curl-1");
    assert.equal(again.text, submitted.text);
  });

  it("looks around: models, nodes, validators, subnets, network", async () => {
    const items = async (path: string) => JSON.parse((await curl(path)).text).items;
    assert.equal((await items("/api/v1/models"))[0].model_uuid, "tiny-text");
    assert.ok((await items("/api/v1/nodes?node_type=compute"))[0].node_id);
    const [validator] = await items("/api/v1/validators");
    const one = await curl(`/api/v1/validators/${validator.validator_address}`);
    assert.equal(JSON.parse(one.text).validator.stake_wei, validator.stake_wei);
    assert.deepEqual(await items("/api/v1/subnets"), []);
    assert.ok((await items("/api/v1/network/peers")).length > 0);
    assert.equal(JSON.parse((await curl("/api/v1/network")).text).node_id, "gateway-1");
    assert.equal(typeof JSON.parse((await curl("/api/v1/network/sync")).text).in_sync, "boolean");
  });
});
