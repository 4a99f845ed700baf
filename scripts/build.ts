// Builds the published package's dist/: JavaScript of src/, and beside it what the program reads while it runs.
// `npm pack` calls it. Nothing goes to standard output, which belongs to npm.
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileContracts } from "./compile-contracts.ts";
import { supervise } from "./supervise.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** The generated wire code is JavaScript already, so the compiler neither copies it nor rewrites its imports. */
function copyWire(): void {
  const from = join(root, "src/wire/generated/messages.js");
  const to = join(dist, "src/wire/generated");
  mkdirSync(to, { recursive: true });
  writeFileSync(
    join(to, "messages.js"),
    readFileSync(from, "utf8").replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'),
  );
}

/** Contracts without their test doubles. */
function copyArtifacts(): void {
  const folder = join(dist, "contracts/artifacts");
  mkdirSync(folder, { recursive: true });
  for (const name of ["NCNToken", "ValidatorRegistry", "InferencePayment"])
    cpSync(join(root, "contracts/artifacts", `${name}.json`), join(folder, `${name}.json`));
}

/** Types of the SDK and of what it shows of other folders; the rest of the program is nobody's to import. */
function copyDeclarations(): void {
  const from = join(dist, "declarations");
  const queue = ["src/sdk/index.d.ts"];
  for (const name of queue) {
    const text = readFileSync(join(from, name), "utf8");
    for (const [, target = ""] of text.matchAll(/from "(\.[^"]*)\.ts"/g)) {
      const found = join(dirname(name), `${target}.d.ts`);
      if (!queue.includes(found)) queue.push(found);
    }
    writeFileSync(join(dist, name), text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
  rmSync(from, { recursive: true });
}

const compile = (config: string): Promise<number> =>
  supervise(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });

compileContracts();
rmSync(dist, { recursive: true, force: true });
const code = (await compile("tsconfig.build.json")) || (await compile("tsconfig.sdk.json"));
if (code === 0) {
  copyWire();
  copyDeclarations();
  copyArtifacts();
  // Reflection reads the protos from three folders above its own file.
  cpSync(join(root, "proto"), join(dist, "proto"), { recursive: true });
  chmodSync(join(dist, "src/cli/main.js"), 0o755);
  process.stderr.write("Built dist/.\n");
}
process.exitCode = code;
