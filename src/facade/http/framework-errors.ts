import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { CountersignError } from "../../base/index.ts";

/** What the server's library says of a request that it cannot read, as one of ours; other errors stay what they are. */
export function fromFramework(error: unknown, maxBodyBytes: number): unknown {
  const { statusCode, code = "" } = error as Partial<FastifyError>;
  if (error instanceof CountersignError || statusCode === undefined || statusCode >= 500) return error;
  switch (statusCode) {
    case 404:
      return new CountersignError("NOT_FOUND", "there is no such path");
    case 413: {
      const allowed = `at most ${maxBodyBytes} bytes`;
      const message = `body: more than ${maxBodyBytes} bytes are not allowed`;
      return new CountersignError("TOO_LARGE", message, { field: "body", allowed });
    }
    case 414:
      return new CountersignError("NOT_FOUND", "there is no path as long as this one", {
        field: "path",
        fix: "Use a path of GET /openapi.json; no id is as long.",
      });
    case 415:
      return new CountersignError("UNSUPPORTED_MEDIA_TYPE", "Content-Type: this is no media type");
    default: {
      const isBadUrl = code === "FST_ERR_BAD_URL";
      const message = isBadUrl ? "the path has a % that is no escape" : "the body did not come in whole";
      return new CountersignError("INVALID_ARGUMENT", message, { field: isBadUrl ? "path" : "body" });
    }
  }
}

/** A body that is refused for its size is still read up to this many bytes. */
const maxDrainedBytes = 64 * 1024 * 1024;

/**
 * Calls back once the rest of a refused body has come in, within the time that any request has. A sender that is still
 * at it would be cut off, and would not see the answer. What is far too long is not waited for.
 */
export function drainBody({ raw }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (raw.complete || Number(raw.headers["content-length"] ?? 0) > maxDrainedBytes) return done();
  let left = maxDrainedBytes;
  const count = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) over();
  };
  const over = () => {
    raw.off("data", count).off("end", over).off("close", over);
    // The library has announced that it would close.
    if (raw.complete) reply.removeHeader("connection");
    done();
  };
  raw.on("data", count).on("end", over).on("close", over);
}
