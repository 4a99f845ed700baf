import { createHash } from "node:crypto";

// A page to browse the OpenAPI document with: HTML and nothing else, so that it works offline and runs no script.

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Content {
  readonly schema: Schema;
  readonly examples?: { readonly usual?: { readonly value: unknown } };
}

interface PathOperation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { $ref?: string; description?: string; content?: Record<string, Content> }>
  >;
  readonly security?: readonly object[];
}

/** What of an OpenAPI document the page shows. */
export interface Documented {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, PathOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, { readonly description: string }>>;
  };
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}code,pre{font-family:ui-monospace,monospace;font-size:13px}
details{border:1px solid #ddd;border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}summary{cursor:pointer}
pre{background:#f5f5f5;padding:.6rem;overflow:auto;border-radius:4px}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #eee}
.m{display:inline-block;min-width:4.2rem;font-weight:600}.d{text-decoration:line-through}
@media (prefers-color-scheme:dark){body{color:#ddd;background:#181818}details{border-color:#444}pre{background:#222}td,th{border-color:#333}a{color:#8cf}}`;

/** No script, no frame, nothing from elsewhere. */
export const docsPolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function docsPage(document: Documented): string {
  const { info, tags, paths, components } = document;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = tags.map(({ name }) => {
    const own = all.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${escaped(name)}">${escaped(name)}</h2>${own.map((one) => operationHtml(one, document)).join("")}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${fieldsHtml(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)} API</title><style>${style}</style></head><body>
<h1>${escaped(info.title)} API ${escaped(info.version)}</h1><p>${marked(info.description)}</p>
<p><a href="/openapi.json">openapi.json</a> · <a href="#messages">messages</a>${tags.map(({ name }) => ` · <a href="#${escaped(name)}">${escaped(name)}</a>`).join("")}</p>
${groups.join("\n")}
<h2 id="messages">messages</h2>
${schemas.join("\n")}
</body></html>
`;
}

interface Shown {
  readonly path: string;
  readonly method: string;
  readonly operation: PathOperation;
}

function operationHtml({ path, method, operation }: Shown, { components }: Documented): string {
  const parameters = (operation.parameters ?? []).map((one) =>
    one.$ref === undefined ? one : (components.parameters[lastOf(one.$ref)] ?? one),
  );
  const rows = parameters.map(
    ({ name, in: place, schema, description }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${escaped(place)}</td><td>${typeHtml(schema)}</td><td>${marked(description ?? schema.description ?? "")}</td></tr>`,
  );
  const json = operation.requestBody?.content["application/json"];
  const answers = Object.entries(operation.responses).map(([status, response]) => {
    const description =
      response.$ref === undefined
        ? response.description
        : components.responses[lastOf(response.$ref)]?.description;
    const schema = Object.values(response.content ?? {})[0]?.schema;
    return `<tr><td>${escaped(status)}</td><td>${schema === undefined ? "" : typeHtml(schema)}</td><td>${marked(description ?? "")}</td></tr>`;
  });
  const mark = operation.deprecated === true ? ' class="d"' : "";
  return `<details><summary><span class="m">${escaped(method)}</span><code${mark}>${escaped(path)}</code> ${marked(operation.summary)}</summary>
${rows.length === 0 ? "" : `<table>${rows.join("")}</table>`}
${json === undefined ? "" : `<p>Body: ${typeHtml(json.schema)}</p>`}
<pre>${escaped(curlOf(method, path, json?.examples?.usual?.value))}</pre>
<table>${answers.join("")}</table></details>`;
}

function curlOf(method: string, path: string, example: unknown): string {
  const url = `http://127.0.0.1:8080${path}`;
  if (example !== undefined)
    return `curl ${url} -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(example)}'`;
  return method === "GET" ? `curl ${url}` : `curl -X ${method} ${url}`;
}

function fieldsHtml({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(
    ([name, schema]) =>
      `<tr><td><code>${escaped(name)}</code>${required.includes(name) ? " *" : ""}</td><td>${typeHtml(schema)}</td><td>${marked(schema.description ?? "")}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

function typeHtml(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = escaped(lastOf(schema.$ref));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeHtml).join(" or ");
  if (schema.enum !== undefined)
    return schema.enum.map((one) => `<code>${escaped(String(one))}</code>`).join(" ");
  if (schema.items !== undefined) return `list of ${typeHtml(schema.items)}`;
  const items = schema.properties?.["items"];
  if (items !== undefined) return typeHtml(items);
  const type = escaped(schema.type ?? "any");
  return schema.pattern === undefined ? type : `${type} <code>${escaped(schema.pattern)}</code>`;
}

const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => entities[one] ?? "");

/** Text in which backquotes mark code. */
const marked = (text: string): string => escaped(text).replaceAll(/`([^`]*)`/g, "<code>$1</code>");
