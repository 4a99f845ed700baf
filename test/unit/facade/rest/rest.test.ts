import assert from "node:assert/strict";
import { restRoutes } from "../../../../src/facade/rest/routes.ts";
import { by, TestNode } from "../../gateway/builders.ts";
import { type RestApp, restApp } from "./app.ts";

const task = { request_id: "r-1", model_uuid: "model", input_data: '{"prompt":"hello"}' };

describe("REST", () => {
  let app: RestApp;
  let node: TestNode;
  before(async () => {
    app = await restApp();
    node = new TestNode();
    node.connect(app.net);
  });
  after(() => app.stop());

  it("takes a task in with 202 and says where it is", async () => {
    const { status, json, headers } = await app.ask("POST", "/api/v1/inference", {
      body: { ...task, request_id: "r-0" },
    });
    assert.equal(status, 202);
    assert.equal(json.request_id, "r-0");
    assert.equal(json.payment_status.required, false);
    assert.equal(headers["location"], "/api/v1/inference/r-0");
  });

  it("waits for a task's end, then has its result and its receipt", async () => {
    await app.ask("POST", "/api/v1/inference", { body: task });
    const early = await app.ask("GET", "/api/v1/inference/r-1/result");
    assert.equal(early.status, 202);
    const waiting = app.ask("GET", "/api/v1/inference/r-1?wait=30s");
    const sent = await node.task(2);
    await app.net.gateway.compute.submitResult(await node.resultOf(sent, app.net), by(node.signer));
    const { status, json } = await waiting;
    assert.equal(status, 200);
    assert.equal(json.status, "completed");
    const result = await app.ask("GET", "/api/v1/inference/r-1/result");
    assert.equal(result.json.output_data, '{"text":"done"}');
    const receipt = await app.ask("GET", "/api/v1/inference/r-1/receipt");
    assert.equal(receipt.json.receipt_of, "r-1");
    const again = await app.ask("POST", "/api/v1/inference", { body: task });
    assert.equal(again.status, 200);
  });

  it("answers 64-bit integers as text and unset fields too", async () => {
    const { json } = await app.ask("GET", "/api/v1/models");
    assert.equal(json.items[0].model_uuid, "model");
    assert.equal(json.items[0].max_tokens, "0");
    assert.equal(json.items[0].available_nodes, 1);
  });

  it("takes a task id with its client, percent-encoded", async () => {
    const client = node.signer.address;
    await app.ask("POST", "/api/v1/inference", {
      body: { ...task, request_id: "r-2", originator_client_id: client },
    });
    const { status, json } = await app.ask("GET", `/api/v1/inference/${encodeURIComponent(`${client}/r-2`)}`);
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.request_id, "r-2");
  });

  it("cancels a task; asking for it then says so with 200, its result with its error", async () => {
    await app.ask("POST", "/api/v1/inference", { body: { ...task, request_id: "r-3" } });
    const cancelled = await app.ask("DELETE", "/api/v1/inference/r-3");
    assert.deepEqual(cancelled.json, { success: true, message: "cancelled" });
    const status = await app.ask("GET", "/api/v1/inference/r-3?wait=1s");
    assert.equal(status.status, 200);
    assert.match(status.json.error_message, /^CANCELLED/);
    const result = await app.ask("GET", "/api/v1/inference/r-3/result");
    assert.equal(result.status, 409);
    assert.equal(result.json.error.code, "CANCELLED");
    assert.equal(result.json.error.request_id, "r-3");
  });

  it("answers a submit whose terms nobody signs with the task's error and its trail", async () => {
    app.net.cosigner.refused.add("preprocessing");
    const { status, json } = await app.ask("POST", "/api/v1/inference", {
      body: { ...task, request_id: "r-4" },
    });
    app.net.cosigner.refused.clear();
    assert.equal(status, 409);
    assert.equal(json.error.code, "QUORUM_NOT_REACHED");
    assert.equal(json.trail.verdicts[0].reason, "NODE_UNKNOWN");
  });

  it("finds its operations: every route of the table answers something but 5xx and NOT_SERVED", async () => {
    for (const { method, path, example } of restRoutes.filter(({ answer }) => answer !== "events")) {
      const url = path.replace("{id}", "1").replace("{address}", `0x${"1".repeat(40)}`);
      const { status, json } = await app.ask(method, url, example === undefined ? {} : { body: example });
      assert.ok(
        status < 500 && json.error?.code !== "NOT_SERVED",
        `${method} ${path}: ${JSON.stringify(json)}`,
      );
    }
  });

  describe("refuses", () => {
    const refusals: [
      string,
      string,
      string,
      number,
      string,
      string?,
      (object | string | undefined)?,
      Record<string, string>?,
    ][] = [
      [
        "a signed body without the path's id",
        "POST",
        "/api/v1/inference/r-1/payment",
        400,
        "INVALID_ARGUMENT",
        "request_id",
        { tx_hash: `0x${"1".repeat(64)}` },
        { "content-type": "application/json", "x-countersign-signature": "0x" },
      ],
      ["an unknown path", "GET", "/api/v1/nothing", 404, "NOT_FOUND", "path"],
      ["a method that a path lacks", "PUT", "/api/v1/inference/r-1", 405, "METHOD_NOT_ALLOWED"],
      ["a method that health lacks", "POST", "/health", 405, "METHOD_NOT_ALLOWED"],
      ["a method that the document lacks", "DELETE", "/openapi.json", 405, "METHOD_NOT_ALLOWED"],
      ["an unknown task", "GET", "/api/v1/inference/none", 404, "TASK_NOT_FOUND", "id"],
      ["an unknown parameter", "GET", "/api/v1/nodes?limt=1", 400, "INVALID_ARGUMENT", "query"],
      ["a parameter twice", "GET", "/api/v1/nodes?limit=1&limit=2", 400, "INVALID_ARGUMENT", "limit"],
      ["a parameter of another type", "GET", "/api/v1/nodes?limit=many", 400, "INVALID_ARGUMENT", "limit"],
      ["a wait that is no time", "GET", "/api/v1/inference/r-1?wait=soon", 400, "INVALID_ARGUMENT", "wait"],
      ["too long a wait", "GET", "/api/v1/inference/r-1?wait=51s", 400, "INVALID_ARGUMENT", "wait"],
      ["a body where none belongs", "DELETE", "/api/v1/inference/r-1", 400, "INVALID_ARGUMENT", "body", task],
      ["a query with a body", "POST", "/api/v1/inference?x=1", 400, "INVALID_ARGUMENT", "query", task],
      [
        "a body that is no JSON",
        "POST",
        "/api/v1/inference",
        400,
        "INVALID_ARGUMENT",
        "body",
        '{"model_uuid":\n]',
      ],
      [
        "a form",
        "POST",
        "/api/v1/inference",
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Type",
        "a=b",
        { "content-type": "application/x-www-form-urlencoded" },
      ],
      [
        "to answer HTML",
        "GET",
        "/api/v1/models",
        406,
        "NOT_ACCEPTABLE",
        "Accept",
        undefined,
        { accept: "text/html" },
      ],
      [
        "an unknown version",
        "GET",
        "/api/v1/models",
        400,
        "INVALID_ARGUMENT",
        "x-api-version",
        undefined,
        { "x-api-version": "v9" },
      ],
      ["a subnet id of letters", "GET", "/api/v1/subnets/abc", 400, "INVALID_ARGUMENT", "subnet_id"],
      [
        "another id than the path's",
        "POST",
        "/api/v1/inference/r-1/payment",
        400,
        "INVALID_ARGUMENT",
        "request_id",
        { request_id: "r-2" },
      ],
    ];
    for (const [what, method, url, http, code, field, body, headers] of refusals) {
      it(what, async () => {
        const answer = await app.ask(method, url, {
          ...(body === undefined ? {} : { body }),
          ...(headers && { headers }),
        });
        assert.equal(answer.status, http, answer.text);
        const { error } = answer.json;
        assert.equal(error.code, code);
        assert.equal(error.field, field);
        assert.equal(answer.headers["x-api-version"], "v1");
        assert.ok(error.message.length > 0 && error.fix.length > 0 && typeof error.number === "number");
      });
    }
  });

  it("names the methods that a path has", async () => {
    const { headers } = await app.ask("PATCH", "/api/v1/nodes");
    assert.equal(headers["allow"], "GET, POST, DELETE, HEAD");
  });

  it("answers HEAD as GET without the body, but for streams", async () => {
    const heads = ["/api/v1/models", "/api/v1/inference/none", "/health", "/api/v1/inference/none/events"];
    const answers = await Promise.all(heads.map((url) => app.server.app.inject({ method: "HEAD", url })));
    assert.deepEqual(
      answers.map(({ statusCode, body }) => [statusCode, body]),
      [200, 404, 200, 405].map((status) => [status, ""]),
    );
    assert.equal(answers[3]?.headers["allow"], "GET");
  });

  it("says where in a text the mistake is", async () => {
    const { json } = await app.ask("POST", "/api/v1/inference", { body: '{"model_uuid":\n  ]}' });
    assert.deepEqual([json.error.line, json.error.column], [2, 3]);
  });

  it("says which role has what this node does not answer", async () => {
    const bare = await restApp({ rest: { operations: new Map() } });
    const { status, json } = await bare.ask("GET", "/api/v1/models");
    assert.equal(status, 404);
    assert.match(json.error.message, /role gateway/);
    await bare.stop();
  });

  it("tells of a route that will go, six months ahead", async () => {
    const [route] = restRoutes.filter(({ path }) => path === "/api/v1/models");
    assert.ok(route);
    const deprecation = { since: new Date("2030-01-01T00:00:00Z"), sunset: new Date("2030-07-01T00:00:00Z") };
    const old = await restApp({ rest: { routes: [{ ...route, deprecation }] } });
    const { headers } = await old.ask("GET", "/api/v1/models");
    assert.equal(headers["deprecation"], "@1893456000");
    assert.equal(headers["sunset"], "Mon, 01 Jul 2030 00:00:00 GMT");
    await old.stop();
  });
});
