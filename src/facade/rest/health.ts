import type { HttpMount } from "../http/index.ts";

/** `GET /health`: cheap, open to everybody and without a limit. 503 while the node cannot serve. */
export function healthRoute(isServing: () => boolean): HttpMount {
  return (app) => {
    app.get("/health", (_request, reply) => {
      const serving = isServing();
      reply.code(serving ? 200 : 503).send({ status: serving ? "ok" : "unavailable" });
    });
  };
}
