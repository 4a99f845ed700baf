import assert from "node:assert/strict";
import { by, type TestGateway, TestNode, testGateway } from "./builders.ts";

describe("a compute node's task stream at a gateway", () => {
  let net: TestGateway;

  beforeEach(async () => {
    net = await testGateway();
  });
  afterEach(() => net.stop());

  const open = (node: TestNode, info = node.info) =>
    net.gateway.compute.receive(info, by(node.signer), () => {}, new AbortController().signal);

  it("is refused before the node has registered, since no validator knows it then", () => {
    assert.throws(() => open(new TestNode()), { code: "NOT_FOUND" });
    assert.deepEqual([...net.gateway.clients.models()], []);
  });

  it("leaves models and prices as they were registered", async () => {
    const node = new TestNode({ priceWei: "5" });
    await net.gateway.compute.register(node.info, by(node.signer));
    open(node, { ...node.info, supported_models: [{ model_uuid: "other", price_wei: "1" }] });
    const models = net.gateway.clients
      .models()
      .map(({ model_uuid, min_price_wei }) => [model_uuid, min_price_wei]);
    assert.deepEqual(models, [["model", "5"]]);
  });
});
