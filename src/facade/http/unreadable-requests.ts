import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { CountersignError, type ErrorCode } from "../../base/index.ts";
import { errorView } from "../front/index.ts";

/**
 * Answers what is no request that could be read, and so has no path whose facade could answer, and ends the connection.
 * @param maxHeaderBytes @param timeoutMs what the server allows
 */
export function refuseUnreadable(maxHeaderBytes: number, timeoutMs: number) {
  return ({ code }: { readonly code?: string }, socket: Socket): void => {
    if (code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const refusal =
      code === "HPE_HEADER_OVERFLOW"
        ? refused(431, "TOO_LARGE", "headers", `at most ${maxHeaderBytes} bytes`, "more")
        : code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? refused(408, "DEADLINE_EXCEEDED", "request", `all of it within ${timeoutMs / 1000} s`, "less")
          : refused(400, "INVALID_ARGUMENT", "request", "HTTP/1.1 by RFC 9112", "something else");
    socket.end(refusal, () => socket.destroy());
  };
}

function refused(status: number, code: ErrorCode, field: string, allowed: string, came: string): string {
  const fix = "Send a request that keeps to what is allowed.";
  const error = new CountersignError(code, `${field}: expected ${allowed}; ${came} came`, {
    field,
    allowed,
    fix,
  });
  const { number, message } = errorView(error);
  const body = JSON.stringify({ error: { code, number, message, field, allowed, fix } });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "x-api-version: v1",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
