import { errorCatalogue } from "../../base/index.ts";
import { callHeaderNames } from "../../chain/index.ts";
import type { Operation } from "../../operations/index.ts";
import { type JsonSchema, messageNamed, messagesSchema, operationsByName } from "../messages/index.ts";
import { bodyRules, pathRules, queryRules } from "./body-rules.ts";
import { canWait, type Route } from "./routes.ts";

// The OpenAPI 3.1 document, made of the table of routes, the messages' descriptors, what operations check, and the
// catalogue of errors.

export interface OpenApiInput {
  readonly routes: readonly Route[];
  readonly version: string;
  /** Where it is known, who may call is told. */
  readonly operations: ReadonlyMap<string, Pick<Operation, "access">>;
}

type Json = Readonly<Record<string, unknown>>;

const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

export function openApiDocument({ routes, version, operations }: OpenApiInput): Json {
  const schemas = new Map<string, JsonSchema>([["Error", errorSchema]]);
  const paths: Record<string, Record<string, unknown>> = {
    "/health": { get: healthOperation },
  };
  for (const route of routes) {
    const methods = paths[route.path] ?? {};
    methods[route.method.toLowerCase()] = operationOf(route, operations, schemas);
    paths[route.path] = methods;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Countersign",
      version,
      summary: "Inference that is co-signed, paid and provable.",
      description:
        "JSON is the protobuf's JSON with the protos' field names: 64-bit integers and wei are strings. Bodies may also be Protobuf (`application/x-protobuf`). Every answer names its version in `x-api-version`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      responses: errorResponses(),
      parameters: commonParameters,
      securitySchemes,
    },
  };
}

const tagOf = ({ path }: Route): string => path.split("/")[3] ?? "";

function operationOf(
  route: Route,
  operations: OpenApiInput["operations"],
  schemas: Map<string, JsonSchema>,
): Json {
  const messages = operationsByName.get(route.operation);
  if (messages === undefined) throw new Error(`there is no operation ${route.operation}`);
  const hasBody = route.method === "POST";
  const failures = [
    ...[400, 401, 403, 404, 406, 409, 429, 500, 503, 504],
    ...(hasBody ? [413, 415, 422] : []),
    ...(route.answer === "result" || route.answer === "receipt" ? [402, 502] : []),
  ].toSorted((a, b) => a - b);
  return {
    operationId: `${route.method.toLowerCase()}${route.operation}${canWait(route) ? `_${route.answer}` : ""}`,
    summary: route.summary,
    description: `Operation \`${route.operation}\`: the name that a wallet's signature covers.`,
    tags: [tagOf(route)],
    ...(route.deprecation === undefined ? {} : { deprecated: true }),
    parameters: parametersOf(route),
    ...(hasBody ? { requestBody: requestBody(route, messages.request.name, schemas) } : {}),
    responses: {
      ...successes(route, messages.response.name, schemas),
      ...Object.fromEntries(
        failures.map((status) => [String(status), { $ref: `#/components/responses/Error${status}` }]),
      ),
    },
    security: securityOf(operations.get(route.operation)?.access),
  };
}

function parametersOf(route: Route): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: pathRules[route.pathField ?? name] ?? { type: "string" },
  }));
  const inQuery = (route.query ?? []).map((name) => ({
    name,
    in: "query",
    schema: queryRules[name] ?? { type: "string" },
  }));
  const common = [
    "ApiVersion",
    ...(canWait(route) ? ["Wait"] : []),
    ...(route.answer === "events" ? ["Cursor", "LastEventId"] : []),
    ...(route.method === "POST" ? ["IdempotencyKey"] : []),
  ];
  return [...inPath, ...inQuery, ...common.map((name) => ({ $ref: `#/components/parameters/${name}` }))];
}

function requestBody(route: Route, message: string, schemas: Map<string, JsonSchema>): Json {
  addMessage(message, schemas, true);
  return {
    required: true,
    content: {
      "application/json": {
        schema: refTo(`${message}_body`),
        ...(route.example === undefined ? {} : { examples: { usual: { value: route.example } } }),
      },
      "application/x-protobuf": { schema: { type: "string", contentMediaType: "application/x-protobuf" } },
    },
  };
}

