import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { CountersignError, messageOf } from "../../base/index.ts";
import { keepCertificates, type TlsFiles, tlsOptions } from "../tls/index.ts";
import { refuseUpgrade } from "./upgrade-refusal.ts";
import type { WebSockets } from "./web-sockets.ts";

/** Headers and request line, together. */
const maxHeaderBytes = 16_384;
const headersTimeoutMs = 10_000;

export interface WebSocketListener {
  readonly address: string;
  stop(): Promise<void>;
}

/** Lets connections come in by an HTTP server's own port, at these paths; upgrades of other paths are refused. */
export function acceptUpgrades(server: Server, paths: readonly string[], sockets: WebSockets): void {
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (paths.includes(path)) return void sockets.upgrade(request, socket, head);
    socket.on("error", () => socket.destroy());
    const error = new CountersignError(
      "NOT_FOUND",
      `there is no WebSocket at this path; there is at ${paths.join(", ")}`,
      { field: "path", fix: "Connect to a path that the message names." },
    );
    refuseUpgrade(socket, error, Date.now());
  });
}

/**
 * A port of WebSockets alone, at `/` and `/ws`.
 * @throws CountersignError UNAVAILABLE when the address cannot be bound
 */
export async function listenForWebSockets(
  listen: string,
  sockets: WebSockets,
  tls?: TlsFiles,
): Promise<WebSocketListener> {
  const server = serverFor(tls, (_request, response) => {
    response.writeHead(426, { connection: "close", upgrade: "websocket", "content-type": "text/plain" });
    response.end("This port speaks WebSocket only.\n");
  });
  acceptUpgrades(server, ["/", "/ws"], sockets);
  const split = listen.lastIndexOf(":");
  const host = listen.slice(0, split).replace(/^\[(.*)\]$/, "$1");
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      const reason = isTaken ? "the address is in use by another process" : messageOf(error);
      reject(
        new CountersignError(
          "UNAVAILABLE",
          `cannot listen for WebSockets on ${listen}: ${reason}; the key websocket.listen names another address, or none`,
          { listen },
          error,
        ),
      );
    });
    server.listen({ host, port: Number(listen.slice(split + 1)) }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `${listen.slice(0, split)}:${port}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Requests that have not become connections.
      server.closeAllConnections();
      await closed;
    },
  };
}

function serverFor(tls: TlsFiles | undefined, answer: RequestListener): Server {
  const bounds = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: headersTimeoutMs,
  };
  if (tls === undefined) return createServer(bounds, answer);
  const server = createTlsServer({ ...bounds, ...tlsOptions(tls) }, answer);
  keepCertificates(server, tls);
  return server;
}
