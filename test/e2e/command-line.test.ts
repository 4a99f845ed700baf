import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import {
  type CommandResult,
  type RunningCommand,
  runCommand,
  startCommand,
} from "../support/command-line.ts";
import { until } from "../support/devnet.ts";
import { freePort } from "../support/free-port.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** What a person sees: one line on standard error, nothing else. */
function assertRefused({ code, stdout, stderr }: CommandResult, exitCode: number, message: RegExp): void {
  assert.equal(code, exitCode, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^error: [^\n]+\n$/);
  assert.match(stderr, message);
}

describe("the command line", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  after(() => folder.remove());

  it("answers an unknown command, an unknown option and a bad choice with exit code 2 and a hint", async () => {
    const cases: [args: string[], message: RegExp][] = [
      [["frobnicate"], /unknown command 'frobnicate'/],
      [["nodes", "--frobnicate"], /unknown option '--frobnicate'/],
      [["init"], /missing required argument 'folder'/],
      [
        ["init", "x", "--role", "king"],
        /'king' is invalid\. Allowed choices are registry, gateway, validator, compute/,
      ],
      [["devnet", "--ports", "all"], /Allowed choices are reference, free/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await runCommand(args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, message);
      assert.match(stderr, /--help/);
    }
  });

  it("helps with every command, with an example for each option that takes a value", async () => {
    const help = await runCommand(["--help"]);
    assert.equal(help.code, 0);
    for (const name of ["devnet", "init", "node", "infer", "verify", "guard"])
      assert.match(help.stdout, new RegExp(`^  ${name} `, "m"));
    const { code, stdout } = await runCommand(["infer", "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /example: --gateway 127\.0\.0\.1:50051/);
  });

  it("says which number is not allowed, and what is", async () => {
    assertRefused(
      await runCommand(["devnet", "--validators", "many"]),
      2,
      /--validators: "many" is not allowed; expected a whole number from 1 to 25/,
    );
  });

  it("says that nobody listens there", async () => {
    const port = await freePort();
    assertRefused(
      await runCommand(["status", "--node", `127.0.0.1:${port}`]),
      1,
      new RegExp(`no answer from the node: .*127\\.0\\.0\\.1:${port}`),
    );
  });

  describe("with a node made by `init`", () => {
    const home = join(folder.path, "node");
    const config = join(home, "config.yaml");
    let settings: string[];
    let gateway: string;
    let node: RunningCommand | undefined;

    before(async () => {
      const made = await runCommand(["init", home, "--json"]);
      assert.equal(made.code, 0, made.stderr);
      assert.equal((JSON.parse(made.stdout) as { config: string }).config, config);
      gateway = `127.0.0.1:${await freePort()}`;
      settings = [
        `grpc.gateway=${gateway}`,
        "http.listen=127.0.0.1:0",
        "websocket.listen=127.0.0.1:0",
        `grpc.registry=127.0.0.1:${await freePort()}`,
        "metrics.listen=127.0.0.1:0",
        `mesh.listen=[/ip4/127.0.0.1/tcp/${await freePort()}]`,
        `compute.gateways=[${gateway}]`,
      ];
    });
    after(async () => {
      node?.child.kill("SIGTERM");
      await node?.ended;
    });

    const nodeArguments = (...more: string[]) => ["node", "--config", config, "--set", ...settings, ...more];
    /** The configuration with one line replaced; its path and that line's number. */
    const configWith = (name: string, line: RegExp, replacement: string): { file: string; at: number } => {
      const text = readFileSync(config, "utf8");
      assert.match(text, line);
      const file = join(home, name);
      writeFileSync(file, text.replace(line, replacement));
      return { file, at: text.slice(0, text.search(line)).split("\n").length };
    };

    it("refuses to make it again", async () => {
      assertRefused(
        await runCommand(["init", home]),
        2,
        /config\.yaml exists already; .*nothing was changed/,
      );
    });

    it("names key, line, value and what is allowed in a bad configuration", async () => {
      const level = configWith("level.yaml", /^log_level: info$/m, "log_level: loud");
      assertRefused(
        await runCommand(["node", "--config", level.file]),
        2,
        new RegExp(
          `level\\.yaml:${level.at}: log_level: "loud" is not allowed; expected one of debug, info, warn`,
        ),
      );
      const key = configWith("key.yaml", /^log_level: info$/m, "log_levle: info");
      assertRefused(
        await runCommand(["node", "--config", key.file]),
        2,
        new RegExp(`key\\.yaml:${key.at}: log_levle: no such key; allowed here: .*log_level`),
      );
      const nested = configWith("nested.yaml", /^ {2}poll_ms: 2000$/m, "  poll_ms: 1");
      assertRefused(
        await runCommand(["node", "--config", nested.file]),
        2,
        new RegExp(`nested\\.yaml:${nested.at}: chain\\.poll_ms: "1" is not allowed; expected at least 50`),
      );
      const broken = configWith("broken.yaml", /^log_level: info$/m, "log_level: [info");
      assertRefused(await runCommand(["node", "--config", broken.file]), 2, /broken\.yaml:\d+: /);
    });

    it("names the flag or variable that is bad", async () => {
      assertRefused(
        await runCommand(["node", "--config", config, "--set", "mesh.wanted_peers=many"]),
        2,
        /--set mesh\.wanted_peers=many \(mesh\.wanted_peers\): "many" is not allowed; expected a number/,
      );
      assertRefused(
        await runCommand(["node", "--config", config], { env: { COUNTERSIGN_LOG_LEVEL: "loud" } }),
        2,
        /environment variable COUNTERSIGN_LOG_LEVEL \(log_level\): "loud" is not allowed/,
      );
      assertRefused(
        await runCommand(["node", "--config", join(home, "nowhere.yaml")]),
        2,
        /cannot read the configuration .*nowhere\.yaml: there is no such file; `countersign init` makes one/,
      );
    });

    it("refuses a public address without signatures, and names the line that would allow it", async () => {
      assertRefused(
        await runCommand(nodeArguments("grpc.gateway=0.0.0.0:0")),
        2,
        /grpc\.gateway: 0\.0\.0\.0:0 can be reached by others.*`auth: required`/,
      );
    });

    it("says that the passphrase is wrong", async () => {
      const wrong = join(home, "wrong.txt");
      writeFileSync(wrong, "not it\n");
      assertRefused(
        await runCommand(nodeArguments(`wallet.passphrase_file=${wrong}`)),
        2,
        /cannot open .*wallet\.json: the passphrase is wrong/,
      );
    });

    it("says which port is in use", async () => {
      await using taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const { port } = taken.address() as AddressInfo;
      assertRefused(
        await runCommand(nodeArguments("log_level=silent", `grpc.registry=127.0.0.1:${port}`)),
        1,
        new RegExp(
          `cannot listen for gRPC on 127\\.0\\.0\\.1:${port}: the address is in use by another process`,
        ),
      );
      assertRefused(
        await runCommand(nodeArguments("log_level=silent", `mesh.listen=[/ip4/127.0.0.1/tcp/${port}]`)),
        1,
        new RegExp(
          `cannot listen for the mesh on /ip4/127\\.0\\.0\\.1/tcp/${port}: the address is in use by another process`,
        ),
      );
    });

    it("says that the chain does not answer", async () => {
      const port = await freePort();
      const address = (digit: number) => `0x${String(digit).repeat(40)}`;
      const genesis = {
        ...(JSON.parse(readFileSync(join(home, "genesis.json"), "utf8")) as object),
        chain: {
          chain_id: 31_337,
          token: address(1),
          validator_registry: address(2),
          inference_payment: address(3),
          treasury: address(4),
        },
      };
      writeFileSync(join(home, "with-chain.json"), JSON.stringify(genesis));
      const { code, stderr } = await runCommand(
        nodeArguments(
          "genesis=with-chain.json",
          "log_level=silent",
          `chain.rpc_url=http://127.0.0.1:${port}`,
          "chain.connect_timeout_ms=300",
        ),
      );
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`^error: [^\\n]*no chain node answers[^\\n]*http://127\\.0\\.0\\.1:${port}[^\\n]*\\n$`),
      );
    });

    it("runs, and says so", async () => {
      node = startCommand(nodeArguments("log_level=warn"));
      await node.wrote(`ready: gateway ${gateway}, registry `);
    });

    it("tells its figures where it was told to", async () => {
      const address = /ready: .*metrics ([^,\s]+)/.exec(node?.output.stderr ?? "")?.[1];
      const figures = await (await fetch(`http://${address}/metrics`)).text();
      assert.match(figures, /^countersign_records\{kind="node"\} 1$/m);
      assert.match(figures, /^countersign_storage_transactions_total [1-9]/m);
    });

    it("refuses a second node on its data folder", async () => {
      const pid = node?.child.pid;
      const { code, stderr } = await runCommand(nodeArguments("log_level=silent"));
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`^error: data folder .* is in use by process ${pid}; stop it or choose another folder\n$`),
      );
    });

    it("serves the tiny model to `infer`, with a receipt that `verify` accepts", async () => {
      // A node is ready before its own compute role has registered at its own gateway.
      await until("the model", async () =>
        (await runCommand(["models", "--gateway", gateway])).stdout.includes("tiny-text") ? true : undefined,
      );
      const receipt = join(folder.path, "receipt.json");
      const { code, stdout, stderr } = await runCommand([
        ...["infer", "tiny-text", "The network", "--gateway", gateway],
        ...["--max-tokens", "8", "--receipt", receipt, "--json"],
      ]);
      assert.equal(code, 0, stdout + stderr);
      const answer = JSON.parse(stdout) as {
        status: string;
        output: { text: string };
        quorum_trail: unknown[];
      };
      assert.equal(answer.status, "completed");
      assert.notEqual(answer.output.text.trim(), "");
      assert.equal(answer.quorum_trail.length, 2);
      const check = await runCommand(["verify", receipt]);
      assert.equal(check.code, 0, check.stdout);
      assert.match(check.stdout, /the receipt holds/);
    });

    it("tells of a model that nobody serves, in one line", async () => {
      const { code, stdout, stderr } = await runCommand([
        "infer",
        "no-such-model",
        "Hi",
        "--gateway",
        gateway,
      ]);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^error: MODEL_NOT_FOUND: model_uuid: "no-such-model" is served by no node[^\n]*\n$/,
      );
    });

    it("lists what it did and what it is", async () => {
      const tasks = await runCommand(["tasks", "--gateway", gateway]);
      assert.equal(tasks.code, 0, tasks.stderr);
      assert.match(tasks.stdout, /settled|completed/);
      const sync = await runCommand(["sync", "--node", gateway]);
      assert.equal(sync.code, 1, "nobody to compare with");
      assert.match(sync.stdout, /^node\t\d+\t0\t[0-9a-f]{32}\tunknown$/m);
      assert.match(sync.stdout, /^NOT KNOWN to be in sync: no peer is connected$/m);
      const asJson = await runCommand(["sync", "--node", gateway, "--json"]);
      assert.equal(asJson.code, 1, asJson.stderr);
      assert.equal((JSON.parse(asJson.stdout) as { in_sync: boolean }).in_sync, false);

      const peers = await runCommand(["peers", "--node", gateway]);
      assert.equal(peers.code, 0, peers.stderr);
      assert.match(peers.stdout, /^PEER\tNODE\tSTATE\t.*\tREASON\n$/, "it is alone");
      const all = await runCommand(["peers", "--node", gateway, "--all", "--json"]);
      assert.deepEqual(JSON.parse(all.stdout), []);

      const status = await runCommand(["status", "--node", gateway, "--json"]);
      assert.equal(status.code, 0, status.stderr);
      assert.deepEqual((JSON.parse(status.stdout) as { roles: string[] }).roles, [
        "registry",
        "gateway",
        "validator",
        "compute",
      ]);
    });

    it("stops in order on SIGTERM and leaves its folder free", async () => {
      assert.ok(node);
      node.child.kill("SIGTERM");
      const { code, stderr } = await node.ended;
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /did not stop in time|failed to stop/);
      assert.ok(existsSync(join(home, "data")));
      const again = startCommand(nodeArguments("log_level=warn"));
      await again.wrote("ready: ");
      again.child.kill("SIGINT");
      assert.equal((await again.ended).code, 0);
    });
  });
});
