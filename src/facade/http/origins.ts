import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";
import { CountersignError, shown } from "../../base/index.ts";
import { anyOrigin, localOrigins } from "./origins-config.ts";

// Pages in browsers. A page of anywhere can have its visitor's browser send requests to addresses that only the visitor
// reaches, so what a page may do is decided by the origin that the browser names: reading answers by CORS, and acting by
// refusing, since browsers send simple requests and open WebSockets without asking first.

/** Headers of answers that pages may read besides the few that they always may. */
const exposedHeaders = [
  "location",
  "link",
  "retry-after",
  "ratelimit",
  "ratelimit-policy",
  "x-rate-limit-limit",
  "x-rate-limit-remaining",
  "x-rate-limit-reset",
  "x-api-version",
  "x-countersign-request-id",
  "nano-correlation-id",
  "deprecation",
  "sunset",
];
/** Browsers remember for this long that they may ask. */
const preflightSec = 600;

export class AllowedOrigins {
  readonly #origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins.map((origin) => origin.toLowerCase()));
  }

  /** True without an origin too: then no page of another site is behind the request. */
  allows(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.#origins.has(anyOrigin)) return true;
    const lower = origin.toLowerCase();
    if (this.#origins.has(lower) || (host !== undefined && isOfHost(lower, host.toLowerCase()))) return true;
    return this.#origins.has(localOrigins) && isLocal(lower);
  }

  /** @throws CountersignError ACCESS_DENIED for a page that may not call */
  check(origin: string | undefined, host: string | undefined): void {
    if (this.allows(origin, host)) return;
    throw new CountersignError(
      "ACCESS_DENIED",
      `pages of ${shown(origin)} may not call this node; its operator can add them to http.cors_origins`,
    );
  }
}

/**
 * The page came from the address that it calls. A name without TLS proves nothing: whoever owns it can have it lead
 * here after the page has been loaded elsewhere.
 */
function isOfHost(origin: string, host: string): boolean {
  const isAddress = /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d+)?$/.test(host);
  return origin === `https://${host}` || (isAddress && origin === `http://${host}`);
}

function isLocal(origin: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(origin);
}

/** Answers browsers' questions, and refuses what pages of other origins would change. */
export async function addCors(app: FastifyInstance, origins: AllowedOrigins): Promise<void> {
  await app.register(cors, {
    delegator: (request, answer) => {
      const { origin: given, host } = request.headers;
      const origin = Array.isArray(given) ? given[0] : given;
      answer(null, {
        origin: origins.allows(origin, host),
        methods: ["GET", "HEAD", "POST", "DELETE"],
        exposedHeaders,
        maxAge: preflightSec,
        // Keys and signatures are put there by pages themselves; a browser adds nothing of its own.
        credentials: false,
      });
    },
  });
  app.addHook("onRequest", async ({ method, headers }) => {
    if (method === "GET" || method === "HEAD" || method === "OPTIONS") return;
    origins.check(headers.origin, headers.host);
  });
}
