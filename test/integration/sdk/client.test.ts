import assert from "node:assert/strict";
import { createClient, SdkError, type TaskUpdate } from "../../../src/sdk/index.ts";
import { type RestApp, restApp } from "../../unit/facade/rest/app.ts";
import { by, TestNode } from "../../unit/gateway/builders.ts";

// The SDK over HTTP with a gateway and a registry in this process.

describe("the SDK at a gateway", () => {
  let app: RestApp;
  let node: TestNode;
  let client: ReturnType<typeof createClient>;

  /** Follows the gateway to the port that it has after a restart. */
  const toTheGateway: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(String(input));
    return fetch(`http://${app.server.address}${pathname}${search}`, init);
  };
  const partial = (output: string, requestId: string) =>
    app.net.gateway.compute.submitResult(
      { request_id: requestId, model_uuid: "model", status: "processing", output_data: output },
      by(node.signer),
    );

  beforeEach(async () => {
    app = await restApp();
    node = new TestNode();
    node.connect(app.net);
    client = createClient({ url: "http://gateway.invalid", fetch: toTheGateway });
  });
  afterEach(() => app.stop());

  it("submits a task, waits for its output and tells of its progress", async () => {
    const task = await client.submit({ model: "model", input: { prompt: "Hello" } });
    assert.deepEqual(
      [task.needsPayment, task.priceWei, task.payBeforeSec, task.id],
      [false, 0n, undefined, task.requestId],
    );
    const seen: string[] = [];
    const waiting = client.wait(task, { onProgress: ({ status }) => seen.push(status) });
    await node.finish(app.net);
    const { output, status, receipt } = await waiting;
    assert.equal(output, '{"text":"done"}');
    assert.equal(seen.at(-1), "completed");
    assert.deepEqual([await client.status(task.id), status.receipt_json], [status, receipt]);
  });

  it("makes one task of a submit that is repeated with its id, and refuses another with it", async () => {
    const request = { model: "model", input: "{}", requestId: "once" };
    const [first, again] = [await client.submit(request), await client.submit(request)];
    assert.equal(first.id, again.id);
    assert.equal((await app.net.gateway.clients.status("once", by(node.signer))).request_id, "once");
    await assert.rejects(client.submit({ ...request, input: '{"other":1}' }), {
      name: "SdkError",
      code: "ALREADY_EXISTS",
      httpStatus: 409,
      field: "request_id",
    });
  });

  it("streams the output as it grows: all of it, each piece once, in order", async () => {
    const task = await client.submit({ model: "model", input: "{}" });
    await node.task();
    const updates: TaskUpdate[] = [];
    for await (const update of client.stream(task)) {
      updates.push(update);
      if (update.output === "" && update.status === "processing") await partial("One", task.requestId);
      if (update.output === "One") await partial("One, two", task.requestId);
      if (update.output === "One, two") await node.finish(app.net, "One, two, three");
    }
    const text = updates.map(({ added }) => added).join("");
    assert.equal(text, "One, two, three");
    assert.equal(updates.at(-1)?.status, "completed");
    const cursors = updates.flatMap(({ cursor }) => cursor ?? []);
    assert.deepEqual(
      cursors,
      [...new Set(cursors)].sort((a, b) => a - b),
    );
    const [{ cursor } = { cursor: undefined }] = updates;
    const rest = await Array.fromAsync(client.stream(task, { cursor: cursor ?? 0 }));
    assert.deepEqual(
      rest.map((one) => one.cursor),
      cursors.slice(1),
    );
    assert.deepEqual(await Array.fromAsync(client.stream(task, { cursor: cursors.at(-1) ?? 0 })), []);
  });

  it("goes on streaming and waiting over a restart of the gateway, without gap or duplicate", async () => {
    const task = await client.submit({ model: "model", input: "{}" });
    await node.task();
    const waiting = client.wait(task);
    const updates: TaskUpdate[] = [];
    let isRestarted = false;
    for await (const update of client.stream(task)) {
      updates.push(update);
      if (update.status !== "processing" || isRestarted) continue;
      isRestarted = true;
      app = await app.restart();
      node.connect(app.net);
      await node.finish(app.net);
    }
    assert.equal((await waiting).output, '{"text":"done"}');
    const cursors = updates.flatMap(({ cursor }) => cursor ?? []);
    assert.deepEqual(
      cursors,
      [...new Set(cursors)].sort((a, b) => a - b),
    );
    const all = await Array.fromAsync(client.stream(task, { cursor: 0 }));
    assert.deepEqual(
      all.map(({ cursor }) => cursor),
      cursors,
    );
  });

  it("rejects with a task's failure, where it is waited for and where it is streamed", async () => {
    const task = await client.submit({ model: "model", input: "{}" });
    assert.equal((await client.cancel(task)).success, true);
    for (const failing of [client.wait(task), Array.fromAsync(client.stream(task))])
      await assert.rejects(failing, { name: "SdkError", code: "CANCELLED", requestId: task.requestId });
  });

  it("tells the gateway's refusals with field, fix and trail", async () => {
    await assert.rejects(client.submit({ model: "none", input: "{}" }), (error: SdkError) => {
      assert.deepEqual(
        [error.code, error.httpStatus, error.field, error.fix],
        ["MODEL_NOT_FOUND", 404, "model_uuid", "List the models that the gateway serves and choose one."],
      );
      return error instanceof SdkError;
    });
    await assert.rejects(client.wait("no-such-task"), { code: "TASK_NOT_FOUND" });
    await assert.rejects(Array.fromAsync(client.stream("no-such-task")), { code: "TASK_NOT_FOUND" });
    await assert.rejects(client.status(""), { code: "INVALID_ARGUMENT", field: "task" });
  });

  it("lists models, nodes and validators, and shows the network", async () => {
    assert.deepEqual(
      (await client.models()).map((one) => one.model_uuid),
      ["model"],
    );
    assert.ok(Array.isArray(await client.nodes({ nodeType: "compute", capabilities: ["a", "b"], limit: 3 })));
    assert.ok(Array.isArray(await client.validators({ activeOnly: true, limit: 3 })));
    assert.deepEqual((await client.network()).roles, ["gateway"]);
  });

  it("stops with its signal's reason, wherever it is", async () => {
    const task = await client.submit({ model: "model", input: "{}" });
    await node.task();
    const reason = new Error("enough");
    const stopped = new AbortController();
    const calls = [
      client.wait(task, { signal: stopped.signal }),
      Array.fromAsync(client.stream(task, { signal: stopped.signal })),
    ];
    const over = Promise.allSettled(calls);
    stopped.abort(reason);
    for (const one of await over) assert.equal(one.status === "rejected" && one.reason, reason);
    await assert.rejects(client.models({ signal: stopped.signal }), reason);
  });
});
