import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type RunningCommand, runCommand, startCommand } from "../support/command-line.ts";
import { sumOf, until } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";

interface Printed {
  readonly ready_ms: number;
  readonly first_result_ms: number;
  readonly request_id: string;
  readonly status: string;
  readonly output: string;
  readonly receipt_path: string;
  readonly quorum: Record<string, { required: number; asked: number; signed: number }>;
  readonly payment: { tx: string; before: Record<string, string>; after: Record<string, string> } | null;
  readonly endpoints: Record<string, unknown>;
}

const small = ["devnet", "--validators", "1", "--gateways", "1", "--compute", "1", "--ports", "free"];
const hash = /^0x[0-9a-f]{64}$/;

/** Processes, this test's or not, whose command line or parent says that they belong to the devnet. */
function processesOf(parentPid: number, folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return commandLine.includes(folder) || Number(parent) === parentPid;
      } catch {
        // It ended meanwhile.
        return false;
      }
    })
    .filter((pid) => pid !== parentPid);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const allGone = (pids: readonly number[]): Promise<true> =>
  until("the end of the devnet's processes", async () => (pids.some(isAlive) ? undefined : true));

(process.platform === "linux" ? describe : describe.skip)("`countersign devnet`", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  after(() => folder.remove());
  let count = 0;
  const dataFolder = () => join(folder.path, `net-${++count}`);

  it("--once --json runs the whole default network and prints one JSON object", async () => {
    const data = dataFolder();
    const run = startCommand(["devnet", "--once", "--json", "--ports", "free", "--data", data]);
    await run.wrote("all nodes know each other");
    const pids = processesOf(run.child.pid ?? 0, data);
    assert.equal(pids.length, 10, "nine nodes and a chain");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\{[^\n]+\}\n$/);
    const printed = JSON.parse(stdout) as Printed;
    assert.equal(printed.status, "completed");
    assert.notEqual(printed.output.trim(), "");
    assert.ok(printed.ready_ms > 0 && printed.first_result_ms > printed.ready_ms);
    assert.deepEqual(Object.keys(printed.quorum), ["preprocessing", "completion"]);
    for (const { required, asked, signed } of Object.values(printed.quorum)) {
      assert.deepEqual({ required, asked }, { required: 3, asked: 5 });
      assert.ok(signed >= required);
    }
    assert.match(printed.payment?.tx ?? "", hash);
    const wei = (balances: Record<string, string> = {}) =>
      Object.fromEntries(Object.entries(balances).map(([name, amount]) => [name, BigInt(amount)]));
    const before = wei(printed.payment?.before);
    const after = wei(printed.payment?.after);
    assert.equal(sumOf(after), sumOf(before));
    assert.equal((before["client"] ?? 0n) - (after["client"] ?? 0n), 10n ** 18n);
    assert.equal(after["escrow"], 0n);
    const nodes = [1, 2, 3, 4, 5].map((number) => `validator-${number}`);
    nodes.push("gateway-1", "gateway-2", "compute-1", "compute-2");
    assert.deepEqual(Object.keys(printed.endpoints), ["chain", ...nodes]);
    const receipt = JSON.parse(readFileSync(printed.receipt_path, "utf8")) as {
      request: { request_id: string };
    };
    assert.equal(receipt.request.request_id, printed.request_id);
    assert.equal((await runCommand(["verify", printed.receipt_path])).code, 0);
    await allGone(pids);
  });

  it("without a chain pays nothing and still has its task co-signed", async () => {
    const { code, stdout, stderr } = await runCommand([
      ...small,
      ...["--no-chain", "--once", "--json", "--data", dataFolder()],
    ]);
    assert.equal(code, 0, stderr);
    const printed = JSON.parse(stdout) as Printed;
    assert.equal(printed.payment, null);
    assert.equal(printed.status, "completed");
    assert.deepEqual(printed.quorum, {
      preprocessing: { required: 1, asked: 1, signed: 1 },
      completion: { required: 1, asked: 1, signed: 1 },
    });
    assert.equal(printed.endpoints["chain"], undefined);
  });

  describe("while it is up", () => {
    let upstream: Server;
    let asked: { model?: string; messages?: unknown; prompt?: unknown }[];
    let run: RunningCommand;
    let pids: number[];
    let gateway: string;

    before(async () => {
      asked = [];
      upstream = createServer((request, response) => {
        let body = "";
        request.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        request.on("end", () => {
          asked.push(JSON.parse(body) as (typeof asked)[number]);
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify(openAiAnswer(request.url ?? "", "an answer from upstream")));
        });
      }).listen(0, "127.0.0.1");
      await once(upstream, "listening");
      const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
      const data = dataFolder();
      run = startCommand([
        ...small,
        ...["--no-chain", "--json", "--data", data, "--model-url", url, "--model-name", "tiny-upstream"],
      ]);
      await run.wrote(/^\{.*\}\n/);
      pids = processesOf(run.child.pid ?? 0, data);
      const { endpoints } = JSON.parse(run.output.stdout) as Printed;
      gateway = (endpoints["gateway-1"] as { grpc: string }).grpc;
    });
    after(async () => {
      run.child.kill("SIGTERM");
      await run.ended;
      upstream.closeAllConnections();
      await once(upstream.close(), "close");
    });

    it("serves an OpenAI-compatible server's model by --model-url", async () => {
      const models = await runCommand(["models", "--gateway", gateway]);
      assert.match(models.stdout, /tiny-upstream/);
      const { code, stdout, stderr } = await runCommand([
        "infer",
        "tiny-upstream",
        "Say something",
        "--gateway",
        gateway,
      ]);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "an answer from upstream\n");
      assert.equal(asked[0]?.model, "tiny-upstream");
    });

    it("ends with everything it started at Ctrl-C, exit code 0", async () => {
      assert.equal(pids.length, 3);
      run.child.kill("SIGINT");
      const { code, stderr } = await run.ended;
      assert.equal(code, 0, stderr);
      await allGone(pids);
    });
  });

  it("ends with everything it started at Ctrl-C while it starts", async () => {
    const data = dataFolder();
    const run = startCommand([...small, "--data", data]);
    await run.wrote("chain at");
    const pids = processesOf(run.child.pid ?? 0, data);
    assert.equal(pids.length, 4);
    run.child.kill("SIGINT");
    const { code, stdout } = await run.ended;
    assert.equal(code, 1);
    assert.equal(stdout, "");
    await allGone(pids);
  });

  it("takes its nodes along when it is killed itself, even while they start", async () => {
    const data = dataFolder();
    const run = startCommand([...small, "--no-chain", "--data", data]);
    await run.wrote("laid out");
    const pids = await until("the nodes", async () => {
      const found = processesOf(run.child.pid ?? 0, data);
      return found.length === 3 ? found : undefined;
    });
    run.child.kill("SIGKILL");
    await run.ended;
    await allGone(pids);
  });

  it("leaves no temporary folder behind", async () => {
    const temporary = join(folder.path, "tmp");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(temporary);
    const { code, stderr } = await runCommand([...small, "--no-chain", "--once", "--json"], {
      env: { TMPDIR: temporary },
      cwd: folder.path,
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith("countersign")),
      [],
    );
    assert.ok(existsSync(join(folder.path, "receipt.json")));
  });

  it("refuses a folder that is not empty, a bad URL and a port in use, in one line each", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const cases: [args: string[], code: number, message: RegExp][] = [
      [
        ["--data", folder.path],
        2,
        /^error: --data: .* is not empty; choose a new folder, nothing was changed\n$/,
      ],
      [["--model-url", "nonsense"], 2, /^error: --model-url: "nonsense" is not allowed; expected a URL/m],
      [
        ["--chain-port", String(port)],
        2,
        new RegExp(`^error: port ${port} .* is in use by another program`, "m"),
      ],
    ];
    for (const [args, exitCode, message] of cases) {
      const { code, stderr } = await runCommand([...small, ...args]);
      assert.equal(code, exitCode, stderr);
      assert.match(stderr, message);
    }
    await once(taken.close(), "close");
  });
});

function openAiAnswer(path: string, text: string): object {
  const usage = { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 };
  const choice = path.endsWith("/chat/completions")
    ? { index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }
    : { index: 0, text, finish_reason: "stop" };
  return { id: "x", object: "completion", created: 1, model: "tiny-upstream", choices: [choice], usage };
}
