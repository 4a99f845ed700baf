import assert from "node:assert/strict";
import { verifyReceipt } from "../../src/cosign/index.ts";
import type { QuorumTrail } from "../../src/wire/index.ts";
import { changes, sumOf, TestDevnet, until } from "../support/devnet.ts";

const minority = ["validator-1", "validator-3"];
const majority = ["validator-1", "validator-2", "validator-3"];
const price = 10n ** 18n;

/** Validators of a round's trail by how they ended. */
function outcomes(trails: readonly QuorumTrail.$Properties[], round: string): Record<string, string[]> {
  const trail = trails.find((one) => one.round === round);
  assert.ok(trail, `no trail of the ${round} round`);
  const found: Record<string, string[]> = {};
  for (const { outcome = "", validator_address = "" } of trail.verdicts ?? []) {
    found[outcome ?? ""] = [...(found[outcome ?? ""] ?? []), validator_address ?? ""].sort();
  }
  return found;
}

describe("with five validators of which three must sign", function () {
  this.timeout(300_000);
  let net: TestDevnet;
  const walletsOf = (names: readonly string[]) => names.map((name) => net.walletOf(name)).sort();

  before(async () => {
    // A round may take its time on a machine that does other work too; only those without a quorum wait for its end.
    net = await TestDevnet.start({ validators: 5, deadlines: { roundMs: 10_000 } });
  });
  after(() => net?.stop());

  it("completes a task when two are killed between its terms and its result", async () => {
    const before = await net.balances();
    const terms = await net.terms("two-killed");
    net.freeze("compute-1");
    const { txHash } = await net.pay(terms);
    await net.confirm("two-killed", txHash);
    await net.reached("two-killed", "dispatched");
    await net.kill(...minority);
    net.thaw("compute-1");
    await net.reached("two-killed", "settled");

    const status = await net.status("two-killed");
    const { signed = [], ...others } = outcomes(status.quorum_trail, "completion");
    assert.deepEqual(signed, walletsOf(["validator-2", "validator-4", "validator-5"]));
    assert.deepEqual(Object.values(others).flat().sort(), walletsOf(minority));
    const receipt = verifyReceipt(status.receipt_json ?? "");
    assert.deepEqual(receipt.problems, []);
    const after = await net.balances();
    assert.equal(after["client"], (before["client"] ?? 0n) - price);
    assert.equal(after["escrow"], 0n);
    assert.equal(sumOf(after), sumOf(before));
  });

  it("takes in and completes new tasks while two are gone", async () => {
    const terms = await net.terms("two-gone");
    const { txHash } = await net.pay(terms);
    await net.confirm("two-gone", txHash);
    await net.reached("two-gone", "settled");
    await net.bringBack(...minority);
  });

  it("fails a submit when three are gone, names them, and nobody has paid", async () => {
    const before = await net.balances();
    await net.kill(...majority);
    const status = await net.submit("three-gone");
    assert.equal(status.status, "failed");
    assert.match(status.error_message, /^QUORUM_NOT_REACHED: preprocessing round: 2 of 3 signatures/);
    assert.deepEqual(outcomes(status.quorum_trail, "preprocessing"), {
      signed: walletsOf(["validator-4", "validator-5"]),
      no_answer: walletsOf(majority),
    });
    for (const wallet of walletsOf(majority)) assert.ok(status.error_message.includes(wallet));
    assert.deepEqual(changes(before, await net.balances()), {});
    await net.bringBack(...majority);
  });

  it("refunds a paid task when three are killed before its result", async () => {
    const before = await net.balances();
    const terms = await net.terms("three-killed");
    net.freeze("compute-1");
    const { txHash } = await net.pay(terms);
    await net.confirm("three-killed", txHash);
    await net.reached("three-killed", "dispatched");
    assert.deepEqual(changes(before, await net.balances()), { client: -price, escrow: price });
    await net.kill(...majority);
    net.thaw("compute-1");
    await net.reached("three-killed", "failed");

    const status = await net.status("three-killed");
    assert.match(status.error_message, /^QUORUM_NOT_REACHED: completion round: 2 of 3 signatures/);
    assert.deepEqual(outcomes(status.quorum_trail, "completion"), {
      signed: walletsOf(["validator-4", "validator-5"]),
      no_answer: walletsOf(majority),
    });
    await until("the refund", async () => (await net.status("three-killed")).payment_status?.refund_tx);
    assert.deepEqual(changes(before, await net.balances()), {});
    await net.bringBack(...majority);
  });

  it("completes tasks again once they are back", async () => {
    const terms = await net.terms("all-back");
    const { txHash } = await net.pay(terms);
    await net.confirm("all-back", txHash);
    await net.reached("all-back", "settled");
  });
});
