import type { FastifyInstance } from "fastify";
import { CountersignError } from "../../base/index.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];

/** Answers the methods that a path lacks with 405 and those that it has, in the shape of the routes around. */
export function refuseOtherMethods(
  app: FastifyInstance,
  url: string,
  allowed: readonly Method[],
  shownPath = url,
): void {
  const allow = allowed.join(", ");
  app.route({
    method: methods.filter((method) => !allowed.includes(method)),
    url,
    exposeHeadRoute: false,
    handler: async ({ method }, reply) => {
      reply.header("allow", allow);
      const message = `${method} is not allowed on ${shownPath}; expected ${allow}`;
      throw new CountersignError("METHOD_NOT_ALLOWED", message, { allow, allowed: allow });
    },
  });
}
