import { CountersignError, invalidField, messageOf } from "../../base/index.ts";

// What a client may send, as text; and what is wrong with what it sent.

const fieldsOf = {
  subscribe: ["topic", "options", "cursor"],
  update: ["topic", "options"],
  unsubscribe: ["topic"],
  ping: [],
  authenticate: ["credentials", "address", "timestamp", "nonce", "signature"],
} as const;
export type ActionName = keyof typeof fieldsOf;
const actionNames = Object.keys(fieldsOf) as ActionName[];
const commonFields = ["action", "id", "ack"];

/** 256 request ids with their clients' addresses, and some room. */
export const maxActionBytes = 64 * 1024;
export const maxIdCharacters = 128;

export interface Action {
  readonly name: ActionName;
  /** The client's own, repeated in the answer. */
  readonly id: string | undefined;
  readonly wantsAck: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * @param onId told of the action's id also when the rest is refused
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE
 */
export function readAction(text: string, onId: (id: string) => void): Action {
  if (text.length > maxActionBytes || Buffer.byteLength(text) > maxActionBytes) {
    throw new CountersignError("TOO_LARGE", `an action may have ${maxActionBytes} bytes at most`, {
      allowed: `at most ${maxActionBytes} bytes`,
    });
  }
  const fields = jsonObject(text);
  const { id, action, ack } = fields;
  if (id !== undefined) {
    if (typeof id !== "string" || id.length > maxIdCharacters)
      throw invalidField("id", shownForm(id), `a text of at most ${maxIdCharacters} characters`);
    onId(id);
  }
  const name = actionNames.find((one) => one === action);
  if (name === undefined) throw invalidField("action", shownForm(action), `one of ${actionNames.join(", ")}`);
  const allowed: readonly string[] = [...commonFields, ...fieldsOf[name]];
  for (const field of Object.keys(fields)) {
    if (!allowed.includes(field))
      throw invalidField(
        field.slice(0, 64),
        shownForm(fields[field]),
        `only ${allowed.join(", ")} in ${name}`,
      );
  }
  if (ack !== undefined && typeof ack !== "boolean")
    throw invalidField("ack", shownForm(ack), "true or false");
  return { name, id, wantsAck: ack === true, fields };
}

function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CountersignError("INVALID_ARGUMENT", `an action must be JSON: ${short(messageOf(error))}`, {
      allowed: "a JSON object",
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalidField("action", shownForm(value), 'a JSON object such as {"action":"ping"}');
}

/** Objects are not shown: what they hold may be deep, or secret. */
function shownForm(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, 100);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : value;
}

const short = (text: string): string => text.slice(0, 160).replaceAll(/[^\x20-\x7e]/g, "?");
