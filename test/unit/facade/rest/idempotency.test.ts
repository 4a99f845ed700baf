import assert from "node:assert/strict";
import { TestNode } from "../../gateway/builders.ts";
import { type RestApp, restApp } from "./app.ts";

const task = { model_uuid: "model", input_data: '{"prompt":"hello"}' };
const keyed = (key: string, body: object = task) => ({ body, headers: { "idempotency-key": key } });

describe("REST with an Idempotency-Key", () => {
  let app: RestApp;
  before(async () => {
    app = await restApp();
    new TestNode({ slots: 100 }).connect(app.net);
  });
  after(() => app.stop());

  const submit = (key: string, body: object = task) => app.ask("POST", "/api/v1/inference", keyed(key, body));

  it("answers the same request as the first time, also after a restart", async () => {
    const first = await submit("key-1");
    assert.equal(first.status, 202);
    assert.deepEqual((await submit("key-1")).json, first.json);
    assert.deepEqual((await submit('"key-1"')).json, first.json);
    app = await app.restart();
    new TestNode({ slots: 100 }).connect(app.net);
    assert.deepEqual((await submit("key-1")).json, first.json);
    assert.notEqual((await submit("key-2")).json.request_id, first.json.request_id);
  });

  it("refuses the key for another request", async () => {
    await submit("key-3");
    const { status, json } = await submit("key-3", { ...task, input_data: '{"prompt":"bye"}' });
    assert.equal(status, 422);
    assert.equal(json.error.code, "IDEMPOTENCY_KEY_REUSED");
    assert.equal(json.error.field, "Idempotency-Key");
  });

  it("refuses the key while the first request is under way", async () => {
    const [one, other] = await Promise.all([submit("key-4"), submit("key-4")]);
    const [taken, busy] = one.status === 202 ? [one, other] : [other, one];
    assert.equal(taken.status, 202);
    assert.equal(busy.status, 409);
    assert.equal(busy.json.error.code, "IDEMPOTENCY_KEY_BUSY");
  });

  it("lets a request that could not be done be tried again", async () => {
    const other = { ...task, model_uuid: "late" };
    const refused = await submit("key-5", other);
    assert.equal(refused.json.error.code, "MODEL_NOT_FOUND");
    const node = new TestNode({ id: "late-node" });
    Object.assign(node.info, { supported_models: [{ model_uuid: "late", price_wei: "0" }] });
    node.connect(app.net);
    assert.equal((await submit("key-5", other)).status, 202);
  });

  it("gives a task that a stopping node left behind to the request that comes again", async () => {
    const body = JSON.stringify(task);
    const first = await submit("key-6");
    // As if the node had stopped before it could keep its answer.
    const sql = "UPDATE rest_answers SET answer = NULL WHERE task_id = ?";
    await app.net.store.transact([{ sql, params: [first.json.request_id] }]);
    assert.equal((await submit("key-6", JSON.parse(body))).json.request_id, first.json.request_id);
  });

  it("keeps the keys of different callers apart", async () => {
    const callers = ["::1", "::2"];
    const two = await restApp({
      front: {
        identity: {
          identify: async () => ({
            wallet: undefined,
            proof: undefined,
            isLocal: false,
            user: callers.shift(),
          }),
        },
      },
    });
    new TestNode().connect(two.net);
    const one = await two.ask("POST", "/api/v1/inference", keyed("same"));
    const other = await two.ask("POST", "/api/v1/inference", keyed("same"));
    assert.notEqual(one.json.request_id, other.json.request_id);
    await two.stop();
  });

  it("refuses what is no key", async () => {
    const { status, json } = await submit("two words");
    assert.equal(status, 400);
    assert.equal(json.error.field, "Idempotency-Key");
  });
});
