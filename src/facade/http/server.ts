import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { CountersignError, type Logger, messageOf } from "../../base/index.ts";
import { errorView, isUnexpected } from "../front/index.ts";
import type { TlsFiles } from "../tls/index.ts";
import { apiVersions, tellApiVersion } from "./api-version.ts";
import { authChallenge } from "./challenge.ts";
import { ErrorShapes } from "./error-shapes.ts";
import { drainBody, fromFramework } from "./framework-errors.ts";
import { AllowedOrigins, addCors, refuseForeignNames } from "./origins.ts";
import { localOrigins } from "./origins-config.ts";
import { TrustedProxies } from "./proxies.ts";
import { cutOffAtEnd, keepTls, tlsListener } from "./tls-listener.ts";
import { refuseUnreadable } from "./unreadable-requests.ts";

/** A body's bound on every path; the largest request is a prompt with its documents, or an envelope around one. */
export const maxBodyBytes = 8 * 1024 * 1024;
/** Headers and request line, together. */
const maxHeaderBytes = 16_384;
/** `client address/request id`, every character of it percent-encoded. */
const maxParameterCharacters = 512;
/** A request must have come in whole by then; answers may take as long as they take. */
const requestTimeoutMs = 30_000;

/**
 * Adds a facade's routes. It has an error handler of its own, in the shape of its own world, and sets the same in
 * `shapes` where it wants to answer also for paths that no route can be found for.
 */
export type HttpMount = (app: FastifyInstance, shapes: ErrorShapes) => void | Promise<void>;

export interface HttpServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly mounts: readonly HttpMount[];
  readonly logger: Logger;
  /** Without it the server speaks HTTP/1.1 in the clear. */
  readonly tls?: TlsFiles | undefined;
  /** Origins of pages that may call; pages of this machine where not given. */
  readonly origins?: AllowedOrigins;
  readonly proxies?: TrustedProxies;
  /** Callers need show nothing, so that what protects them is that nobody else can reach the address. */
  readonly isOpen?: boolean;
}

export interface HttpServer {
  readonly address: string;
  readonly app: FastifyInstance;
  /** Takes no more calls, and lets answers under way go out until the signal aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

/** One HTTP server for all facades that speak it. @throws CountersignError UNAVAILABLE when the address cannot be bound */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, mounts, logger, tls } = options;
  const proxies = options.proxies ?? new TrustedProxies([]);
  const shapes = new ErrorShapes((error, _request, reply) => {
    if (isUnexpected(error)) logger.error({ error: messageOf(error) }, "an HTTP call failed unexpectedly");
    const { http, code, message } = errorView(error);
    reply.code(http).send({ error: { code, message } });
  });
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    clientErrorHandler: refuseUnreadable(maxHeaderBytes, requestTimeoutMs),
    trustProxy: (address: string) => proxies.has(address),
    ...(tls === undefined
      ? { http: { maxHeaderSize: maxHeaderBytes }, forceCloseConnections: "idle" as const }
      : tlsListener(tls, maxHeaderBytes)),
    // The front refuses calls of a node that stops; each facade tells it in its own shape.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      // No hook has run.
      reply.header("x-api-version", apiVersions[0]);
      shapes.answer(fromFramework(error, maxBodyBytes), request, reply);
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxParameterCharacters },
  });
  const cutOff = cutOffAtEnd(app);
  if (tls !== undefined) keepTls(app, tls, requestTimeoutMs);
  // Routes take over the handler that there is when they are added.
  app.setErrorHandler((error, request, reply) =>
    shapes.answer(fromFramework(error, maxBodyBytes), request, reply),
  );
  tellApiVersion(app);
  const origins = options.origins ?? new AllowedOrigins([localOrigins]);
  await addCors(app, origins);
  // By TLS only the name's owner has its certificate.
  if (options.isOpen === true && tls === undefined) refuseForeignNames(app, origins);
  // Facades decode bodies themselves: signatures cover the bytes as sent.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.addHook("onSend", async (_request, reply) => {
    if (reply.statusCode === 401) reply.header("www-authenticate", authChallenge);
  });
  // Runs before the facades' own handlers.
  app.addHook("onError", (request, reply, error, done) => {
    if (error.statusCode === 413) drainBody(request, reply, done);
    else done();
  });
  for (const mount of mounts) await app.register(async (scope) => await mount(scope, shapes));
  await bind(app, listen);
  const { port } = app.server.address() as AddressInfo;
  return {
    address: `${listen.slice(0, listen.lastIndexOf(":"))}:${port}`,
    app,
    async stop(signal) {
      cutOff(signal);
      await app.close();
    },
  };
}

async function bind(app: FastifyInstance, listen: string): Promise<void> {
  const split = listen.lastIndexOf(":");
  const host = listen.slice(0, split).replace(/^\[(.*)\]$/, "$1");
  try {
    await app.listen({ host, port: Number(listen.slice(split + 1)) });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === "EADDRINUSE"
        ? "the address is in use by another process"
        : code === "EACCES"
          ? "this user may not bind it"
          : messageOf(error);
    throw new CountersignError(
      "UNAVAILABLE",
      `cannot listen for HTTP on ${listen}: ${reason}; the key http.listen names another address, or none`,
      { listen },
      error,
    );
  }
}
