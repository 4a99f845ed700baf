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
      { fix: "Call from a page of an origin that http.cors_origins has." },
    );
  }

  /**
   * A page's own host may be made to lead here once the page is loaded; then its reads look like those of a page of this
   * node, without an origin. So the names by which this node is called are known ones: addresses, names without a dot,
   * which nobody elsewhere can give away, and those of the allowed origins.
   * @throws CountersignError ACCESS_DENIED for any other name
   */
  checkName(host: string | undefined): void {
    const name = (host ?? "").toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
    if (isAddress(name) || !name.includes(".") || name.endsWith(".localhost")) return;
    if (this.#origins.has(anyOrigin) || [...this.#origins].some((origin) => nameOf(origin) === name)) return;
    throw new CountersignError(
      "ACCESS_DENIED",
      `Host: this node is not known by the name ${shown(name)}; its operator can add http://${shown(name).slice(1, -1)} to http.cors_origins, or set auth: required`,
      { field: "Host", fix: "Call the node by its address or as localhost." },
    );
  }
}

/**
 * The page came from the address that it calls. A name without TLS proves nothing: whoever owns it can have it lead
 * here after the page has been loaded elsewhere.
 */
function isOfHost(origin: string, host: string): boolean {
  return origin === `https://${host}` || (isAddress(host) && origin === `http://${host}`);
}

const isAddress = (host: string): boolean => /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d+)?$/.test(host);

const nameOf = (origin: string): string => origin.replace(/^https?:\/\//, "").replace(/:\d+$/, "");

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
        // OPTIONS that asks nothing of this is answered too.
        strictPreflight: false,
        // Keys and signatures are put there by pages themselves; a browser adds nothing of its own.
        credentials: false,
      });
    },
  });
  app.addHook("onRequest", async ({ method, headers }) => {
    if (method === "GET" || method === "HEAD") return;
    origins.check(headers.origin, headers.host);
  });
}

/** For a node that answers everybody who reaches it. */
export function refuseForeignNames(app: FastifyInstance, origins: AllowedOrigins): void {
  app.addHook("onRequest", async ({ headers }) => origins.checkName(headers.host));
}
