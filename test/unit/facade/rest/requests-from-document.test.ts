import assert from "node:assert/strict";
import fc from "fast-check";
import { TestNode } from "../../gateway/builders.ts";
import { type Answered, type Json, type RestApp, restApp } from "./app.ts";

// Requests made from the OpenAPI document alone, as a stranger's tool would make them.

const runs = { numRuns: 6 };
/** Deeper, what may be left out is. */
const maxDepth = 3;

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: Json;
}

describe("requests made from the OpenAPI document", function () {
  this.timeout(60_000);
  let app: RestApp;
  let document: Json;
  before(async () => {
    app = await restApp();
    const node = new TestNode({ slots: 100 });
    node.connect(app.net);
    document = (await app.ask("GET", "/openapi.json")).json;
  });
  after(() => app.stop());

  const resolved = (schema: Json): Json => {
    const [, , kind, name] = (schema.$ref ?? "").split("/");
    return kind === undefined ? schema : resolved(document.components[kind][name]);
  };

  function valuesOf(schemaOrRef: Json, depth = 0): fc.Arbitrary<Json> {
    const schema = resolved(schemaOrRef);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one: Json) => valuesOf(one, depth)));
    if (schema.contentMediaType === "application/json") return fc.json({ maxDepth: 2 });
    if (schema.contentEncoding === "base64")
      return fc.uint8Array({ maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
    switch (schema.type) {
      case "null":
        return fc.constant(null);
      case "boolean":
        return fc.boolean();
      case "integer":
        return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 1_000) });
      case "number":
        return fc.double({ noNaN: true });
      case "array":
        return fc.array(valuesOf(schema.items, depth + 1), {
          minLength: schema.minItems ?? 0,
          maxLength: depth > maxDepth ? 0 : 3,
        });
      case "object": {
        const required: string[] = schema.required ?? [];
        const names = Object.keys(schema.properties ?? {}).filter(
          (name) => depth < maxDepth || required.includes(name),
        );
        const fields = names.map((name) => [name, valuesOf(schema.properties[name], depth + 1)] as const);
        return fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
      }
      default:
        return fc.string({ maxLength: 40 });
    }
  }

  function requestOf(method: string, path: string, operation: Json): fc.Arbitrary<Sent> {
    const parameters: Json[] = operation.parameters.map(resolved);
    const inPath = parameters.filter((one) => one.in === "path");
    const inQuery = parameters.filter((one) => one.in === "query");
    const body = operation.requestBody?.content["application/json"].schema;
    return fc
      .record({
        path: fc.record(Object.fromEntries(inPath.map(({ name, schema }) => [name, valuesOf(schema)]))),
        query: fc.record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, valuesOf(schema)])), {
          requiredKeys: [],
        }),
        body: body === undefined ? fc.constant(undefined) : valuesOf(body),
      })
      .map((made: Json) => {
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(made.query))
          for (const one of [value].flat()) query.append(name, String(one));
        const filled = path.replace(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(made.path[name]));
        return { method, url: query.size === 0 ? filled : `${filled}?${query}`, body: made.body };
      });
  }

  const send = ({ method, url, body }: Sent): Promise<Answered> =>
    app.ask(method, url, body === undefined ? {} : { body });

  function assertTold({ status, json, text }: Answered, sent: Sent): void {
    const shown = `${sent.method} ${sent.url} ${JSON.stringify(sent.body)}: ${status} ${text}`;
    assert.ok(status < 500, shown);
    if (status < 400) return;
    assert.ok(json.error.code !== "" && json.error.message !== "" && json.error.fix !== "", shown);
    if (status === 400 || status === 413 || status === 422)
      assert.equal(typeof json.error.field, "string", shown);
  }

  const everyRoute = async (check: (method: string, path: string, operation: Json) => Promise<void>) => {
    for (const [path, methods] of Object.entries<Json>(document.paths))
      for (const [method, operation] of Object.entries<Json>(methods))
        if (path !== "/health") await check(method.toUpperCase(), path, operation);
  };

  it("are answered, or refused with a field and a reason; never with a 5xx", async () => {
    await everyRoute(async (method, path, operation) => {
      await fc.assert(
        fc.asyncProperty(requestOf(method, path, operation), async (sent) => {
          assertTold(await send(sent), sent);
        }),
        runs,
      );
    });
  });

  it("are not refused for their form where the document has the whole of it", async () => {
    const whole = new Set([
      "SubmitInferenceTask",
      "GetTaskStatus",
      "CancelTask",
      "DiscoverNodes",
      "ListValidators",
      "GetSubnet",
      "ListTasks",
      "GetSyncStatus",
      "ListPeers",
      "GetValidatorInfo",
    ]);
    await everyRoute(async (method, path, operation) => {
      const name = /`(\w+)`/.exec(operation.description)?.[1] ?? "";
      if (!whole.has(name)) return;
      await fc.assert(
        fc.asyncProperty(requestOf(method, path, operation), async (sent) => {
          const { status, text } = await send(sent);
          assert.notEqual(status, 400, `${method} ${sent.url} ${JSON.stringify(sent.body)}: ${text}`);
        }),
        runs,
      );
    });
  });

  it("are refused when anything in them is not as the document has it", async () => {
    await everyRoute(async (method, path, operation) => {
      const spoiled = requestOf(method, path, operation).chain((sent) =>
        fc.constantFrom(...spoiledForms(sent, operation)),
      );
      await fc.assert(
        fc.asyncProperty(spoiled, async (sent) => {
          const answer = await send(sent);
          assertTold(answer, sent);
          assert.equal(
            answer.status,
            400,
            `${method} ${sent.url} ${JSON.stringify(sent.body)}: ${answer.text}`,
          );
        }),
        runs,
      );
    });
  });

  function spoiledForms(sent: Sent, operation: Json): Sent[] {
    const { url, body } = sent;
    const forms: Sent[] = [{ ...sent, url: `${url}${url.includes("?") ? "&" : "?"}no_such_thing=1` }];
    if (url.includes("/inference/"))
      forms.push({ ...sent, url: `/api/v1/inference/${encodeURIComponent("a b\u0000")}${tail(url)}` });
    if (body === undefined) return forms;
    const schema = resolved(operation.requestBody.content["application/json"].schema);
    const [required] = schema.required ?? [];
    const { [required]: _left, ...without } = body;
    return [
      ...forms,
      { ...sent, body: { ...body, no_such_field: 1 } },
      { ...sent, body: without },
      { ...sent, body: { ...body, [required]: [{}] } },
      { ...sent, body: [body] },
      { ...sent, body: "{" },
    ];
  }
});

/** What follows a task's id. */
const tail = (url: string): string => /^\/api\/v1\/inference\/[^/?]+(\/\w+)?/.exec(url)?.[1] ?? "";
