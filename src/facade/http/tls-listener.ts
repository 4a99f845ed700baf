import { constants, type Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { keepCertificates, type TlsFiles, tlsOptions } from "../tls/index.ts";

/** Streams that one HTTP/2 connection may have open at once. */
const maxConcurrentStreams = 256;
/** A year: who has been here by TLS does not come without any more (RFC 6797). */
const strictTransportSecurity = "max-age=31536000";

/** What the framework needs for HTTP/2 and HTTP/1.1 on one port, by TLS. WebSockets come over HTTP/1.1. */
export function tlsListener(tls: TlsFiles, maxHeaderBytes: number): object {
  return {
    http2: true,
    https: {
      ...tlsOptions(tls),
      allowHTTP1: true,
      maxHeaderSize: maxHeaderBytes,
      settings: { maxConcurrentStreams, maxHeaderListSize: maxHeaderBytes },
    },
  };
}

/** Renewed certificates, refused ones of clients, HSTS, and a bound on how long a request may come in. */
export function keepTls(app: FastifyInstance, tls: TlsFiles, requestTimeoutMs: number): void {
  const server = app.server as unknown as import("node:tls").Server & { requestTimeout?: number };
  server.requestTimeout = requestTimeoutMs;
  keepCertificates(server, tls);
  app.addHook("onRequest", async ({ raw }, reply) => {
    reply.header("strict-transport-security", strictTransportSecurity);
    if (raw.httpVersionMajor < 2) return;
    const { stream } = raw as unknown as Http2ServerRequest;
    const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), requestTimeoutMs);
    const inTime = () => clearTimeout(late);
    raw.once("end", inTime);
    stream.once("close", inTime);
  });
}

/** Cuts every connection off when the signal aborts, whatever protocol it speaks. */
export function cutOffAtEnd(app: FastifyInstance): (signal: AbortSignal) => void {
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return (signal) => {
    const cutOff = () => {
      for (const socket of sockets) socket.destroy();
    };
    if (signal.aborted) cutOff();
    else signal.addEventListener("abort", cutOff, { once: true });
  };
}
