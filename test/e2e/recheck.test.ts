import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand, startCommand } from "../support/command-line.ts";
import { freePort } from "../support/free-port.ts";
import { tempFolder } from "../support/temp-folder.ts";

const liar = `process.stdin.resume().on("end", () => console.log(JSON.stringify({ output: { text: "a lie" } })));`;

describe("a validator that runs models itself", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  after(() => folder.remove());

  it("refuses a compute node's result that is not the model's, and signs what is", async () => {
    const home = join(folder.path, "home");
    const away = join(folder.path, "away");
    assert.equal((await runCommand(["init", home])).code, 0);
    const joining = ["init", away, "--genesis", join(home, "genesis.json"), "--role", "compute"];
    assert.equal((await runCommand(joining)).code, 0);
    writeFileSync(join(away, "liar.mjs"), liar);
    const gateway = `127.0.0.1:${await freePort()}`;
    const start = (place: string, models: object[], settings: string[]) =>
      startCommand([
        "node",
        "--config",
        join(place, "config.yaml"),
        "--set",
        "mesh.listen=[/ip4/127.0.0.1/tcp/0]",
        "metrics.listen=",
        `compute.gateways=[${gateway}]`,
        `compute.models=${JSON.stringify(models)}`,
        ...settings,
      ]);
    const honest = { model_uuid: "tiny-text", source: "path", path: "builtin:tiny-text", preload: true };
    const lying = { model_uuid: "tiny-text", source: "executor", path: process.execPath, args: ["liar.mjs"] };
    const judge = start(
      home,
      [{ ...honest, price_wei: "2" }],
      [
        `grpc.gateway=${gateway}`,
        "http.listen=127.0.0.1:0",
        "websocket.listen=127.0.0.1:0",
        "grpc.registry=127.0.0.1:0",
        "gateway.weights.price=100",
        "validator.recheck_share=1",
        "validator.recheck_timeout_ms=60000",
      ],
    );
    const ask = () => runCommand(["infer", "tiny-text", "Hello", "--gateway", gateway, "--recheck"]);
    try {
      await judge.wrote("compute node connected");
      const truth = await ask();
      assert.equal(truth.code, 0, truth.stderr);
      const cheaper = start(away, [{ ...lying, price_wei: "1" }], ["compute.executor.sandbox=disabled"]);
      try {
        await cheaper.wrote("registered with gateway");
        const lie = await ask();
        assert.equal(lie.code, 1, lie.stdout);
        assert.match(lie.stderr, /COMPLETION_REFUSED/);
        assert.match(lie.stderr, /RESULT_DIFFERS/);
      } finally {
        cheaper.child.kill("SIGTERM");
      }
      assert.equal((await cheaper.ended).code, 0);
    } finally {
      judge.child.kill("SIGTERM");
    }
    assert.equal((await judge.ended).code, 0);
  });
});
