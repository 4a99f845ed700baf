import { refused, sizedText } from "./request-fields.ts";

/** Deeper JSON is a mistake or an attack on whoever walks it. */
export const maxJsonDepth = 32;

/** A JSON document of at most `maxBytes` and `maxJsonDepth` levels. @throws TOO_LARGE */
export function jsonText(field: string, value: unknown, maxBytes: number): string {
  const json = sizedText(field, value, maxBytes);
  const form = `a JSON document of at most ${maxJsonDepth} levels`;
  if (jsonDepth(json, maxJsonDepth) > maxJsonDepth) throw refused(field, json, form);
  try {
    JSON.parse(json);
  } catch {
    throw refused(field, json, form);
  }
  return json;
}

/** Depth of a document's nesting, read without parsing; stops once it is past `limit`. */
export function jsonDepth(json: string, limit: number): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === 0x22) {
      i = endOfString(json, i);
    } else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > deepest) deepest = depth;
      if (deepest > limit) return deepest;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
    }
  }
  return deepest;
}

/** Index of the quote that ends the string begun at `start`, or the text's end. */
function endOfString(json: string, start: number): number {
  let end = start;
  for (;;) {
    end = json.indexOf('"', end + 1);
    if (end < 0) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === 0x5c && end - 1 - backslashes > start) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}
