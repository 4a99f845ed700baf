import assert from "node:assert/strict";
import { verifyReceipt } from "../../src/cosign/index.ts";
import { gatewayClientService as clients, type InferenceTaskStatus } from "../../src/wire/index.ts";
import { type Balances, changes, sumOf, TestDevnet, until } from "../support/devnet.ts";

const price = 10n ** 18n;
/** Gateway 1 has no compute node; 2 and 3 have one each. */
const computeAt = [["gateway-2"], ["gateway-3"]];

describe("a client of a gateway without compute nodes", function () {
  this.timeout(300_000);
  let net: TestDevnet;
  let start: Balances;

  before(async () => {
    net = await TestDevnet.start({ validators: 3, gateways: 3, computeNodes: 2, computeAt });
  });
  after(() => net?.stop());
  beforeEach(async () => {
    await net.serving();
    start = await net.balances();
  });

  /** Terms of a task, and the gateway that its node is behind. */
  const termsOf = async (
    id: string,
  ): Promise<{ terms: InferenceTaskStatus; node: string; behind: string }> => {
    const terms = await net.terms(id);
    const summary = await net.summary(id);
    const wallet = summary?.at_gateway ?? "";
    const behind = ["gateway-2", "gateway-3"].find((name) => net.walletOf(name) === wallet) ?? "";
    assert.notEqual(behind, "", `${id} is at ${wallet}`);
    return { terms, node: summary?.compute_node_id ?? "", behind };
  };

  const payAndConfirm = async (id: string, terms: InferenceTaskStatus): Promise<void> => {
    const { txHash } = await net.pay(terms);
    await net.confirm(id, txHash);
  };

  /** Paid out once, with a receipt that holds, and every token accounted for. */
  const assertPaidOut = async (id: string): Promise<InferenceTaskStatus> => {
    await net.reached(id, "settled");
    const status = await net.status(id);
    assert.deepEqual(verifyReceipt(status.receipt_json ?? "").problems, []);
    const moved = changes(start, await net.balances());
    assert.equal(moved["client"], -price);
    assert.equal(moved["gateway-1"], price / 10n);
    assert.equal(moved["escrow"], undefined);
    assert.equal(sumOf(moved), 0n);
    return status;
  };

  /** The other gateway has ended its part. */
  const assertNothingLeft = (behind: string) =>
    until(`${behind} is done`, async () => {
      const states = Object.keys(await net.taskStates(behind));
      return states.every((state) => state === "settled" || state === "failed") || undefined;
    });

  it("is told of the models that others' nodes serve", async () => {
    const offers = await until("gateway 1 knows both nodes", async () => {
      const models = await Array.fromAsync(
        net.at("gateway-1").stream(clients.GetSupportedModels, {}, net.unsigned),
      );
      return models.some(({ nodes_elsewhere }) => nodes_elsewhere === 2) ? models : undefined;
    });
    assert.deepEqual(
      offers.map(({ model_uuid, available_nodes }) => [model_uuid, available_nodes]),
      [["tiny-text", 2]],
    );
  });

  it("gets a paid task done behind another gateway, with one receipt, and each side shows it", async () => {
    const { terms, node, behind } = await termsOf("plain");
    await payAndConfirm("plain", terms);
    const status = await assertPaidOut("plain");
    assert.equal(status.preprocessing_validation?.gateway_wallet, net.walletOf("gateway-1"));
    assert.deepEqual(
      status.quorum_trail.map(({ round }) => round),
      ["preprocessing", "completion"],
    );
    const moved = changes(start, await net.balances());
    assert.ok((moved[node] ?? 0n) >= (price * 8n) / 10n, `${node} got ${moved[node]}`);
    assert.equal((await net.summary("plain", behind))?.for_gateway, net.walletOf("gateway-1"));
    await assert.rejects(net.status("plain", behind), /TASK_NOT_FOUND/);
    await assertNothingLeft(behind);
  });

  it("gets it although its own gateway is killed and comes back in the middle", async () => {
    const { terms, node, behind } = await termsOf("own-killed");
    net.freeze(node);
    await payAndConfirm("own-killed", terms);
    await until("it is handed over", async () => (await net.summary("own-killed", behind)) && true);
    await net.kill("gateway-1");
    net.thaw(node);
    await net.restart("gateway-1");
    await assertPaidOut("own-killed");
    await assertNothingLeft(behind);
  });

  it("gets it although the other gateway is killed and comes back in the middle", async () => {
    const { terms, node, behind } = await termsOf("other-killed");
    net.freeze(node);
    await payAndConfirm("other-killed", terms);
    await until("it is handed over", async () => (await net.summary("other-killed", behind)) && true);
    await net.kill(behind);
    net.thaw(node);
    await net.restart(behind);
    await assertPaidOut("other-killed");
    await assertNothingLeft(behind);
  });

  it("gets it from the next gateway when the other one is gone for ever", async () => {
    const { terms, node, behind } = await termsOf("gone");
    net.freeze(node);
    await payAndConfirm("gone", terms);
    await until("it is handed over", async () => (await net.summary("gone", behind)) && true);
    await net.kill(behind, node);
    const status = await assertPaidOut("gone");
    assert.deepEqual(
      status.quorum_trail.map(({ round }) => round),
      ["preprocessing", "reassignment", "completion"],
    );
    const other = behind === "gateway-2" ? "gateway-3" : "gateway-2";
    assert.equal((await net.summary("gone"))?.at_gateway, net.walletOf(other));
    await net.restart(behind, node);
  });
});

describe("a client of a gateway without compute nodes, where nothing is paid", function () {
  this.timeout(300_000);
  let net: TestDevnet;

  before(async () => {
    net = await TestDevnet.start({
      validators: 3,
      gateways: 2,
      computeNodes: 1,
      withChain: false,
      computeAt: [["gateway-2"]],
      deadlines: { paymentSec: 5, executionSec: 12, leaseSec: 4 },
    });
  });
  after(() => net?.stop());

  it("gets a task done behind another gateway", async () => {
    await net.submit("unpaid");
    await net.reached("unpaid", "settled");
    const { receipt_json } = await net.status("unpaid");
    assert.deepEqual(verifyReceipt(receipt_json ?? "").problems, []);
    assert.equal((await net.summary("unpaid"))?.at_gateway, net.walletOf("gateway-2"));
  });

  it("is told that it failed when the only other gateway is gone for ever", async () => {
    net.freeze("compute-1");
    await net.submit("lost");
    await until("it is handed over", async () => (await net.summary("lost", "gateway-2")) && true);
    await net.kill("gateway-2");
    await net.reached("lost", "failed");
    assert.match((await net.status("lost")).error_message, /EXECUTION_EXPIRED/);
  });
});
