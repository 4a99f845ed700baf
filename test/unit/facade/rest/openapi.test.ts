import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type RestApp, restApp } from "./app.ts";

describe("the OpenAPI document", () => {
  let app: RestApp;
  before(async () => {
    app = await restApp();
  });
  after(() => app.stop());

  it("is valid OpenAPI 3.1", async () => {
    const { status, json } = await app.ask("GET", "/openapi.json");
    assert.equal(status, 200);
    const validator = new Validator();
    const result = await validator.validate(json);
    assert.ok(result.valid, JSON.stringify(result.errors));
    assert.equal(validator.version, "3.1");
  });

  it("refers to nothing that it lacks, and has an operation id for each route", async () => {
    const { text, json } = await app.ask("GET", "/openapi.json");
    for (const [, kind = "", name = ""] of text.matchAll(/"#\/components\/(\w+)\/([^"]+)"/g))
      assert.ok(Object.hasOwn(json.components[kind], name), `${kind}/${name}`);
    const ids = Object.values(json.paths).flatMap((path) =>
      Object.values(path as object).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it("is shown by a page that runs no script and fetches nothing", async () => {
    const { status, text, headers } = await app.ask("GET", "/docs");
    assert.equal(status, 200);
    assert.match(String(headers["content-security-policy"]), /^default-src 'none'; style-src 'sha256-/);
    assert.doesNotMatch(text, /<script|src=|https?:(?!\/\/127\.0\.0\.1)/);
    assert.match(text, /\/api\/v1\/inference\/\{id\}\/payment/);
  });
});
