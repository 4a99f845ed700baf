import { CountersignError } from "../../base/index.ts";
import { jsonDepth, maxJsonDepth } from "../../operations/index.ts";
import { type Fields, isObject } from "./request-rules.ts";

/** The JSON object of a request's body. @throws CountersignError INVALID_ARGUMENT */
export function parseBody(bytes: Buffer | undefined): Fields {
  const allowed = `a JSON object of at most ${maxJsonDepth} levels, in UTF-8`;
  const refused = (why: string) =>
    new CountersignError("INVALID_ARGUMENT", `the body ${why}; expected ${allowed}`, { allowed });
  if (bytes === undefined) throw refused("is empty");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refused("is not UTF-8");
  }
  if (jsonDepth(text, maxJsonDepth) > maxJsonDepth) throw refused("is nested too deep");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(`is not JSON (${(error as Error).message.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 120)})`);
  }
  if (!isObject(value)) throw refused("is no object");
  return value;
}
