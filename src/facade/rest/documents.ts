import type { FastifyInstance } from "fastify";
import { type Documented, docsPage, docsPolicy } from "./docs-page.ts";
import { type OpenApiInput, openApiDocument } from "./openapi.ts";

/** Asked for by people; made once, by the first who asks. */
const maxAgeSec = 300;

/** `GET /openapi.json` and `GET /docs`. */
export function addDocuments(app: FastifyInstance, input: OpenApiInput): void {
  let made: { readonly json: string; readonly page: string } | undefined;
  const documents = () => {
    if (made === undefined) {
      const document = openApiDocument(input);
      made = { json: JSON.stringify(document), page: docsPage(document as unknown as Documented) };
    }
    return made;
  };
  app.get("/openapi.json", (_request, reply) => {
    reply
      .headers({ "content-type": "application/json; charset=utf-8", "cache-control": `max-age=${maxAgeSec}` })
      .send(documents().json);
  });
  app.get("/docs", (_request, reply) => {
    reply
      .headers({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": docsPolicy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": `max-age=${maxAgeSec}`,
      })
      .send(documents().page);
  });
}
