import assert from "node:assert/strict";
import { TestNode } from "../../gateway/builders.ts";
import { type RestApp, restApp } from "./app.ts";

const task = (changes: string) => `{"model_uuid":"model","input_data":"{}"${changes}}`;
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("hostile bodies and headers at REST", () => {
  let app: RestApp;
  before(async () => {
    app = await restApp();
    new TestNode({ slots: 100 }).connect(app.net);
  });
  after(() => app.stop());

  const bodies: [what: string, body: string | Uint8Array, status: number, field: string, says: RegExp][] = [
    [
      "lists a hundred thousand deep",
      task(`,"request_id":${deep(100_000)}`),
      400,
      "body",
      /expecting: string/,
    ],
    [
      "an input that is deep in itself",
      task("").replace('"{}"', JSON.stringify(deep(33))),
      400,
      "input_data",
      /32 levels/,
    ],
    [
      "a number past every type",
      task(',"subnet_id":1e400'),
      400,
      "body",
      /subnet_id|number|integer|constant/,
    ],
    [
      "a number of a million digits",
      task(`,"subnet_id":${"9".repeat(1_000_000)}`),
      400,
      "body",
      /subnet_id|constant|range|fit/,
    ],
    ["a key twice", task(',"model_uuid":"other"'), 400, "body", /set more than once: model_uuid/],
    ["half a surrogate pair", task(',"request_id":"\\ud800"'), 400, "body", /surrogate/],
    ["a raw NUL", task(',"request_id":"\u0000"'), 400, "body", /illegal character/],
    ["an escaped NUL", task(',"request_id":"\\u0000"'), 400, "request_id", /request_id/],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), 400, "body", /illegal UTF-8/],
    ["nothing", " ", 400, "body", /empty/],
    ["two documents", `${task("")}{}`, 400, "body", /end of file/],
    ["a prototype", task(',"__proto__":{"x":1}'), 400, "body", /unknown field: __proto__/],
    ["32 MB", Buffer.alloc(32 << 20, 0x20), 413, "body", /at most|are not allowed/],
    [
      "an input past its bound",
      task("").replace('"{}"', `"\\"${"a".repeat(1 << 20)}\\""`),
      413,
      "input_data",
      /1048576/,
    ],
  ];
  for (const [what, body, status, field, says] of bodies) {
    it(`refuse ${what}`, async () => {
      const answer = await app.ask("POST", "/api/v1/inference", { body });
      assert.equal(answer.status, status, answer.text.slice(0, 300));
      assert.equal(answer.json.error.field, field);
      assert.match(answer.json.error.message, says);
      assert.ok(answer.text.length < 2_000, "an error repeats little of what was sent");
    });
  }

  it("take a byte order mark, as programs on Windows send it", async () => {
    const { status, text } = await app.ask("POST", "/api/v1/inference", { body: `\ufeff${task("")}` });
    assert.equal(status, 202, text);
  });

  it("cannot put a header of their own into an answer", async () => {
    const attempts = [
      app.ask("GET", "/api/v1/inference/a%0d%0aset-cookie:%20x=1"),
      app.ask("GET", "/api/v1/models?a%0d%0aset-cookie:%20x=1"),
      app.ask("POST", "/api/v1/inference", { body: task(',"request_id":"a\\r\\nset-cookie: x=1"') }),
      app.ask("POST", "/api/v1/inference", {
        body: task(',"originator_client_id":"a\\r\\nset-cookie: x=1"'),
      }),
    ];
    for (const { status, headers, json } of await Promise.all(attempts)) {
      assert.equal(status, 400);
      assert.equal(headers["set-cookie"], undefined);
      assert.doesNotMatch(json.error.message, /[\r\n]/);
    }
  });
});
