import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { errorView } from "../front/index.ts";
import { rateHeaders } from "../front/rate-headers.ts";

/** Answers an upgrade that does not come about, in HTTP, and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  error: unknown,
  nowMs: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { http, code, number, message, fix, field, allowed, rate } = errorView(error);
  const body = JSON.stringify({ error: { code, number, message, field, allowed, fix } });
  const all = {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
    ...(rate === undefined ? {} : rateHeaders(rate, nowMs)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  if (!socket.writable) return void socket.destroy();
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${http} ${STATUS_CODES[http]}\r\n${lines.join("")}\r\n${body}`);
}
