import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CountersignError, type MetricsText, messageOf } from "../../base/index.ts";

/** A collector sends a line and a few headers. */
const maxHeaderBytes = 8_192;
const requestTimeoutMs = 5_000;
/** A collector or two, and somebody who looks. */
const maxConnections = 16;

export interface MetricsServer {
  /** `host:port`. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Serves `GET /metrics` over HTTP and nothing else. `listen` is `host:port`; port 0 takes a free one.
 * @throws CountersignError UNAVAILABLE when the address cannot be bound
 */
export async function startMetricsServer(listen: string, metrics: MetricsText): Promise<MetricsServer> {
  let collecting: Promise<string> | undefined;
  /** Who asks while an answer is being made gets the same one: many askers cost no more than one. */
  const collect = (): Promise<string> => {
    collecting ??= metrics.text().finally(() => {
      collecting = undefined;
    });
    return collecting;
  };
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (request, response) => {
      answer(request, response, collect, metrics.contentType).catch((error: unknown) => {
        response.writeHead(500, { "content-type": "text/plain" }).end(`${messageOf(error)}\n`);
      });
    },
  );
  server.maxConnections = maxConnections;
  const split = listen.lastIndexOf(":");
  const host = listen.slice(0, split).replace(/^\[(.*)\]$/, "$1");
  try {
    server.listen(Number(listen.slice(split + 1)), host);
    await once(server, "listening");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "EADDRINUSE" ? "the address is in use by another process" : messageOf(error);
    throw new CountersignError(
      "UNAVAILABLE",
      `cannot listen for metrics on ${listen}: ${reason}; the key metrics.listen names another address, or none`,
      { listen },
      error,
    );
  }
  return {
    address: `${listen.slice(0, split)}:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  collect: () => Promise<string>,
  contentType: string,
): Promise<void> {
  if (method !== "GET" || url?.split("?", 1)[0] !== "/metrics") {
    response.writeHead(404, { "content-type": "text/plain", connection: "close" }).end("only GET /metrics\n");
    return;
  }
  const text = await collect();
  response.writeHead(200, { "content-type": contentType }).end(text);
}
