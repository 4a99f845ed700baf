import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { messagesSchema } from "./json-schema.ts";
import { oneProto } from "./one-proto.ts";

// proto/ lies three folders above this file, in a checkout and in the published package alike.
const proto = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../proto/${name}`, import.meta.url)), "utf8");

interface Served {
  readonly type: string;
  readonly read: () => string;
}

/** Below the gateway's own path. */
const schemas: Readonly<Record<string, Served>> = {
  "schema.fbs": { type: "text/plain; charset=utf-8", read: () => proto("countersign.fbs") },
  "schema.proto": {
    type: "text/plain; charset=utf-8",
    read: () => oneProto(["common_types.proto", "node.proto", "message_gateway.proto"].map(proto)),
  },
  "schema.json": {
    type: "application/schema+json; charset=utf-8",
    read: () => `${JSON.stringify(messagesSchema(), undefined, 2)}\n`,
  },
};

export const schemaPaths: ReadonlySet<string> = new Set(Object.keys(schemas));

/** What the messages look like in each of their three forms. Made when first asked for. */
export function addSchemaRoutes(api: FastifyInstance): void {
  for (const [name, { type, read }] of Object.entries(schemas)) {
    let made: Buffer | undefined;
    api.get(`/${name}`, (_request, reply) => {
      made ??= Buffer.from(read());
      reply.header("content-type", type).send(made);
    });
  }
}
