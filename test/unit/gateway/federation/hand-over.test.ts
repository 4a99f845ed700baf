import assert from "node:assert/strict";
import { FederationNetwork, pay, type SimNode, type TestGateway } from "./network.ts";

const price = "1000";

describe("a task of a gateway without compute nodes", function () {
  this.timeout(30_000);
  let net: FederationNetwork;
  let a: TestGateway;
  let b: TestGateway;
  let node: SimNode;

  const start = async (isPaid: boolean, nodeOptions = {}) => {
    net = new FederationNetwork({ isPaid });
    a = await net.gateway("a");
    b = await net.gateway("b");
    node = net.node("node-b", [b], { priceWei: isPaid ? price : "0", ...nodeOptions });
    await net.pass(100);
  };
  afterEach(() => net.stop());

  const submit = (id = "request-1") => void a.submit(id).catch(() => {});
  const state = async (id = "request-1") => (await a.task(id))?.state;
  const reached = (wanted: string, id = "request-1") =>
    net.until(`${id} ${wanted}`, async () => (await state(id)) === wanted);
  const nothingLeft = async () => {
    await net.pass(90_000);
    assert.deepEqual([a.heldSlots, b.heldSlots], [[], []]);
    assert.deepEqual([a.running.tasks.liveCount, b.running.tasks.liveCount], [0, 0]);
  };

  it("runs behind another one, and looks to its client as any other", async () => {
    await start(false);
    submit();
    await reached("settled");
    const task = await a.task("request-1");
    assert.equal(task?.assignment?.gateway, b.wallet);
    assert.equal(task?.result?.outputData, '{"text":"done","by":"node-b"}');
    assert.equal(task?.quote?.validation.gateway_wallet, a.wallet);
    assert.deepEqual(a.receipts.length, 1);
    assert.deepEqual(b.receipts, []);
    assert.ok(net.observed.includes(`${b.wallet} success`));
    assert.ok(net.observed.includes(`${node.signer.address} success`));
    await nothingLeft();
  });

  it("is paid for at its own gateway", async () => {
    await start(true);
    submit();
    await reached("awaiting_payment");
    assert.equal(b.heldSlots.length, 1);
    const task = await a.task("request-1");
    assert.ok(task);
    pay(net, task);
    await reached("settled");
    assert.deepEqual(net.chain.calls, ["completed request-1"]);
    await nothingLeft();
  });

  it("that nobody pays gives its slot back", async () => {
    await start(true);
    submit();
    await reached("failed");
    await nothingLeft();
    assert.deepEqual(node.received, []);
  });

  it("fails as its node says, and is refunded", async () => {
    await start(true, { fails: "out of memory" });
    submit();
    await reached("awaiting_payment");
    const task = await a.task("request-1");
    assert.ok(task);
    pay(net, task);
    await reached("failed");
    assert.deepEqual(task.failure, { code: "COMPUTE_FAILED", message: "out of memory" });
    await net.pass(1_000);
    assert.deepEqual(net.chain.calls, ["refunded request-1"]);
    await nothingLeft();
  });

  it("shows partial outputs to its client", async () => {
    await start(false, { workMs: 5_000 });
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    const updates = a.running.clients.updates(
      "request-1",
      { wallet: undefined },
      new AbortController().signal,
    );
    await updates.next();
    const partial = {
      request_id: "request-1",
      model_uuid: "model",
      status: "processing",
      output_data: '{"text":"do"}',
    };
    await b.running.compute.submitResult(partial, { wallet: node.signer.address });
    const next = updates.next();
    await net.pass(200);
    assert.equal((await next).value?.output_data, '{"text":"do"}');
    await updates.return(undefined);
  });

  it("is cancelled there too", async () => {
    await start(false, { workMs: 20_000 });
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    void a.running.clients.cancel("request-1", { wallet: undefined });
    await reached("failed");
    await net.until("the slot is free", () => b.heldSlots.length === 0, 2_000);
    const caller = { wallet: node.signer.address };
    await assert.rejects(b.running.compute.taskFor("request-1", caller), { code: "TASK_NOT_FOUND" });
    await nothingLeft();
  });

  it("keeps its node for as long as the other gateway says that it runs", async () => {
    await start(false, { workMs: 18_000 });
    const other = net.node("node-b2", [b]);
    submit();
    await reached("settled");
    assert.equal(node.received.length + other.received.length, 1);
    await nothingLeft();
  });

  it("goes to another node of the same gateway when its node is gone", async () => {
    await start(false, { workMs: 60_000 });
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    const other = net.node("node-b2", [b]);
    node.stop();
    await reached("settled");
    assert.equal(other.received.length, 1);
    assert.equal((await a.task("request-1"))?.grants.length, 1);
    await nothingLeft();
  });

  it("goes to the next gateway when one is gone for ever", async () => {
    await start(true, { workMs: 60_000 });
    submit();
    await reached("awaiting_payment");
    const task = await a.task("request-1");
    assert.ok(task);
    pay(net, task);
    await net.until("the node has it", () => node.received.length > 0);
    const c = await net.gateway("c");
    net.node("node-c", [c], { priceWei: price });
    b.crash();
    await reached("settled");
    assert.equal(task.assignment?.gateway, c.wallet);
    assert.deepEqual(net.chain.calls, ["completed request-1"]);
    assert.ok(net.observed.includes(`${b.wallet} no_answer`));
    assert.ok(!net.observed.includes(`${node.signer.address} no_answer`));
  });

  it("comes back to an own node when another gateway is gone", async () => {
    await start(false, { workMs: 60_000 });
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    b.crash();
    const own = net.node("node-a", [a]);
    await reached("settled");
    assert.equal(own.received.length, 1);
    assert.equal((await a.task("request-1"))?.assignment?.gateway, undefined);
  });

  it("is refunded when the gateway is gone for ever and there is no other", async () => {
    await start(true, { workMs: 60_000 });
    submit();
    await reached("awaiting_payment");
    const task = await a.task("request-1");
    assert.ok(task);
    pay(net, task);
    await net.until("the node has it", () => node.received.length > 0);
    b.crash();
    await reached("failed");
    assert.equal(task.failure?.code, "EXECUTION_EXPIRED");
    await net.pass(1_000);
    assert.deepEqual(net.chain.calls, ["refunded request-1"]);
  });

  it("completes although the link is cut for longer than the lease", async () => {
    await start(false, { workMs: 3_000 });
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    net.isCut = () => true;
    await net.pass(20_000);
    assert.equal(await state(), "dispatched");
    net.isCut = () => false;
    await reached("settled");
    await nothingLeft();
  });

  it("is not given to a gateway that this one does not deal with", async () => {
    net = new FederationNetwork();
    b = await net.gateway("b");
    node = net.node("node-b", [b]);
    a = await net.gateway("a", { deny: [b.wallet] });
    submit();
    await reached("failed");
    assert.equal((await a.task("request-1"))?.failure?.code, "NO_COMPUTE_NODE");
    assert.deepEqual(net.sent, []);
  });

  it("waits for a slot when all are taken", async () => {
    await start(false, { slots: 1, workMs: 1_000 });
    submit("request-1");
    submit("request-2");
    submit("request-3");
    for (const id of ["request-1", "request-2", "request-3"]) await reached("settled", id);
    await nothingLeft();
  });

  it("is invisible to clients of the gateway that runs it, and its models are listed", async () => {
    await start(false, { workMs: 5_000 });
    assert.deepEqual(
      a.running.clients.models().map(({ model_uuid }) => model_uuid),
      ["model"],
    );
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    await assert.rejects(b.running.clients.status("request-1", { wallet: undefined }), {
      code: "TASK_NOT_FOUND",
    });
    const [hosted] = await b.running.tasks.list("", 10);
    assert.equal(hosted?.origin, a.wallet);
    await assert.rejects(b.running.clients.status(hosted?.key ?? "", { wallet: undefined }), {
      code: "TASK_NOT_FOUND",
    });
  });

  it("ends at a gateway whose operator has switched hand-overs off, and goes elsewhere", async () => {
    net = new FederationNetwork();
    const federation = { enabled: true };
    a = await net.gateway("a");
    b = await net.gateway("b", federation);
    node = net.node("node-b", [b], { workMs: 60_000 });
    await net.pass(100);
    submit();
    await net.until("the node has it", () => node.received.length > 0);
    b.crash();
    federation.enabled = false;
    await b.start();
    net.node("node-a", [a]);
    await reached("settled");
    assert.deepEqual(
      (await b.running.tasks.list("", 10)).map((task) => [task.state, task.failure?.code]),
      [["failed", "UNAVAILABLE"]],
    );
    assert.deepEqual([a.heldSlots, b.heldSlots], [[], []]);
  });

  for (const name of ["a", "b"]) {
    it(`goes on when gateway ${name} is killed while it runs`, async () => {
      await start(false, { workMs: 8_000 });
      submit();
      await net.until("the node has it", () => node.received.length > 0);
      const gateway = name === "a" ? a : b;
      gateway.crash();
      await net.pass(2_000);
      await gateway.start();
      await reached("settled");
      assert.equal((await a.task("request-1"))?.grants.length, 0);
      await nothingLeft();
    });
  }
});
