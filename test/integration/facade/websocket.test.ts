import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { CountersignError, silentLogger } from "../../../src/base/index.ts";
import type { EventLog } from "../../../src/events/index.ts";
import { startHttpServer } from "../../../src/facade/http/index.ts";
import { acceptUpgrades } from "../../../src/facade/websocket/index.ts";
import { testAuthority, testTls } from "../../support/certs.ts";
import { LiveClient, LiveDoor, type LiveDoorOptions } from "../../support/live-door.ts";
import { nodeEvent, TestLog } from "../../support/live-topics.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { anyone, openFront } from "../../support/open-front.ts";

const subscribe = { action: "subscribe", topic: "node" };

/** The HTTP answer to an upgrade that is refused. */
async function refusal(url: string, headers: Record<string, string> = {}) {
  const ws = new WebSocket(url, { headers });
  ws.on("error", () => {});
  const [, response] = (await once(ws, "unexpected-response")) as [unknown, IncomingMessage];
  const body = await Array.fromAsync(response);
  return {
    status: response.statusCode,
    headers: response.headers,
    error: (JSON.parse(Buffer.concat(body).toString()) as { error: { code: string; message: string } }).error,
  };
}

describe("WebSockets", () => {
  const clock = new ManualClock();
  let stored: TestLog;
  let log: EventLog;
  let door: LiveDoor;

  beforeEach(async () => {
    stored = new TestLog(clock);
    log = await stored.open();
  });
  afterEach(async () => {
    await door.stop(AbortSignal.abort());
    await stored.remove();
  });
  const open = async (options: Partial<LiveDoorOptions> = {}): Promise<void> => {
    door = await LiveDoor.open({ events: log, clock, ...options });
  };

  it("are refused to pages of other origins, and open to those of this machine and to programs", async () => {
    await open();
    const { status, error } = await refusal(door.url, { origin: "https://evil.example" });
    assert.deepEqual([status, error.code], [403, "ACCESS_DENIED"]);
    for (const headers of [{ origin: "http://localhost:3000" }, {}]) {
      const client = await LiveClient.open(door.url, { headers });
      assert.equal((await client.ask(subscribe)).ack, "subscribe");
    }
  });

  it("come by TLS on the own port", async () => {
    await open({ tls: await testTls() });
    const client = await LiveClient.open(door.url.replace("ws:", "wss:"), { ca: testAuthority });
    assert.equal((await client.ask(subscribe)).ack, "subscribe");
  });

  it("tell events to all who subscribed, in order, on the own port and by /ws of an HTTP server", async () => {
    await open();
    const http = await startHttpServer({ listen: "127.0.0.1:0", mounts: [], logger: silentLogger });
    acceptUpgrades(http.app.server, ["/ws"], door.sockets);
    const clients = await Promise.all(
      [door.url, `${door.url}/ws`, `ws://${http.address}/ws?x=1`].map((url) => LiveClient.open(url)),
    );
    for (const client of clients) assert.equal((await client.ask(subscribe)).ack, "subscribe");
    for (let index = 0; index < 100; index++) await log.append([nodeEvent(`n${index}`)]);
    for (const client of clients) {
      await client.until((told) => told.length === 101);
      const events = client.told.slice(1);
      assert.deepEqual(
        events.map(({ message }) => message?.["node_id"]),
        Array.from({ length: 100 }, (_, index) => `n${index}`),
      );
    }
    assert.equal((await refusal(`ws://${http.address}/other`)).status, 404);
    await door.stop();
    await http.stop(AbortSignal.timeout(2_000));
    for (const client of clients)
      assert.deepEqual(await client.closed, { code: 1001, reason: "the node is stopping" });
  });

  it("refuse an address its eleventh connection with 429 and what the limit is, and give the place to the next", async () => {
    await open({ maxConnectionsPerIp: 2 });
    const first = await LiveClient.open(door.url);
    await LiveClient.open(door.url);
    const { status, headers, error } = await refusal(door.url);
    assert.deepEqual([status, error.code, headers["retry-after"]], [429, "RATE_LIMITED", "10"]);
    assert.deepEqual(
      [headers["ratelimit-policy"], headers["ratelimit"], headers["x-rate-limit-remaining"]],
      ['"connections";q=2', '"connections";r=0;t=10', "0"],
    );
    first.ws.close();
    await first.closed;
    await LiveClient.open(door.url);
  });

  it("look at credentials in the headers before there is a connection", async () => {
    const identity = {
      async identify(_: unknown, { header }: { header(name: string): string | undefined }) {
        const key = header("authorization");
        if (key === "Bearer good") return { ...anyone, user: "ann" };
        throw new CountersignError("UNAUTHENTICATED", "no such key");
      },
    };
    await open({ front: openFront({ identity, clock }) });
    const { status, error } = await refusal(door.url, { authorization: "Bearer bad" });
    assert.deepEqual([status, error.code], [401, "UNAUTHENTICATED"]);
    const known = await LiveClient.open(door.url, { headers: { authorization: "Bearer good" } });
    assert.equal((await known.ask(subscribe)).ack, "subscribe");
    // Browsers cannot set headers: they connect first.
    const unknown = await LiveClient.open(door.url);
    assert.equal((await unknown.ask(subscribe)).error?.code, "UNAUTHENTICATED");
  });

  it("answer a binary frame, and close on what is no UTF-8 or far too large", async () => {
    await open();
    const client = await LiveClient.open(door.url);
    client.ws.send(Buffer.from('{"action":"ping"}'));
    await client.until((told) => told.find(({ error }) => error?.code === "INVALID_ARGUMENT"));
    client.ws.send("x".repeat(100_000));
    await client.until((told) => told.find(({ error }) => error?.code === "TOO_LARGE"));
    client.ws.send("x".repeat(300_000));
    assert.equal((await client.closed).code, 1009);
    const other = await LiveClient.open(door.url);
    other.ws.send(Buffer.from([0xff]), { binary: false });
    assert.equal((await other.closed).code, 1007);
  });

  it("drop a peer that is gone without a word, and keep one that answers pings", async () => {
    await open();
    const dead = await LiveClient.open(door.url, { autoPong: false });
    const alive = await LiveClient.open(door.url);
    for (let round = 0; round < 2; round++) {
      const pinged = once(alive.ws, "ping");
      clock.advance(30_000);
      if (round === 0) await pinged;
      // The pong goes before this.
      if (round === 0) await alive.ask({ action: "ping" });
    }
    assert.equal((await dead.closed).code, 1006);
    assert.equal((await alive.ask({ action: "ping" })).ack, "pong");
  });

  it("wait for a peer that takes nothing, close it as TOO_SLOW after a while, and let it resume without gap", async () => {
    await open();
    const slow = await LiveClient.open(door.url);
    await slow.ask(subscribe);
    slow.ws.pause();
    const large = "x".repeat(30_000);
    const count = 1_000;
    for (let from = 0; from < count; from += 100)
      await log.append(Array.from({ length: 100 }, (_, index) => nodeEvent(`${from + index} ${large}`)));
    // The connection is full once the log is read no further: its timer is the third, beside pruning and pings.
    for (let turn = 0; clock.pending < 3; turn++) {
      assert.ok(turn < 10_000, "the connection never filled up");
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(30_000);
    slow.ws.resume();
    assert.deepEqual(await slow.closed, { code: 1013, reason: "TOO_SLOW" });
    const events = slow.told.slice(1).map(({ seq }) => seq);
    assert.ok(events.length > 0 && events.length < count, `${events.length} events were told`);
    const again = await LiveClient.open(door.url);
    again.send({ ...subscribe, cursor: events.at(-1) });
    await again.until((told) => told.at(-1)?.seq === count);
    const all = [...events, ...again.told.map(({ seq }) => seq)];
    assert.deepEqual(
      all,
      Array.from({ length: count }, (_, index) => index + 1),
    );
  });

  it("answer a request that wants no WebSocket with 426, and survive a peer that resets in the upgrade", async () => {
    await open();
    const response = await fetch(`http://${door.listener.address}/`);
    assert.equal(response.status, 426);
    const [host = "", port] = door.listener.address.split(":");
    const socket = connect(Number(port), host);
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.resetAndDestroy();
    const client = await LiveClient.open(door.url);
    assert.equal((await client.ask({ action: "ping" })).ack, "pong");
  });
});
