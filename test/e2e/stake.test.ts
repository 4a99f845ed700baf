import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { minimumStakeWei, TestNetwork, unbondingSec } from "../integration/chain/network.ts";
import { runCommand } from "../support/command-line.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("`countersign stake`", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  let network: TestNetwork;
  before(async () => {
    network = await TestNetwork.start();
    write("validator", network.genesis());
    write("private", { name: "private", chain: null });
  });
  after(async () => {
    await network.stop();
    folder.remove();
  });

  function write(name: string, genesis: object): void {
    mkdirSync(join(folder.path, name));
    writeFileSync(join(folder.path, name, "genesis.json"), JSON.stringify(genesis));
    // Anvil holds the key of its first account, which owns the tokens, and signs.
    const wallet = { remote: { url: network.anvil.url, address: network.deployer.address } };
    const chain = { rpc_url: network.anvil.url };
    const config = JSON.stringify({ roles: ["validator"], wallet, chain });
    writeFileSync(join(folder.path, name, "config.yaml"), config);
  }
  const stake = (...args: string[]) =>
    runCommand(["stake", ...args, "--config", join(folder.path, "validator", "config.yaml")]);
  const shown = async () => JSON.parse((await stake("show", "--json")).stdout);

  it("joins the validators, adds, leaves and takes the stake back", async () => {
    const before = await shown();
    assert.equal(before.status, "none");
    assert.equal(before.minimum_stake_wei, String(minimumStakeWei));
    const least = String(minimumStakeWei / 10n ** 18n);
    assert.equal((await stake("add", least)).code, 0);
    assert.equal((await stake("add", "0.5", "--json")).code, 0);
    const active = await shown();
    assert.equal(active.status, "active");
    assert.equal(active.stake_wei, String(minimumStakeWei + 5n * 10n ** 17n));
    const left = await stake("leave");
    assert.equal(left.code, 0, left.stderr);
    assert.match(left.stderr, /left the validators, transaction 0x[0-9a-f]{64}/);
    const early = await stake("withdraw");
    assert.equal(early.code, 1);
    assert.match(early.stderr, /^error: the contract refused: StillUnbonding[^\n]*\n$/);
    await network.passTime(unbondingSec + 1);
    assert.equal((await stake("withdraw")).code, 0);
    assert.equal((await shown()).balance_wei, before.balance_wei);
  });

  it("says which amount is wrong, and that a network without a chain takes none", async () => {
    for (const amount of ["1,000", "0", "-5", "1e3", "0.0000000000000000001"]) {
      const refused = await stake("add", amount);
      assert.equal(refused.code, 2, amount);
      assert.match(refused.stderr, /^error: tokens: "[^"]+" is not allowed; .*such as 1000 or 0\.5\n$/);
    }
    const none = await runCommand(["stake", "show", "--config", join(folder.path, "private", "config.yaml")]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /this network has no chain/);
  });
});
