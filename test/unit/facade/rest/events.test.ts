import assert from "node:assert/strict";
import { TestNode } from "../../gateway/builders.ts";
import { type Json, type RestApp, restApp } from "./app.ts";

interface Seen {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Json;
}

/** What a browser would make of the stream's text. */
function eventsIn(text: string): Seen[] {
  return text
    .split("\n\n")
    .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2))))
    .filter(({ data }) => data !== undefined)
    .map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) }));
}

const url = (id: string, query = "") => `/api/v1/inference/${id}/events${query}`;

describe("a task's events over REST", () => {
  let app: RestApp;
  let node: TestNode;
  before(async () => {
    app = await restApp();
    node = new TestNode();
    node.connect(app.net);
  });
  after(() => app.stop());

  async function done(id: string): Promise<Seen[]> {
    const body = { request_id: id, model_uuid: "model", input_data: "{}" };
    await app.ask("POST", "/api/v1/inference", { body });
    const stream = app.ask("GET", url(id), { headers: { accept: "text/event-stream" } });
    await node.task(node.received.length + (node.received.some((task) => task.request_id === id) ? 0 : 1));
    await node.finish(app.net);
    const { status, headers, text } = await stream;
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/event-stream");
    assert.match(text, /^retry: 2000\n\n/);
    return eventsIn(text);
  }

  it("are all told with their places, the last with its output, and then the stream ends", async () => {
    const seen = await done("r-1");
    assert.equal(seen.at(0)?.event, "queued");
    assert.equal(seen.at(-1)?.event, "completed");
    assert.equal(seen.at(-1)?.data.output_data, '{"text":"done"}');
    const places = seen.map(({ id }) => Number(id));
    assert.deepEqual(
      places,
      [...new Set(places)].sort((a, b) => a - b),
    );
  });

  it("go on after any of them without gap or duplicate, also after a restart", async () => {
    const seen = await done("r-2");
    app = await app.restart();
    node = new TestNode();
    node.connect(app.net);
    for (const [index, { id }] of seen.slice(0, -1).entries()) {
      const rest = seen.slice(index + 1);
      const byHeader = await app.ask("GET", url("r-2"), { headers: { "last-event-id": id ?? "" } });
      assert.deepEqual(eventsIn(byHeader.text).slice(0, rest.length), rest);
      const byQuery = await app.ask("GET", url("r-2", `?cursor=${id}`));
      assert.equal(byQuery.text, byHeader.text);
    }
  });

  it("end with 204 for who has had them all, so that a browser does not come again", async () => {
    await done("r-3");
    const all = await app.ask("GET", url("r-3", `?cursor=${app.net.events.lastSeq}`));
    assert.equal(all.status, 204);
    assert.equal(all.text, "");
  });

  it("are refused from a place that does not exist, or in another form", async () => {
    await done("r-4");
    const future = await app.ask("GET", url("r-4", "?cursor=999999"));
    assert.deepEqual(
      [future.status, future.json.error.code, future.json.error.field],
      [400, "FUTURE_CURSOR", "cursor"],
    );
    const words = await app.ask("GET", url("r-4"), { headers: { "last-event-id": "last" } });
    assert.deepEqual([words.status, words.json.error.field], [400, "Last-Event-ID"]);
    const json = await app.ask("GET", url("r-4"), { headers: { accept: "application/json" } });
    assert.equal(json.status, 406);
    const unknown = await app.ask("GET", url("none"));
    assert.equal(unknown.status, 404);
  });

  it("say at the end of a stream why it broke off", async () => {
    await app.ask("POST", "/api/v1/inference", {
      body: { request_id: "r-5", model_uuid: "model", input_data: "{}" },
    });
    const response = await fetch(`http://${app.server.address}${url("r-5")}`);
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      // Once there is an event the stream is open, and what ends it can only be told in it.
      if (text.includes("event: queued")) app.front.stop();
    }
    assert.match(text, /event: failure\ndata: \{"error":\{"code":"UNAVAILABLE"/);
  });
});
