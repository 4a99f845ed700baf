import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type Metric, openMetrics, silentLogger } from "../../../src/base/index.ts";
import { type MetricsServer, startMetricsServer } from "../../../src/facade/metrics/index.ts";

const loopback = "127.0.0.1:0";

describe("the metrics endpoint", () => {
  const running: MetricsServer[] = [];
  const serve = async (metrics: readonly Metric[]): Promise<MetricsServer> => {
    const server = await startMetricsServer(loopback, await openMetrics(metrics, silentLogger));
    running.push(server);
    return server;
  };
  const linesOf = async (server: MetricsServer): Promise<string[]> => {
    const response = await fetch(`http://${server.address}/metrics`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    return (await response.text()).split("\n");
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });

  it("tells each figure as it is when it is asked, by label where there is one", async () => {
    let peers = 3;
    const server = await serve([
      { name: "peers", type: "gauge", help: "Peers.", read: () => peers },
      {
        name: "seen_total",
        type: "counter",
        help: "Seen.",
        label: "kind",
        read: async () => ({ a: peers, b: 2 }),
      },
    ]);
    assert.ok((await linesOf(server)).includes("countersign_peers 3"));
    peers = 5;
    const lines = await linesOf(server);
    assert.ok(lines.includes("countersign_peers 5"));
    assert.ok(lines.includes("# TYPE countersign_seen_total counter"));
    assert.ok(lines.includes('countersign_seen_total{kind="a"} 5'));
  });

  it("leaves out what cannot be read, and tells the rest with the process's own", async () => {
    const server = await serve([
      { name: "none", type: "gauge", help: "None yet.", read: () => undefined },
      { name: "broken", type: "gauge", help: "Fails.", read: () => Promise.reject(new Error("no")) },
      { name: "fine", type: "gauge", help: "Fine.", read: () => 1 },
    ]);
    const lines = await linesOf(server);
    assert.ok(lines.includes("countersign_fine 1"));
    assert.deepEqual(
      lines.filter((line) => /^countersign_(none|broken)/.test(line)),
      [],
    );
    for (const name of ["process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"])
      assert.ok(
        lines.some((line) => line.startsWith(`${name} `)),
        name,
      );
  });

  it("answers 404 to everything else", async () => {
    const server = await serve([]);
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/metrics/x"],
      ["POST", "/metrics"],
      ["DELETE", "/metrics"],
    ])
      assert.equal((await fetch(`http://${server.address}${path}`, { method: method ?? "" })).status, 404);
  });

  it("is not filled by long headers", async () => {
    const server = await serve([]);
    const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1");
    socket.write(`GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(20_000)}\r\n\r\n`);
    assert.match(await text(socket), /^HTTP\/1\.1 431 /);
  });

  it("says in one line that its port is taken, and which key to change", async () => {
    const { address } = await serve([]);
    await assert.rejects(startMetricsServer(address, { contentType: "", text: async () => "" }), {
      code: "UNAVAILABLE",
      message: `cannot listen for metrics on ${address}: the address is in use by another process; the key metrics.listen names another address, or none`,
    });
  });
});
