// Generates docs/errors.md from the catalogue. `--check` only compares and fails when the committed file is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorCatalogue, grpcStatus } from "../src/base/error-catalogue.ts";

const file = fileURLToPath(new URL("../docs/errors.md", import.meta.url));

export function errorsDoc(): string {
  const rows = Object.entries(errorCatalogue)
    .sort(([, a], [, b]) => a.number - b.number)
    .map(
      ([code, { number, grpc, http, fix }]) =>
        `| ${number} | \`${code}\` | ${grpc} (${grpcStatus[grpc]}) | ${http} | ${fix} |`,
    );
  return `# Errors

Generated from \`src/base/error-catalogue.ts\` by \`scripts/generate-errors-doc.ts\`; do not edit.

Every error that a caller can see has one of these codes. Over gRPC the status is as listed, the status message says what was
wrong, with the value and what is allowed, and the metadata \`countersign-code\` holds the code. A task that failed carries it at the
beginning of \`error_message\`: \`CODE: what happened\`. The command line prints the message and exits with 2 for
\`CONFIG_INVALID\` and with 1 for the rest; with \`--json\` it prints \`{"error":{"code":…,"message":…}}\`.

| number | code | gRPC status | HTTP | what to do |
|---|---|---|---|---|
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
