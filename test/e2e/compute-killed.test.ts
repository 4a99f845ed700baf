import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../support/command-line.ts";
import { changes, sumOf, TestDevnet } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";

const price = 10n ** 18n;

describe("a compute node killed in mid-task", function () {
  this.timeout(300_000);
  const folder = tempFolder();
  let net: TestDevnet;
  let receiptJson: string;

  before(async () => {
    net = await TestDevnet.start({ validators: 2, computeNodes: 2, deadlines: { leaseSec: 2 } });
  });
  after(async () => {
    await net?.stop();
    folder.remove();
  });

  it("is replaced by the other, which alone is paid on chain", async () => {
    const start = await net.balances();
    const terms = await net.terms("taken-over");
    const assigned = (await net.summary("taken-over"))?.compute_node_id ?? "";
    const other = assigned === "compute-1" ? "compute-2" : "compute-1";
    net.freeze(assigned);
    const { txHash } = await net.pay(terms);
    await net.confirm("taken-over", txHash);
    await net.reached("taken-over", "dispatched");
    await net.kill(assigned);
    await net.reached("taken-over", "settled");

    const status = await net.status("taken-over");
    assert.deepEqual(
      status.quorum_trail.map((trail) => trail.round),
      ["preprocessing", "reassignment", "completion"],
    );
    assert.equal((await net.summary("taken-over"))?.compute_node_id, other);
    const moved = changes(start, await net.balances());
    assert.equal(moved["client"], -price);
    assert.equal(moved[assigned], undefined);
    assert.ok((moved[other] ?? 0n) >= (price * 8n) / 10n, `${other} got ${moved[other]}`);
    assert.equal(sumOf(moved), 0n);
    receiptJson = status.receipt_json ?? "";
    await net.bringBack(assigned);
  });

  describe("leaves a receipt that `countersign verify`", () => {
    const verify = (text: string, ...options: string[]) => {
      const file = join(folder.path, "receipt.json");
      writeFileSync(file, text);
      return runCommand(["verify", file, "--json", ...options]);
    };
    const onChain = () => ["--rpc-url", net.net.plan.rpcUrl ?? ""];

    it("accepts, offline and against the chain", async () => {
      for (const options of [[], onChain()]) {
        const { code, stdout } = await verify(receiptJson, ...options);
        const { ok, problems } = JSON.parse(stdout) as { ok: boolean; problems: unknown[] };
        assert.deepEqual({ code, ok, problems }, { code: 0, ok: true, problems: [] });
      }
    });

    it("refuses with exit code 1 when any part was changed, and names it", async () => {
      for (const field of ["preprocessing", "result", "completion", "payment", "gateway_signature"]) {
        const receipt = JSON.parse(receiptJson) as Record<string, unknown>;
        receipt[field] = changed(receipt[field]);
        const { code, stdout } = await verify(JSON.stringify(receipt));
        const { ok, problems } = JSON.parse(stdout) as { ok: boolean; problems: { field: string }[] };
        assert.deepEqual({ field, code, ok }, { field, code: 1, ok: false });
        assert.notEqual(problems.length, 0, field);
      }
    });

    it("refuses in words too", async () => {
      const receipt = JSON.parse(receiptJson) as { result: object };
      const file = join(folder.path, "words.json");
      writeFileSync(file, JSON.stringify({ ...receipt, result: { ...receipt.result, output_data: "{}" } }));
      const { code, stdout } = await runCommand(["verify", file]);
      assert.equal(code, 1);
      assert.match(stdout, /^✘ result\.result_hash: not the hash of this output$/m);
      assert.match(stdout, /the receipt does NOT hold\n$/);
    });

    it("refuses what is no receipt, and a file that is not there", async () => {
      assert.equal((await verify("{}")).code, 1);
      assert.equal((await verify("no json")).code, 1);
      const missing = await runCommand(["verify", join(folder.path, "missing.json")]);
      assert.notEqual(missing.code, 0);
      assert.match(missing.stderr, /^error: cannot read the receipt .*missing\.json/);
    });
  });
});

/** The same shape with one thing in it changed. */
function changed(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? "x" : flipLast(value);
  if (typeof value === "number") return value + 1;
  if (value === null) return "x";
  if (Array.isArray(value))
    return value.length === 0 ? ["x"] : [...value.slice(0, -1), changed(value.at(-1))];
  const [[name, inner] = ["x", null]] = Object.entries(value as object);
  return { ...(value as object), [name]: changed(inner) };
}

function flipLast(text: string): string {
  return text.slice(0, -1) + (text.endsWith("1") ? "2" : "1");
}
