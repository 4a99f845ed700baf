import assert from "node:assert/strict";
import { CountersignError } from "../../../src/base/index.ts";
import type { Store } from "../../../src/storage/index.ts";
import { allUpdates, nobody, submit, type TestGateway, TestNode, testGateway } from "./builders.ts";

describe("the receipt of a task that no round signs", () => {
  let net: TestGateway;
  let isDiskFull: boolean;

  beforeEach(async () => {
    isDiskFull = false;
    const wrapStore = (store: Store): Store =>
      Object.assign(Object.create(store) as Store, {
        all: store.all.bind(store),
        close: () => store.close(),
        transact: (statements: Parameters<Store["transact"]>[0]) =>
          isDiskFull
            ? Promise.reject(new CountersignError("STORAGE_FAILED", "the disk is full"))
            : store.transact(statements),
      });
    net = await testGateway({ required: 0, wrapStore });
    const node = new TestNode();
    node.connect(net);
    await submit(net);
    const updates = allUpdates(net, "request-1");
    await node.task();
    await node.finish(net);
    await updates;
  });
  afterEach(() => net.stop());

  const receipt = async () => (await net.gateway.clients.status("request-1", nobody)).receipt_json;

  it("is made when first asked for, once, whoever asks at the same time", async () => {
    const asked = await Promise.all([receipt(), receipt(), receipt()]);
    assert.deepEqual(
      asked.map((text) => JSON.parse(text ?? "")),
      Array(3).fill({ receipt_of: "request-1", payout: null, number: 1 }),
    );
  });

  it("stays the same after a restart", async () => {
    const before = await receipt();
    net = await net.restart();
    assert.equal(await receipt(), before);
  });

  it("can still be had after a restart when nobody had asked", async () => {
    await allWritten();
    net = await net.restart();
    const [first, second] = await Promise.all([receipt(), receipt()]);
    assert.match(first ?? "", /request-1/);
    assert.equal(second, first);
  });

  it("is not given before it is on disk", async () => {
    await allWritten();
    isDiskFull = true;
    await assert.rejects(receipt(), { code: "STORAGE_FAILED" });
    isDiskFull = false;
    const given = await receipt();
    net = await net.restart();
    assert.equal(await receipt(), given);
  });

  it("comes with the answer when the request is sent again", async () => {
    const again = await submit(net);
    assert.equal(again.receipt_json, await receipt());
  });

  const allWritten = () => net.gateway.tasks.stop();
});