function successes(route: Route, response: string, schemas: Map<string, JsonSchema>): Json {
  const json = (name: string, description: string): Json => {
    addMessage(name, schemas, false);
    return { description, content: { "application/json": { schema: refTo(name) } } };
  };
  const items = (): Json => {
    addMessage(response, schemas, false);
    const schema = {
      type: "object",
      required: ["items"],
      properties: { items: { type: "array", items: refTo(response) } },
    };
    return { description: "All of them.", content: { "application/json": { schema } } };
  };
  const pending = json("InferenceTaskStatus", "The task is under way; this is where it stands.");
  switch (route.answer) {
    case "items":
      return { "200": items() };
    case "submit":
      return {
        "200": json("InferenceTaskStatus", "The task was submitted before and has completed."),
        "202": json("InferenceTaskStatus", "The task waits, for its payment on these terms or for its turn."),
      };
    case "result":
      return { "200": json("InferenceResponse", "The output and what proves it."), "202": pending };
    case "receipt":
      return {
        "200": {
          description: "The receipt.",
          content: { "application/json": { schema: { type: "object" } } },
        },
        "202": pending,
      };
    case "events":
      return {
        "200": {
          description:
            "An event for each change: `id` is its cursor, `event` the task's status, `data` an InferenceResponse.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        "204": { description: "The task has ended and there is nothing after the cursor." },
      };
    default:
      return { [String(route.status ?? 200)]: json(response, "Done.") };
  }
}

/** A message's schema with those that it refers to; of a request with the forms that its fields must have. */
function addMessage(name: string, schemas: Map<string, JsonSchema>, isBody: boolean): void {
  const key = isBody ? `${name}_body` : name;
  if (schemas.has(key)) return;
  const suffix = isBody ? "_body" : "";
  const found = (plainSchemas()[name] ?? {}) as Json;
  const text = JSON.stringify(found).replaceAll(/#\/\$defs\/(\w+)/g, `#/components/schemas/$1${suffix}`);
  const schema = JSON.parse(text) as { properties?: Record<string, unknown> };
  const rule = isBody ? bodyRules[name] : undefined;
  const hidden = new Set(rule?.hidden);
  const properties = Object.fromEntries(
    Object.entries({ ...schema.properties, ...rule?.fields }).filter(([field]) => !hidden.has(field)),
  );
  const required = rule === undefined ? {} : { required: rule.required };
  schemas.set(key, { ...schema, ...required, properties });
  for (const { name: field, table } of messageNamed(name).fields)
    if (table !== undefined && !hidden.has(field)) addMessage(table.name, schemas, isBody);
}

let plain: Json | undefined;
function plainSchemas(): Json {
  plain ??= messagesSchema()["$defs"] as Json;
  return plain;
}

function securityOf(access: Operation["access"] | undefined): Json[] {
  const wallet = { WalletAddress: [], WalletTimestamp: [], WalletNonce: [], WalletSignature: [] };
  if (access === "wallet") return [wallet];
  return [{}, wallet, { BearerKey: [] }, { NanoApiKey: [] }];
}

function errorResponses(): Json {
  const codes = Object.groupBy(Object.entries(errorCatalogue), ([, { http }]) => String(http));
  return Object.fromEntries(
    Object.entries(codes).map(([status, entries = []]) => [
      `Error${status}`,
      {
        description: entries.map(([code, { fix }]) => `\`${code}\`: ${fix}`).join(" "),
        content: { "application/json": { schema: refTo("Error") } },
      },
    ]),
  );
}

const errorSchema: JsonSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "number", "message", "fix"],
      properties: {
        code: { enum: Object.keys(errorCatalogue) },
        number: { type: "integer" },
        message: { type: "string", description: "What was wrong, with the value and what is allowed." },
        field: { type: "string", description: "The field that was wrong." },
        allowed: { type: "string" },
        line: { type: "integer", description: "Where in the body's text." },
        column: { type: "integer" },
        fix: { type: "string", description: "What the caller can do about it." },
        request_id: { type: "string" },
      },
    },
    trail: { type: "object", description: "Who signed and who did not, as a QuorumTrail." },
    terms: { type: "object", description: "Of what must be paid first, as an InferenceTaskStatus." },
  },
};

const commonParameters: Json = {
  ApiVersion: {
    name: "x-api-version",
    in: "header",
    schema: { enum: ["v1"] },
    description: "An unknown version is refused.",
  },
  Wait: {
    name: "wait",
    in: "query",
    schema: { type: "string", pattern: "^([0-9]|[1-4][0-9]|50)s$" },
    description: "Answers when the task has ended, or after this time.",
  },
  Cursor: {
    name: "cursor",
    in: "query",
    schema: { type: "integer", minimum: 0 },
    description: "The event after which to go on.",
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    schema: { type: "string", pattern: "^[0-9]{1,15}$" },
    description: "As `cursor`; browsers send it by themselves.",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,255}$" },
    description: "The same request sent again with its key is answered as the first time, for 24 hours.",
  },
};

const headerScheme = (name: string, description: string): Json => ({
  type: "apiKey",
  in: "header",
  name,
  description,
});

const securitySchemes: Json = {
  WalletAddress: headerScheme(callHeaderNames.address, "The wallet for which the call acts."),
  WalletTimestamp: headerScheme(callHeaderNames.timestamp, "Unix seconds, at most 60 off."),
  WalletNonce: headerScheme(callHeaderNames.nonce, "32 random bytes as hex, used once."),
  WalletSignature: headerScheme(
    callHeaderNames.signature,
    "EIP-712 ClientRequest over network, operation, SHA-256 of the body (without one: of path and query), timestamp and nonce.",
  ),
  BearerKey: { type: "http", scheme: "bearer", description: "An API key." },
  NanoApiKey: headerScheme("Nano-Api-Key", "An API key."),
};

const healthOperation: Json = {
  operationId: "getHealth",
  summary: "Whether the node can serve.",
  tags: [],
  security: [{}],
  responses: {
    "200": { description: "It can." },
    "503": { description: "Not now." },
  },
};
