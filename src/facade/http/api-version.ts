import type { FastifyInstance } from "fastify";
import { invalidField } from "../../base/index.ts";

/** Versions of the API that a request may name. */
export const apiVersions = ["v1"] as const;

/** Every answer says which version it is of; a request that names an unknown one is refused with the known. */
export function tellApiVersion(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-api-version", apiVersions[0]);
    const asked = request.headers["x-api-version"];
    if (asked === undefined || (apiVersions as readonly unknown[]).includes(asked)) return done();
    done(invalidField("x-api-version", asked, `one of ${apiVersions.join(", ")}`));
  });
}
