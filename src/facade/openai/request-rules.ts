import { invalidField } from "../../base/index.ts";

// One rule for each parameter that OpenAI's API knows: what of it goes to the model. A rule answers the value to pass
// on, or undefined for one that says nothing. What would change the answer and cannot be had here is refused.

export type Rule = (field: string, value: unknown) => unknown;
export type Rules = Readonly<Record<string, Rule>>;
export type Fields = Readonly<Record<string, unknown>>;

/** As OpenAI's API allows. */
const maxStops = 4;
const maxTools = 128;

/** For parameters that cannot change the answer. */
export const ignored: Rule = () => undefined;

export const passed: Rule = (_field, value) => value;

/** A number in a range; `neutral` is the value that changes nothing. */
export const number =
  (least: number, most: number, neutral?: number): Rule =>
  (field, value) => {
    if (typeof value !== "number" || !(value >= least && value <= most))
      throw invalidField(field, value, `a number from ${least} to ${most}`);
    return value === neutral ? undefined : value;
  };

export const integer =
  (least: number): Rule =>
  (field, value) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
      throw invalidField(field, value, `a whole number from ${least}`);
    return value;
  };

export const flag: Rule = (field, value) => {
  if (typeof value !== "boolean") throw invalidField(field, value, "true or false");
  return value;
};

export const oneOf =
  (...allowed: readonly string[]): Rule =>
  (field, value) => {
    if (!allowed.includes(value as string)) throw invalidField(field, value, `one of ${allowed.join(", ")}`);
    return value;
  };

/** For what the network does not do: only the value that asks for nothing is taken. */
export const only =
  (neutral: unknown, why: string): Rule =>
  (field, value) => {
    if (!isSame(value, neutral)) throw invalidField(field, value, `${JSON.stringify(neutral)}: ${why}`);
    return undefined;
  };

export const never =
  (why: string): Rule =>
  (field, value) => {
    throw invalidField(field, value, `no such parameter: ${why}`);
  };

export const stops: Rule = (field, value) => {
  const list = Array.isArray(value) ? value : [value];
  if (list.length > maxStops || !list.every((stop) => typeof stop === "string" && stop !== ""))
    throw invalidField(field, value, `a string or up to ${maxStops} of them`);
  return list.length === 0 ? undefined : value;
};

export const tools: Rule = (field, value) => {
  if (!Array.isArray(value) || value.length > maxTools || !value.every(isObject))
    throw invalidField(field, value, `up to ${maxTools} tools`);
  return value.length === 0 ? undefined : value;
};

/** Plain text is what every model answers. */
export const responseFormat: Rule = (field, value) => {
  if (!isObject(value) || typeof value["type"] !== "string")
    throw invalidField(field, value, "an object with a type");
  return value["type"] === "text" ? undefined : value;
};

/**
 * Applies the rules to all fields of a body; null counts as absent.
 * @throws CountersignError INVALID_ARGUMENT for a field without a rule, and as the rules do
 */
export function applyRules(rules: Rules, body: Fields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(body)) {
    if (value === null) continue;
    const rule = Object.hasOwn(rules, field) ? rules[field] : undefined;
    if (rule === undefined) throw invalidField(field, value, "no parameter of that name");
    const keep = rule(field, value);
    if (keep !== undefined) kept[field] = keep;
  }
  return kept;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(value: unknown, neutral: unknown): boolean {
  if (typeof neutral !== "object") return value === neutral;
  return JSON.stringify(value) === JSON.stringify(neutral);
}
