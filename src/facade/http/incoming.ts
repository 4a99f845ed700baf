import type { FastifyReply, FastifyRequest } from "fastify";
import { utf8 } from "../../base/index.ts";
import { type FacadeName, type IncomingCall, rateHeaders } from "../front/index.ts";

/**
 * A request as the front takes it; what it tells of rates goes into the answer's headers. A wallet's signature covers
 * the body as sent, or, where there is none, the path with its query, so that neither can be exchanged.
 */
export function incomingOf(
  facade: FacadeName,
  request: FastifyRequest,
  reply: FastifyReply,
  apiKey?: string,
): IncomingCall {
  return {
    facade,
    ip: request.ip,
    header: (name) => {
      // What the facade's own place for a key says goes before the header.
      if (apiKey !== undefined && name === "nano-api-key") return apiKey;
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    apiKey,
    body: bodyOf(request) ?? utf8(request.url),
    onRate: (state) => reply.headers(rateHeaders(state, Date.now())),
  };
}

/** The body's bytes; undefined where there are none. */
export function bodyOf(request: FastifyRequest): Buffer | undefined {
  return Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : undefined;
}

/** Aborts when the caller goes away before its answer is complete. */
export function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
