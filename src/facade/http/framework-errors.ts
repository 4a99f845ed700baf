import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { CountersignError, type ErrorCode, messageOf } from "../../base/index.ts";

const codes: Readonly<Record<number, ErrorCode>> = {
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  413: "TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

/** What the server's library says of a request that it cannot read, as one of ours; other errors stay what they are. */
export function fromFramework(error: unknown, maxBodyBytes: number): unknown {
  const { statusCode, code = "" } = error as Partial<FastifyError>;
  if (error instanceof CountersignError || statusCode === undefined || statusCode >= 500) return error;
  if (statusCode === 413) {
    const allowed = `at most ${maxBodyBytes} bytes`;
    return new CountersignError("TOO_LARGE", `body: more than ${allowed.slice(8)} are not allowed`, {
      field: "body",
      allowed,
    });
  }
  const message = code.startsWith("FST_") ? messageOf(error) : "the body did not come in whole";
  return new CountersignError(codes[statusCode] ?? "INVALID_ARGUMENT", message);
}

/** A body that is refused for its size is still read up to this many bytes. */
const maxDrainedBytes = 64 * 1024 * 1024;

/**
 * Lets the rest of a refused body come in, within the time that any request has. The library would close the
 * connection on it, and a sender that is still at it would be cut off before it sees the answer.
 */
export function drainBody(request: FastifyRequest, reply: FastifyReply): void {
  if (Number(request.headers["content-length"] ?? 0) > maxDrainedBytes) return;
  reply.removeHeader("connection");
  request.raw.resume();
}
