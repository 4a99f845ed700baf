import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { metricPrefix, openMetrics, silentLogger } from "../../../src/base/index.ts";
import { typedFields } from "../../../src/chain/index.ts";
import { receiptSchema } from "../../../src/cosign/index.ts";
import { newAccessFile, parseAccess } from "../../../src/facade/auth/index.ts";
import { CallCounts } from "../../../src/facade/front/index.ts";
import { nodeConfigSchema } from "../../../src/node/index.ts";
import { type MetricSources, nodeMetrics } from "../../../src/node/metrics.ts";
import {
  gatewayOperations,
  messageOperations,
  type NodeReport,
  nodeOperations,
  operationGroups,
  operationNames,
  registryOperations,
  subscribeName,
} from "../../../src/operations/index.ts";
import { type Gateway, taskStates } from "../../../src/roles/gateway/index.ts";
import type { Registry } from "../../../src/roles/registry/index.ts";

const doc = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

/** Every key that the schema allows, as a dotted path; list entries' keys under the list's. */
function pathsOf(schema: JsonSchema, path = ""): string[] {
  const inner = [schema, ...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])];
  const keys = inner.flatMap(({ properties = {} }) => Object.entries(properties));
  if (keys.length === 0) return [path];
  return keys.flatMap(([key, below]) => pathsOf(below, path === "" ? key : `${path}.${key}`));
}

/** Paths that the text names neither whole, nor by their last word. */
function missing(paths: readonly string[], text: string): string[] {
  const named = new Set([...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]));
  return paths.filter((path) => {
    const last = path.slice(path.lastIndexOf(".") + 1);
    return !(named.has(path) || named.has(`.${last}`) || (path.includes(".") && named.has(last)));
  });
}

describe("the documentation's tables", () => {
  it("name every key of the configuration", () => {
    const paths = pathsOf(
      z.toJSONSchema(nodeConfigSchema, { io: "input", unrepresentable: "any" }) as JsonSchema,
    );
    assert.ok(paths.includes("gateway.weights.price"));
    const outsideCompute = paths.filter((path) => !path.startsWith("compute."));
    assert.deepEqual(missing(outsideCompute, doc("operating.md")), []);
  });

  it("name every member of a receipt", () => {
    const paths = pathsOf(
      z.toJSONSchema(receiptSchema, { io: "input", unrepresentable: "any" }) as JsonSchema,
    );
    assert.ok(paths.includes("completion.signatures.validator_address"));
    const outsideGenesis = paths.filter((path) => !path.startsWith("genesis."));
    assert.deepEqual(missing(outsideGenesis, doc("inference.md")), []);
  });

  it("name every metric of the endpoint, with its label, and no other", async () => {
    const metrics = nodeMetrics({ services: {}, calls: new CallCounts() } as MetricSources);
    const told = await (await openMetrics(metrics, silentLogger)).text();
    const served = [...told.matchAll(/^# HELP (countersign_\w+)/gm)].map(([, name = ""]) => {
      const label = metrics.find((metric) => metricPrefix + metric.name === name)?.label;
      return `\`${name}\` | ${label === undefined ? "" : `\`${label}\` `}|`;
    });
    const rows = doc("operating.md").matchAll(/^\| (`countersign_\w+` \| (?:`\w+` )?\|) /gm);
    assert.deepEqual(
      [...rows].map(([, row]) => row),
      served,
    );
  });

  it("name every operation beside its group, and show an access file that loads", () => {
    const text = doc("auth.md");
    const operations = [
      ...gatewayOperations({} as Gateway),
      ...registryOperations({} as Registry),
      ...nodeOperations({} as NodeReport),
      ...messageOperations(() => 0n),
    ];
    for (const group of operationGroups) {
      const row = text.split("\n").find((line) => line.startsWith(`| \`${group}\` | \``)) ?? "";
      const named = [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
      const served = operations.filter((one) => one.group === group).map(({ name }) => name);
      assert.deepEqual(named.slice(1).sort(), served.sort());
    }
    assert.deepEqual(
      [...operations.map(({ name }) => name), subscribeName].sort(),
      [...operationNames].sort(),
    );
    const example = /^```yaml access\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "";
    assert.deepEqual(Object.keys(parseAccess("auth.md", example).users).length, 3);
    parseAccess("a new file", newAccessFile);
  });

  it("name every state of a task and every typed message with its fields", () => {
    const text = doc("inference.md");
    for (const state of taskStates) assert.ok(text.includes(`| \`${state}\` |`), state);
    for (const [name, fields] of Object.entries(typedFields)) {
      const definition = `${name}(${fields.map(({ type, name }) => `${type} ${name}`).join(",")})`;
      assert.ok(text.includes(`\n${definition}\n`), definition);
    }
  });
});
