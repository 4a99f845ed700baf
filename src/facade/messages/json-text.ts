import { isUtf8 } from "node:buffer";
import { maxBodyBytes } from "./bounds.ts";
import { bodyTooLarge, invalidFormat } from "./invalid-format.ts";

const newline = 0x0a;

/** The text of a body, its byte order mark included. @throws CountersignError TOO_LARGE, INVALID_ARGUMENT where it is no UTF-8 */
export function jsonText(body: Uint8Array): string {
  if (body.length > maxBodyBytes) throw bodyTooLarge(body.length);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  // What could not be decoded was replaced, so the first difference is where it stood.
  const again = Buffer.from(text);
  const difference = bytes.findIndex((byte, index) => byte !== again[index]);
  const at = difference < 0 ? bytes.length : difference;
  const before = bytes.subarray(0, at);
  const line = 1 + before.reduce((lines, byte) => (byte === newline ? lines + 1 : lines), 0);
  throw invalidFormat("illegal UTF-8 sequence", { line, column: at - before.lastIndexOf(newline) });
}
