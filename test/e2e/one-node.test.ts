import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/index.ts";
import { startAnvil } from "../../src/chain/index.ts";
import { RpcClient } from "../../src/chain/rpc.ts";
import { runCommand, startCommand } from "../support/command-line.ts";
import { freePort } from "../support/free-port.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("a node that `init` made, with every role", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  after(() => folder.remove());

  it("serves a co-signed task to itself alone, and the receipt holds", async () => {
    const home = join(folder.path, "node");
    const made = await runCommand(["init", home]);
    assert.equal(made.code, 0, made.stderr);
    const gateway = `127.0.0.1:${await freePort()}`;
    const settings = [
      "mesh.listen=[/ip4/127.0.0.1/tcp/0]",
      `grpc.gateway=${gateway}`,
      "grpc.registry=127.0.0.1:0",
      "http.listen=127.0.0.1:0",
      "websocket.listen=127.0.0.1:0",
      "metrics.listen=127.0.0.1:0",
      `compute.gateways=[${gateway}]`,
    ];
    const node = startCommand(["node", "--config", join(home, "config.yaml"), "--set", ...settings]);
    try {
      await node.wrote("compute node connected");
      const receipt = join(folder.path, "receipt.json");
      const asked = await runCommand([
        "infer",
        "tiny-text",
        "Hello",
        "--gateway",
        gateway,
        "--receipt",
        receipt,
      ]);
      assert.equal(asked.code, 0, asked.stderr);
      const verified = await runCommand(["verify", receipt]);
      assert.equal(verified.code, 0, verified.stdout);
    } finally {
      node.child.kill("SIGTERM");
    }
    assert.equal((await node.ended).code, 0);
  });

  it("signs by a remote signer where its key is kept elsewhere", async () => {
    const anvil = await startAnvil();
    try {
      const [address = ""] = await new RpcClient(anvil.url, systemClock).call<string[]>("eth_accounts");
      const home = join(folder.path, "remote");
      const made = await runCommand(["init", home, "--role", "registry"]);
      assert.equal(made.code, 0, made.stderr);
      const registry = `127.0.0.1:${await freePort()}`;
      const settings = [
        "mesh.listen=[/ip4/127.0.0.1/tcp/0]",
        "metrics.listen=",
        `grpc.registry=${registry}`,
        `wallet.remote.url=${anvil.url}`,
        `wallet.remote.address="${address}"`,
      ];
      const node = startCommand(["node", "--config", join(home, "config.yaml"), "--set", ...settings]);
      try {
        await node.wrote("ready:");
        const nodes = await runCommand(["nodes", "--registry", registry, "--json"]);
        assert.equal(nodes.code, 0, nodes.stderr);
        const wallets = (JSON.parse(nodes.stdout) as { wallet_address: string }[]).map(
          (one) => one.wallet_address,
        );
        assert.deepEqual(wallets, [address]);
      } finally {
        node.child.kill("SIGTERM");
      }
      assert.equal((await node.ended).code, 0);
    } finally {
      await anvil.stop();
    }
  });
});
