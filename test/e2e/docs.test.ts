import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "../support/command-line.ts";
import { TestDevnet } from "../support/devnet.ts";
import { type CommandBlock, docCommands, docFiles } from "../support/doc-commands.ts";
import { tempFolder } from "../support/temp-folder.ts";

const grpcurl = fileURLToPath(new URL("../support/grpcurl.ts", import.meta.url));

/** Programs that the documentation calls, as small scripts in a folder for the PATH. */
function standIns(folder: string): string {
  const node = `'${process.execPath}' --disable-warning=ExperimentalWarning`;
  mkdirSync(folder);
  const scripts = {
    countersign: `exec ${node} '${program}' "$@"`,
    grpcurl: `exec ${node} '${grpcurl}' "$@"`,
    // Installing and compiling again is what the documentation does not want to say, nor the test to wait for.
    npm: `[ "$1 $2 $3 $4" = "run -s countersign --" ] || { echo "not run here: npm $*" >&2; exit 1; }\nshift 4\nexec ${node} '${program}' "$@"`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

function skipWithout(name: string, context: Mocha.Context): void {
  process.stderr.write(`      skipped: this machine has no ${name}\n`);
  context.skip();
}

describe("the documentation", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  let net: TestDevnet;
  let places: readonly (readonly [string, string])[];
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    net = await TestDevnet.start({ validators: 2 });
    const { plan, genesisFile } = net.net;
    const gateway = net.net.planned("gateway-1").grpcAddress ?? "";
    const registry = net.net.planned("validator-1").grpcAddress ?? "";
    const chain = plan.rpcUrl ?? "";
    places = [
      ["127.0.0.1:50051", gateway],
      ["127.0.0.1:50050", registry],
      ["127.0.0.1:8080", net.net.planned("gateway-1").httpAddress ?? ""],
      ["127.0.0.1:9000", net.net.planned("gateway-1").wsAddress ?? ""],
      ["http://127.0.0.1:8545", chain],
    ];
    environment = {
      ...process.env,
      PATH: [standIns(join(folder.path, "bin")), process.env["PATH"]].join(delimiter),
      NO_COLOR: "1",
      COUNTERSIGN_GATEWAY_ADDRESS: gateway,
      COUNTERSIGN_NODE_ADDRESS: gateway,
      COUNTERSIGN_REGISTRY_ADDRESS: registry,
      COUNTERSIGN_RPC_URL: chain,
    };
    mkdirSync(join(folder.path, "work"));
    symlinkSync(dirname(genesisFile), join(folder.path, "work/devnet"));
  });
  after(async () => {
    await net?.stop();
    folder.remove();
  });

  /** Runs a block as a person would who pastes it line by line, and stops at the first command that fails. */
  async function run({ commands }: CommandBlock): Promise<{ code: number; output: string }> {
    const script = places.reduce((text, [written, here]) => text.replaceAll(written, here), commands);
    const shell = spawn("bash", ["-e", "-o", "pipefail", "-c", script], {
      cwd: join(folder.path, "work"),
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [shell.stdout, shell.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    const [code] = (await once(shell, "close")) as [number];
    return { code, output };
  }

  for (const file of docFiles()) {
    const { blocks, unmarked } = docCommands(file);
    it(`${file}: every block of commands says that it runs, or why not`, () => {
      assert.deepEqual(unmarked, []);
    });
    for (const block of blocks) {
      it(`${file}:${block.line} ${block.expects === undefined ? "runs" : `is refused: ${block.expects}`}`, async function () {
        if (!hasCurl && /^curl /m.test(block.commands)) return skipWithout("curl", this);
        const { code, output } = await run(block);
        if (block.expects === undefined) return assert.equal(code, 0, output);
        assert.notEqual(code, 0, output);
        assert.ok(output.includes(block.expects), output);
      });
    }
  }
});
