// Generates docs/errors.md from the catalogue. `--check` only compares and fails when the committed file is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ErrorCode, errorCatalogue, grpcStatus } from "../src/base/error-catalogue.ts";
import { CountersignError } from "../src/base/errors.ts";
import { openAiError } from "../src/facade/openai/errors.ts";

const file = fileURLToPath(new URL("../docs/errors.md", import.meta.url));

export function errorsDoc(): string {
  const rows = Object.entries(errorCatalogue)
    .sort(([, a], [, b]) => a.number - b.number)
    .map(([code, { number, grpc, http, fix }]) => {
      const { type, code: theirs } = openAiError(new CountersignError(code as ErrorCode, "")).body.error;
      return `| ${number} | \`${code}\` | ${grpc} (${grpcStatus[grpc]}) | ${http} | \`${type}\`, \`${theirs}\` | ${fix} |`;
    });
  return `# Errors

Generated from \`src/base/error-catalogue.ts\` by \`scripts/generate-errors-doc.ts\`; do not edit.

Every error that a caller can see has one of these codes. Over gRPC the status is as listed, the status message says what was
wrong, with the value and what is allowed, and the metadata \`countersign-code\` holds the code. Each door tells it in its own form:

| door | form |
|---|---|
| gRPC | status, \`countersign-code\` in the metadata, the trail of a round in \`grpc-status-details-bin\` |
| REST | HTTP status, \`{"error":{"code","number","message","field","allowed","fix"},"trail"}\` |
| OpenAI-style | HTTP status, \`{"error":{"message","type","param","code"}}\` |
| message gateway | HTTP status, an envelope with \`"message_type":"Error"\` and \`{"code":number,"message"}\` |
| WebSocket | \`{"error":{"code","number","message","field","allowed","fix"},"id","time"}\`; an upgrade is refused as REST does it |

A task that failed carries it at the
beginning of \`error_message\`: \`CODE: what happened\`. The command line prints the message and exits with 2 for
\`CONFIG_INVALID\` and with 1 for the rest; with \`--json\` it prints \`{"error":{"code":…,"message":…}}\`.

| number | code | gRPC status | HTTP | OpenAI type and code | what to do |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fresh = errorsDoc();
  if (!process.argv.includes("--check")) writeFileSync(file, fresh);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== fresh) {
    process.stderr.write("docs/errors.md is stale: run `npm run generate`\n");
    process.exitCode = 1;
  }
}
