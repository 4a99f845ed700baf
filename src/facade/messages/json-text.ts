import { isUtf8 } from "node:buffer";
import { maxBodyBytes } from "./bounds.ts";
import { bodyTooLarge, invalidFormat } from "./invalid-format.ts";
import { placeOf } from "./json-tokens.ts";

/** The text of a body, its byte order mark included. @throws CountersignError TOO_LARGE, INVALID_ARGUMENT where it is no UTF-8 */
export function jsonText(body: Uint8Array): string {
  if (body.length > maxBodyBytes) throw bodyTooLarge(body.length);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  // What could not be decoded was replaced, so the first difference is where it stood.
  const again = Buffer.from(text);
  const at = bytes.findIndex((byte, index) => byte !== again[index]);
  const { line, column } = placeOf(text, bytes.toString("utf8", 0, at).length);
  throw invalidFormat("illegal UTF-8 sequence", { line, column: column + 1 });
}
