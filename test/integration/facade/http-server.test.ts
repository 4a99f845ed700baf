import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import WebSocket, { WebSocketServer } from "ws";
import { silentLogger } from "../../../src/base/index.ts";
import { startGrpcServer } from "../../../src/facade/grpc/index.ts";
import {
  AllowedOrigins,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
  TrustedProxies,
} from "../../../src/facade/http/index.ts";
import { healthRoute } from "../../../src/facade/rest/index.ts";
import type { TlsFiles } from "../../../src/facade/tls/index.ts";
import { type NodeReport, nodeOperations } from "../../../src/operations/index.ts";
import { GrpcClient } from "../../../src/wire/grpc-client.ts";
import { nodeService } from "../../../src/wire/index.ts";
import { certFolder, testAuthority, testPem, testTls } from "../../support/certs.ts";
import { openFront } from "../../support/open-front.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const client = { cert: testPem("client.pem"), key: testPem("client.key") };
const stranger = { cert: testPem("stranger.pem"), key: testPem("stranger.key") };
const ca = testAuthority;
const never = new AbortController().signal;

describe("the HTTP server", () => {
  const servers: HttpServer[] = [];
  const serve = async (options: Partial<HttpServerOptions> = {}) => {
    const server = await startHttpServer({
      listen: "127.0.0.1:0",
      mounts: [
        healthRoute(() => true),
        (app) => {
          app.post("/act", async () => ({ done: true }));
          app.get("/ip", async ({ ip }) => ({ ip }));
        },
      ],
      logger: silentLogger,
      ...options,
    });
    servers.push(server);
    return { server, port: Number(server.address.split(":").at(-1)) };
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop(AbortSignal.abort())));
  });

  async function overHttp2(port: number, path: string, headers: OutgoingHttpHeaders = {}) {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca });
    const stream = session.request({ ":path": path, ...headers });
    const [answer] = (await once(stream, "response")) as [Record<string, string>];
    stream.resume();
    await once(stream, "end");
    session.close();
    return answer;
  }

  /** Status and headers over HTTP/1.1 by TLS; rejects where the connection is refused. */
  async function overHttp1(port: number, options: object = {}) {
    const asked = request({ host: "127.0.0.1", port, path: "/health", ca, ...options }).end();
    const [answer] = await once(asked, "response");
    answer.resume();
    await once(answer, "end");
    return answer as { statusCode: number; headers: Record<string, string> };
  }

  it("speaks HTTP/2 and HTTP/1.1 by TLS, with HSTS on both; without TLS it has none", async () => {
    const { port } = await serve({ tls: await testTls() });
    const second = await overHttp2(port, "/health");
    assert.deepEqual([second[":status"], second["strict-transport-security"]], [200, "max-age=31536000"]);
    const first = await overHttp1(port);
    assert.deepEqual(
      [first.statusCode, first.headers["strict-transport-security"]],
      [200, "max-age=31536000"],
    );
    const plain = await serve();
    const answer = await fetch(`http://${plain.server.address}/health`);
    assert.equal(answer.headers.get("strict-transport-security"), null);
  });

  it("lets WebSockets come over HTTP/1.1 beside HTTP/2", async () => {
    const { server, port } = await serve({ tls: await testTls() });
    const sockets = new WebSocketServer({ noServer: true });
    server.app.server.on("upgrade", (asked, socket, head) =>
      sockets.handleUpgrade(asked, socket, head, (ws) => ws.send("hello")),
    );
    const ws = new WebSocket(`wss://127.0.0.1:${port}/ws`, { ca });
    const [message] = await once(ws, "message");
    assert.equal(String(message), "hello");
    ws.terminate();
    assert.equal((await overHttp2(port, "/health"))[":status"], 200);
  });

  it("asks for clients' certificates as configured, and refuses those of strangers either way", async () => {
    const client_ca_file = join(certFolder, "ca.pem");
    const required = await serve({ tls: await testTls({ client_ca_file }) });
    assert.equal((await overHttp1(required.port, client)).statusCode, 200);
    await assert.rejects(overHttp1(required.port));
    await assert.rejects(overHttp1(required.port, stranger));
    const optional = await serve({ tls: await testTls({ client_ca_file, client_cert: "optional" }) });
    assert.equal((await overHttp1(optional.port, client)).statusCode, 200);
    assert.equal((await overHttp1(optional.port)).statusCode, 200);
    await assert.rejects(overHttp1(optional.port, stranger));
  });

  it("takes over a renewed certificate, and keeps the old one while the new one does not fit its key", async () => {
    const folder = tempFolder();
    const put = (from: string, to: string) => copyFileSync(join(certFolder, from), join(folder.path, to));
    for (const name of ["server.pem", "server.key"]) put(name, name);
    const tls = await testTls({}, folder.path);
    const { port } = await serve({ tls });
    const subject = async () => {
      const socket: TLSSocket = connectTls({ host: "127.0.0.1", port, ca });
      await once(socket, "secureConnect");
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    };
    assert.equal(await subject(), "server");
    put("renewed.pem", "server.pem");
    await tls.look();
    assert.equal(await subject(), "server");
    put("renewed.key", "server.key");
    await tls.look();
    assert.equal(await subject(), "renewed");
    tls.stop();
    folder.remove();
  });

  it("names the key whose file cannot be used", async () => {
    await assert.rejects(testTls({}, "/nowhere"), {
      code: "CONFIG_INVALID",
      message: /^http\.tls\.cert_file: cannot read/,
    });
    const swapped = {
      cert_file: join(certFolder, "server.pem"),
      key_file: join(certFolder, "client.key"),
      client_cert: "required" as const,
    };
    await assert.rejects(testTls(swapped), {
      code: "CONFIG_INVALID",
      message: /^http\.tls: .* are no certificate with its private key/,
    });
  });

  it("stops in its time though clients of both protocols stay connected", async () => {
    const { server, port } = await serve({ tls: await testTls() });
    servers.length = 0;
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca });
    session.on("error", () => {});
    await once(session, "connect");
    const idle = connectTls({ host: "127.0.0.1", port, ca });
    idle.on("error", () => {});
    await once(idle, "secureConnect");
    await server.stop(AbortSignal.abort());
    await assert.rejects(once(connect(port, "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
    session.destroy();
  });

  it("lets pages of allowed origins read and act, those of others neither, whatever the request looks like", async () => {
    const { server, port } = await serve({
      origins: new AllowedOrigins(["localhost", "https://app.example.org"]),
    });
    const url = `http://${server.address}`;
    const from = (origin: string, path: string, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers: { origin, ...init.headers } });
    for (const origin of [
      "https://app.example.org",
      "http://localhost:3000",
      "http://[::1]",
      `http://127.0.0.1:${port}`,
    ]) {
      const read = await from(origin, "/health");
      assert.equal(read.headers.get("access-control-allow-origin"), origin);
      assert.match(read.headers.get("access-control-expose-headers") ?? "", /x-rate-limit-remaining/);
      assert.equal(read.headers.get("access-control-allow-credentials"), null);
      assert.match(read.headers.get("vary") ?? "", /origin/i);
      assert.equal((await from(origin, "/act", { method: "POST" })).status, 200);
      const preflight = await from(origin, "/act", {
        method: "OPTIONS",
        headers: {
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type",
        },
      });
      assert.equal(preflight.status, 204);
      assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /DELETE/);
      assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization,content-type");
    }
    for (const origin of [
      "https://evil.example",
      "https://app.example.org.evil.example",
      "http://app.example.org",
      "null",
      "http://localhost.evil.example",
    ]) {
      const read = await from(origin, "/health");
      assert.equal(read.headers.get("access-control-allow-origin"), null);
      const act = await from(origin, "/act", {
        method: "POST",
        headers: { "content-type": "text/plain" },
        body: "{}",
      });
      assert.equal(act.status, 403);
      const { error } = (await act.json()) as { error: { code: string; message: string } };
      assert.equal(error.code, "ACCESS_DENIED");
      assert.match(error.message, /http\.cors_origins/);
    }
    assert.equal((await fetch(`${url}/act`, { method: "POST" })).status, 200);
    const open = await serve({ origins: new AllowedOrigins(["*"]) });
    const act = await fetch(`http://${open.server.address}/act`, {
      method: "POST",
      headers: { origin: "https://any.example" },
    });
    assert.equal(act.status, 200);
  });

  it("is called by names that nobody elsewhere can give away, where callers need show nothing", async () => {
    const asked = async (host: string, options: Partial<HttpServerOptions>) => {
      const { port } = await serve(options);
      const lines = ["GET /health HTTP/1.1", `Host: ${host}`, "Connection: close", "", ""];
      return await rawAnswer(port, lines.join("\r\n"));
    };
    for (const host of ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "evil.example."]) {
      const answer = await asked(host, { isOpen: true });
      assert.match(answer, /^HTTP\/1\.1 403 /);
      assert.match(answer, /ACCESS_DENIED.*http\.cors_origins/);
      assert.match(await asked(host, { isOpen: false }), /^HTTP\/1\.1 200 /);
    }
    for (const host of ["localhost:8080", "a.localhost", "127.0.0.1:1", "[::1]:8080", "gateway:8080"])
      assert.match(await asked(host, { isOpen: true }), /^HTTP\/1\.1 200 /);
    const origins = new AllowedOrigins(["http://node.example.org:8080"]);
    assert.match(await asked("node.example.org", { isOpen: true, origins }), /^HTTP\/1\.1 200 /);
    assert.match(await asked("evil.example", { isOpen: true, origins }), /^HTTP\/1\.1 403 /);
  });

  it("answers OPTIONS that asks nothing of origins, and tells pages that may not call which key would let them", async () => {
    const { server } = await serve();
    const url = `http://${server.address}/act`;
    const plain = await fetch(url, { method: "OPTIONS" });
    assert.deepEqual([plain.status, plain.headers.get("x-api-version")], [204, "v1"]);
    const foreign = await fetch(url, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    assert.deepEqual([foreign.status, foreign.headers.get("x-api-version")], [403, "v1"]);
    assert.match(await foreign.text(), /http\.cors_origins/);
  });

  it("says in the form of every error what was wrong with a request that it cannot read", async () => {
    const { port } = await serve();
    for (const [text, status, code, allowed] of [
      ["nothing of the kind\r\n\r\n", 400, "INVALID_ARGUMENT", /HTTP\/1\.1/],
      [
        `GET /health HTTP/1.1\r\nHost: a\r\nx: ${"a".repeat(20_000)}\r\n\r\n`,
        431,
        "TOO_LARGE",
        /16384 bytes/,
      ],
    ] as const) {
      const answer = await rawAnswer(port, text);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      const { error } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))) as {
        error: { code: string; allowed: string };
      };
      assert.equal(error.code, code);
      assert.match(error.allowed, allowed);
      assert.match(answer, /x-api-version: v1/);
    }
  });

  it("believes where a request came from only as far as proxies of its own say so", async () => {
    const asked = async (proxies: string[], forwardedFor: string) => {
      const { server } = await serve({ proxies: new TrustedProxies(proxies) });
      const answer = await fetch(`http://${server.address}/ip`, {
        headers: { "x-forwarded-for": forwardedFor },
      });
      return ((await answer.json()) as { ip: string }).ip;
    };
    assert.equal(await asked([], "203.0.113.9"), "127.0.0.1");
    assert.equal(await asked(["10.0.0.0/8"], "203.0.113.9"), "127.0.0.1");
    assert.equal(await asked(["127.0.0.1"], "203.0.113.9"), "203.0.113.9");
    assert.equal(await asked(["127.0.0.1"], "1.2.3.4, 203.0.113.9"), "203.0.113.9");
    assert.equal(await asked(["127.0.0.0/8", "10.0.0.0/8"], "1.2.3.4, 203.0.113.9, 10.1.2.3"), "203.0.113.9");
  });
});

/** What comes back until the server ends the connection. */
async function rawAnswer(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A refused rest of a request may be answered by a reset, after the answer.
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.write(text);
  await closed;
  return Buffer.concat(chunks).toString();
}

describe("the gRPC server", () => {
  const report = { status: async () => ({ node_id: "n" }) } as unknown as NodeReport;
  const ask = async (tls: TlsFiles, authorities?: Buffer) => {
    const server = await startGrpcServer({
      listen: "127.0.0.1:0",
      operations: nodeOperations(report),
      front: openFront(),
      logger: silentLogger,
      tls,
    });
    const client = new GrpcClient(`https://localhost:${server.port}`, {}, authorities);
    try {
      return (await client.call(nodeService.GetNodeStatus, {}, { signal: never, deadlineMs: 5_000 })).node_id;
    } finally {
      client.close();
      await server.stop(AbortSignal.abort());
    }
  };

  it("speaks by TLS to clients that believe its certificate, and asks for theirs where it must be shown", async () => {
    assert.equal(await ask(await testTls(), ca), "n");
    await assert.rejects(ask(await testTls()), { code: 14 });
    await assert.rejects(ask(await testTls({ client_ca_file: join(certFolder, "ca.pem") }), ca), {
      code: 14,
    });
  });
});
