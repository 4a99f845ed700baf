import assert from "node:assert/strict";
import { silentLogger } from "../../../src/base/index.ts";
import { dropOldTasks } from "../../../src/roles/gateway/task-retention.ts";
import { nobody, request, statusWhen, submit, type TestGateway, TestNode, testGateway } from "./builders.ts";

const dayMs = 86_400_000;

describe("a gateway's old tasks", () => {
  let net: TestGateway;
  beforeEach(async () => {
    net = await testGateway();
  });
  afterEach(() => net.stop());

  const drop = () => dropOldTasks({ store: net.store, keepDays: 30, clock: net.clock, logger: silentLogger });

  it("are dropped when they ended long ago, and only then", async () => {
    const node = new TestNode();
    node.connect(net);
    await submit(net, request("ended"));
    await node.finish(net);
    await statusWhen(net, "ended", (status) => status.status === "completed");
    await submit(net, request("running"));
    while (net.gateway.tasks.liveCount > 1) await new Promise((resolve) => setImmediate(resolve));
    net.clock.set(net.clock.nowMs() + 29 * dayMs);
    assert.equal(await drop(), 0);
    net.clock.set(net.clock.nowMs() + 2 * dayMs);
    assert.equal(await drop(), 1);
    assert.equal((await net.gateway.clients.status("running", nobody)).request_id, "running");
    const [left] = await net.store.all("SELECT COUNT(*) AS tasks FROM gateway_tasks");
    assert.equal(left?.["tasks"], 1);
  });
});
