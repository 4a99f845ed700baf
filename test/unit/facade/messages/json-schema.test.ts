import assert from "node:assert/strict";
import fc from "fast-check";
import {
  encodeMessage,
  type JsonSchema,
  messagesSchema,
  operationsByName,
} from "../../../../src/facade/messages/index.ts";
import { badTexts } from "./bad-texts.ts";
import { anyMember, memberNamed } from "./message-arbitrary.ts";

const { $defs } = messagesSchema() as { $defs: Readonly<Record<string, JsonSchema>> };

describe("the JSON Schema", () => {
  it("takes the JSON of every message", () => {
    fc.assert(
      fc.property(anyMember, ({ name, value }) => {
        const { message } = memberNamed(name);
        const json = JSON.parse(Buffer.from(encodeMessage("json", message, value)).toString());
        assert.deepEqual(problems($defs[message.name], json), []);
      }),
      { numRuns: 200 },
    );
  });

  it("refuses the JSON that readers refuse for its values", () => {
    // What only the text shows.
    const refusedByText =
      /set more than once|invalid base64|'float constant'|invalid number: "(?:18446744073709551616|9{80}|1e999)/;
    let seen = 0;
    for (const { message, text, detail } of badTexts) {
      const json = parsed(text);
      if (json === undefined || refusedByText.test(detail)) continue;
      seen++;
      assert.notDeepEqual(problems($defs[message], json), [], text.slice(0, 80));
    }
    assert(seen >= 20, `${seen}`);
  });
});

describe("the JSON Schema's envelopes", () => {
  const of = (name: string) => $defs[name] as { oneOf: { properties: Record<string, JsonSchema> }[] };

  it("have each operation's request, and each answer, once and by a name that there is", () => {
    for (const [envelope, types] of [
      ["RequestEnvelope", [...operationsByName.keys()]],
      [
        "AnswerEnvelope",
        [...new Set([...operationsByName.values()].map(({ response }) => response.name)), "Error"],
      ],
    ] as const) {
      const { oneOf } = of(envelope);
      assert.deepEqual(
        oneOf.map(({ properties }) => properties["message_type"]?.["const"]),
        types,
      );
      for (const { properties } of oneOf)
        assert.ok($defs[String(properties["message"]?.["$ref"]).replace("#/$defs/", "")]);
    }
  });
});

function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text);
    return JSON.stringify(value).includes("\\ud") ? undefined : value;
  } catch {
    return undefined;
  }
}

const typeOf = (value: unknown): string[] => {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
};

/** What a schema finds wrong, by the keywords that are used here; another one is an error. */
function problems(schema: JsonSchema | undefined, value: unknown): string[] {
  return Object.entries(schema ?? { no: "schema" }).flatMap(([keyword, rule]) =>
    wrongBy(keyword, rule as never, schema ?? {}, value),
  );
}

function wrongBy(keyword: string, rule: never, schema: JsonSchema, value: unknown): string[] {
  const object = typeOf(value).includes("object") ? (value as Readonly<Record<string, unknown>>) : {};
  const check = (holds: boolean) => (holds ? [] : [`${keyword}: ${JSON.stringify(value)}`]);
  const known: Readonly<Record<string, () => string[]>> = {
    type: () => check(typeOf(value).includes(rule)),
    enum: () => check((rule as unknown[]).includes(value)),
    minimum: () => check(typeof value !== "number" || value >= rule),
    maximum: () => check(typeof value !== "number" || value <= rule),
    pattern: () => check(typeof value !== "string" || new RegExp(rule).test(value)),
    anyOf: () => check((rule as JsonSchema[]).some((one) => problems(one, value).length === 0)),
    required: () => check((rule as string[]).every((name) => name in object)),
    items: () => (Array.isArray(value) ? value.flatMap((entry) => problems(rule, entry)) : []),
    properties: () =>
      Object.entries(object).flatMap(([name, one]) =>
        rule[name] === undefined ? [] : problems(rule[name], one),
      ),
    additionalProperties: () =>
      Object.entries(object).flatMap(([name, one]) => {
        if (name in ((schema["properties"] ?? {}) as object)) return [];
        return rule === false ? [`no property ${name}`] : problems(rule, one);
      }),
    $ref: () => problems($defs[(rule as string).replace("#/$defs/", "")], value),
    description: () => [],
    contentEncoding: () => [],
  };
  return known[keyword]?.() ?? [`unknown keyword ${keyword}`];
}
