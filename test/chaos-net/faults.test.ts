import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { verifyReceipt } from "../../src/cosign/index.ts";
import { type Balances, sumOf, until } from "../support/devnet.ts";
import { whyNoLan } from "./lan.ts";
import { chainHost, clientHost } from "./lay-out.ts";
import { HostedNetwork } from "./network.ts";
import { whyNoShaping } from "./shaper.ts";

const gateway = "gateway-2";
const computeNodes = ["compute-1", "compute-2"];
/** The halves are apart at least so long. */
const apartMs = 20_000;
const missing = whyNoLan();

describe(`a network across hosts${missing === undefined ? "" : ` (skipped: ${missing})`}`, function () {
  this.timeout(180_000);
  let network: HostedNetwork;

  before(async function () {
    if (missing !== undefined) this.skip();
    network = await HostedNetwork.start({
      validators: 3,
      gateways: 2,
      computeNodes: 2,
      computeFor: [gateway],
      // A round may wait for packets that are sent again.
      deadlines: { leaseSec: 4, roundMs: 10_000 },
    });
  });
  after(() => network?.stop());

  const pay = async (id: string, at: string): Promise<void> => {
    const { net } = network;
    const terms = await net.submit(id, {}, at);
    assert.equal(terms.payment_status?.preprocessing_complete, true, terms.error_message);
    const { txHash } = await net.pay(terms);
    await net.confirm(id, txHash, at);
  };

  const assertSettled = async (id: string, at = gateway): Promise<void> => {
    await network.net.reached(id, "settled", at);
    const { receipt_json } = await network.net.status(id, at);
    assert.deepEqual(verifyReceipt(receipt_json ?? "").problems, []);
  };

  const completePaidTask = async (id: string): Promise<void> => {
    await pay(id, gateway);
    await assertSettled(id);
  };

  /** A task that its compute node has and does not finish. Answers that node's name. */
  const startTask = async (id: string, at = gateway): Promise<string> => {
    const { net } = network;
    net.freeze(...computeNodes);
    await pay(id, at);
    await net.reached(id, "dispatched", at);
    return (await net.summary(id, at))?.compute_node_id ?? "";
  };

  it("is one mesh, although every host uses the same port", async () => {
    for (const name of ["gateway-1", "validator-2"]) {
      const { listen_addresses } = await network.status(name);
      const address = `/ip4/${network.lan.addressOf(name)}/tcp/8828`;
      assert.ok(
        listen_addresses.some((one) => one.startsWith(address)),
        `${listen_addresses}`,
      );
      assert.ok(listen_addresses.some((one) => one.startsWith("/ip4/127.0.0.1/tcp/8828")));
    }
    await completePaidTask("whole");
  });

  it("works while one of three validators has its cable out, and needs it when another has", async () => {
    const { lan, pids } = network;
    lan.unplug("validator-3");
    await completePaidTask("without-one");
    lan.plugIn("validator-3");
    lan.unplug("validator-2");
    await completePaidTask("without-another");
    lan.plugIn("validator-2");
    await network.untilWhole();
    await network.untilReplicasEqual();
    assert.deepEqual(network.pids, pids);
  });

  it("waits with a paid task while its gateway hears nothing of the chain", async () => {
    const { lan, net } = network;
    const terms = await net.submit("no-chain", {}, gateway);
    assert.equal(terms.payment_status?.preprocessing_complete, true, terms.error_message);
    lan.silence([chainHost], [gateway]);
    await net.pay(terms);
    assert.equal((await net.summary("no-chain", gateway))?.state, "awaiting_payment");
    lan.hear();
    await assertSettled("no-chain");
  });

  it("knows a rebooted gateway again, which goes on with its tasks", async () => {
    const { net } = network;
    const before = await network.status(gateway);
    await startTask("rebooted");
    await network.reboot(gateway);
    net.thaw(...computeNodes);
    await assertSettled("rebooted");
    await network.untilWhole();
    const after = await network.status(gateway);
    assert.equal(after.peer_id, before.peer_id);
    assert.ok(after.started_at_ms > before.started_at_ms);
    await completePaidTask("after-reboot");
  });

  const shaping = missing === undefined ? whyNoShaping() : undefined;
  const skipped = shaping === undefined ? "" : ` (skipped: ${shaping})`;
  it(`completes a paid task over links that lose 3 % and take 40 ms${skipped}`, async function () {
    if (shaping !== undefined) this.skip();
    await network.lan.shape({ lossShare: 0.03, delayMs: 40 });
    try {
      await completePaidTask("slow");
    } finally {
      network.lan.unshape();
    }
  });

  describe("in two halves, for longer than any keep-alive", () => {
    let near: string[];
    let far: string[];
    let pids: HostedNetwork["pids"];
    let balances: Balances;
    let assigned: string;
    let longEnough: Promise<void>;

    before(async () => {
      const { net, lan } = network;
      ({ pids } = network);
      balances = await net.balances();
      await startTask("handed-over", "gateway-1");
      await until("the task at the other gateway", () =>
        net.inDatabase(gateway, (database) =>
          database.prepare("SELECT 1 FROM gateway_tasks WHERE request_id = 'handed-over'").get(),
        ),
      );
      assigned = await startTask("parted");
      far = ["gateway-1", "validator-3", assigned];
      near = network.nodeNames.filter((name) => !far.includes(name));
      lan.silence([chainHost, clientHost, ...near], far);
      longEnough = pause(apartMs);
      net.thaw(...computeNodes);
    });

    it("gives the task of a compute node on the other side to another one", async () => {
      await assertSettled("parted");
      const { net } = network;
      assert.notEqual((await net.summary("parted", gateway))?.compute_node_id, assigned);
      assert.equal(sumOf(await net.balances()), sumOf(balances));
    });

    it("takes in records on both sides, and notices that the other is gone", async () => {
      const { net } = network;
      const beyond = await network.from("gateway-1", "validator-3");
      await network.register("near-record", net.at("validator-1"));
      await network.register("far-record", beyond);
      await Promise.all([
        network.untilPeers(near.length - 1, near),
        network.untilPeers(far.length - 1, ["validator-3"], beyond),
        longEnough,
      ]);
    });

    it("is whole again once it is joined, with equal replicas and nobody restarted", async () => {
      network.hear();
      await network.untilWhole();
      const keys = await network.untilReplicasEqual();
      for (const record of ["near-record", "far-record"])
        assert.ok(
          keys.some((key) => key.endsWith(`/${record}`)),
          record,
        );
      await network.untilInSync(network.nodeNames);
      assert.deepEqual(network.pids, pids);
    });

    it("completes the task that one gateway handed to the other before they lost each other", async () => {
      await assertSettled("handed-over", "gateway-1");
      assert.equal(sumOf(await network.net.balances()), sumOf(balances));
      await completePaidTask("joined");
    });
  });
});
