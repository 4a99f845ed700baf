import assert from "node:assert/strict";
import { type Answered, TestDoor, weightyAccount } from "../../support/message-door.ts";
import { rawRequest } from "../../support/raw-http.ts";

const jsonHead = "content-type: application/json\r\nnano-correlation-id: 7\r\nconnection: close\r\n";
const nul = "\0";

/** What strangers send: each has its answer, in an envelope, with the correlation id. */
describe("the message gateway's door", () => {
  let door: TestDoor;
  before(async () => {
    door = await TestDoor.start();
  });
  after(() => door.stop());

  const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
    door.post(path, body, { "nano-correlation-id": "7", ...headers });
  const refused = (answered: Answered, status: number, message: RegExp) => {
    assert.deepEqual([answered.status, answered.type, answered.correlationId], [status, "Error", "7"]);
    assert.match(String(answered.message["message"]), message);
    assert.equal(answered.headers.get("content-type"), "application/json");
  };
  /** One request as its bytes; the answer's envelope. */
  const raw = async (head: string, ...body: (string | Uint8Array)[]) => {
    const { status, headers, body: text } = await rawRequest(door.port, [`${head}host: x\r\n\r\n`, ...body]);
    assert.equal(headers.get("content-type"), "application/json");
    return { status, headers, answer: JSON.parse(Buffer.from(text, "latin1").toString()) };
  };

  it("answers texts that are no JSON for it, or not what they seem", async () => {
    const deep = 100_000;
    const cases: [string | Uint8Array, RegExp][] = [
      ["", /: 1: 1: error: input file is empty$/],
      [`{"account":${"[".repeat(deep)}`, /: 1: 12: error: expecting: string constant instead got: \[$/],
      [`{"a":${'{"a":'.repeat(deep)}`, /unknown field: a$/],
      [`{"account":1e999999999}`, /expecting: string constant instead got: float constant$/],
      [`{"account":${"9".repeat(1_000_000)}}`, /expecting: string constant instead got: integer constant$/],
      ['{"account":"a","account":"b"}', /field set more than once: account$/],
      ['{"account":"\\ud800"}', /unpaired high surrogate/],
      ['{"account":"\\udc00"}', /unpaired low surrogate/],
      [`{"account":"a${nul}b"}`, /illegal character in string constant$/],
      [nul, /illegal character: code: 0$/],
      ["\ufeff\ufeff{}", /illegal character: code: 65279$/],
      [Buffer.from([0x7b, 0xff, 0x7d]), /1: 2: error: illegal UTF-8 sequence$/],
      [Buffer.from('{"account":"a"}', "utf16le"), /illegal character|expecting/],
      ['{"account":"a"} {}', /expecting: end of file instead got: \{$/],
      ["[".repeat(deep), /expecting: \{ instead got: \[$/],
    ];
    for (const [text, message] of cases) refused(await post("/AccountWeight", text), 400, message);
    const enveloped = `{"message":${"[".repeat(deep)}`;
    refused(await post("", enveloped), 400, /maximum parsing depth 32 reached$/);
    const marked = await post("/AccountWeight", `\ufeff{"account":"${weightyAccount}"}`);
    assert.equal(marked.type, "AccountWeightResponse");
  });

  it("answers a list longer than any message has", async () => {
    const answered = await post("/DiscoverNodes", `{"capabilities":[${'"",'.repeat(70_000)}""]}`);
    refused(answered, 413, /at most 65536 list entries/);
  });

  it("answers a body of 32 MB also to who sends it all before reading", async () => {
    const head = `POST /api/v2/IsAlive HTTP/1.1\r\n${jsonHead}`;
    const mebibyte = Buffer.alloc(1 << 20, " ");
    const body = Array.from({ length: 32 }, () => mebibyte);
    const chunked = [...body.flatMap((part) => ["100000\r\n", part, "\r\n"]), "0\r\n\r\n"];
    for (const { status, answer } of [
      await raw(`${head}content-length: ${32 << 20}\r\n`, ...body),
      await raw(`${head}transfer-encoding: chunked\r\n`, ...chunked),
    ]) {
      assert.deepEqual([status, answer.message_type, answer.correlation_id], [413, "Error", "7"]);
      assert.deepEqual(answer.message, {
        code: 121,
        message: "body: more than 8388608 bytes are not allowed",
      });
    }
  });

  it("answers a body that comes in pieces, and one that is not there", async () => {
    const head = `POST /api/v2/AccountWeight HTTP/1.1\r\n${jsonHead}`;
    const text = `{"account":"${weightyAccount}"}`;
    const pieces = [...text].map((character) => `1\r\n${character}\r\n`);
    const chunked = await raw(`${head}transfer-encoding: chunked\r\n`, ...pieces, "0\r\n\r\n");
    assert.equal(chunked.answer.message_type, "AccountWeightResponse");
    const none = await raw(head);
    assert.deepEqual([none.status, none.answer.correlation_id], [400, "7"]);
    assert.match(none.answer.message.message, /input file is empty$/);
  });

  it("keeps what headers say inside its text", async () => {
    const inside = '","message_type":"Error","message":{"code":3}}';
    const { answer } = await raw(
      `POST /api/v2/IsAlive HTTP/1.1\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\nnano-correlation-id: ${inside}\r\nnano-api-key: ${inside}\r\n`,
      "{}",
    );
    assert.deepEqual([answer.message_type, answer.correlation_id], ["IsAlive", inside]);
    for (const id of ["a\rb", `a${nul}b`, "a\nb"]) {
      const answered = await rawRequest(door.port, [
        `POST /api/v2/IsAlive HTTP/1.1\r\nnano-correlation-id: ${id}\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`,
      ]);
      assert.equal(answered.status, 400);
    }
    const text = await raw(
      `POST /api/v2/IsAlive HTTP/1.1\r\n${jsonHead.replace("7", "página 7 ✓")}content-length: 2\r\n`,
      "{}",
    );
    assert.equal(text.answer.correlation_id, "página 7 ✓");
  });

  it("does not repeat a correlation id or a key beyond any use", async () => {
    const long = "x".repeat(5_000);
    for (const headers of [{ "nano-correlation-id": long }, { "nano-api-key": long }]) {
      const { status, message, correlationId } = await door.post("/IsAlive", "{}", headers);
      assert.deepEqual([status, correlationId], [400, undefined]);
      assert.match(String(message["message"]), /: 5000 characters are not allowed; expected at most \d+$/);
    }
  });

  it("answers media types, encodings and paths that there are none of", async () => {
    const body = "{}";
    refused(
      await post("/IsAlive", body, { "content-type": "text/html" }),
      415,
      /"text\/html" is not allowed/,
    );
    refused(
      await post("/IsAlive", body, { "content-type": "application/x-www-form-urlencoded" }),
      415,
      /expected one of application\/json/,
    );
    refused(await post("/IsAlive", body, { "content-type": ";;;" }), 415, /./);
    refused(
      await post("/IsAlive", body, { accept: "image/png" }),
      406,
      /"image\/png" takes none of what there is/,
    );
    for (const encoding of ["gzip", "br", "deflate, gzip"]) {
      const answered = await post("/IsAlive", body, { "content-encoding": encoding });
      refused(answered, 415, /Content-Encoding: ".*" is not allowed; expected none, or identity$/);
      assert.equal(answered.headers.get("accept-encoding"), "identity");
    }
    assert.equal((await post("/IsAlive", body, { "content-encoding": "identity" })).status, 200);
    refused(await post("/IsAlife", body), 404, /there is no operation "IsAlife"; there are: AccountWeight, /);
    refused(await post("/__proto__", body), 404, /there is no operation "__proto__"/);
    refused(await post("/a/b", body), 404, /there is no path \/api\/v2\/a\/b; there are POST/);
    refused(await post("/%zz", body), 400, /^the path has a % that is no escape$/);
    refused(await post(`/${"x".repeat(800)}`, body), 404, /^there is no path as long as this one$/);
    for (const [method, path, allow] of [
      ["GET", "/IsAlive", "POST"],
      ["PUT", "", "POST"],
      ["DELETE", "/AccountWeight", "POST"],
      ["PROPFIND", "/IsAlive", "POST"],
      ["POST", "/schema.fbs", "GET, HEAD"],
    ] as const) {
      const { status, headers, answer } = await raw(`${method} /api/v2${path} HTTP/1.1\r\n${jsonHead}`);
      assert.deepEqual([status, headers.get("allow")], [405, allow]);
      assert.deepEqual([answer.message_type, answer.correlation_id], ["Error", "7"]);
      assert.match(answer.message.message, /is not allowed on .*; expected (POST|GET, HEAD)$/);
    }
    assert.equal((await raw(`GET /api/v2/nothing HTTP/1.1\r\n${jsonHead}`)).status, 404);
  });

  it("answers in the form that is asked for also what it refuses", async () => {
    for (const accept of ["application/x-protobuf", "application/x-flatbuffers"]) {
      const answered = await post("/IsAlife", "{}", { accept });
      assert.deepEqual([answered.status, answered.type, answered.correlationId], [404, "Error", "7"]);
      assert.equal(answered.headers.get("content-type"), accept);
    }
    const line = await door.fetch("/IsAlive", {
      method: "POST",
      body: Buffer.from("{}"),
      headers: { accept: "application/x-ndjson" },
    });
    assert.equal(line.headers.get("content-type"), "application/x-ndjson");
    assert.match(await line.text(), /^\{"time":\d+,"message_type":"IsAlive","message":\{\}\}\n$/);
  });

  it("tells that its node is stopping", async () => {
    const stopping = await TestDoor.start();
    stopping.front.stop();
    const answered = await stopping.post("/IsAlive", "{}", { "nano-correlation-id": "7" });
    await stopping.stop();
    refused(answered, 503, /^the node is stopping$/);
  });
});
