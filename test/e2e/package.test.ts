import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { tempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const timeout = 150_000;

describe("the published package", function () {
  this.timeout(timeout);
  const folder = tempFolder();
  const unpacked = join(folder.path, "package");

  /** The packaged command line, as `npx countersign` starts it. */
  const countersign = async (...args: string[]) => {
    const { bin } = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
    const flags = ["--disable-warning=ExperimentalWarning", join(unpacked, bin.countersign)];
    return (await run(process.execPath, [...flags, ...args], { cwd: folder.path, timeout })).stdout;
  };

  before(async () => {
    await run("npm", ["pack", "--pack-destination", folder.path], { cwd: root, timeout });
    const [archive = ""] = readdirSync(folder.path).filter((name) => name.endsWith(".tgz"));
    await run("tar", ["-xzf", archive], { cwd: folder.path });
    // Its dependencies, which an installation would bring.
    symlinkSync(join(root, "node_modules"), join(unpacked, "node_modules"));
  });
  after(() => folder.remove());

  it("knows its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.equal((await countersign("--version")).trim(), version);
  });

  it("runs a paid, co-signed task on a devnet of its own, and its receipt holds", async () => {
    const shape = ["--validators", "1", "--gateways", "1", "--compute", "1"];
    const result = JSON.parse(await countersign("devnet", "--once", "--json", "--ports", "free", ...shape));
    assert.equal(result.status, "completed");
    assert.notEqual(result.payment.payout_tx, "");
    const verified = JSON.parse(await countersign("verify", result.receipt_path, "--json"));
    assert.deepEqual(verified.problems, []);
  });

  it("brings the SDK, with its types, for programs in Node.js and for pages", async () => {
    const home = join(folder.path, "consumer");
    mkdirSync(join(home, "node_modules"), { recursive: true });
    symlinkSync(unpacked, join(home, "node_modules/countersign"));
    const program = [
      'import { createClient, type Task, verifyReceipt } from "countersign/sdk";',
      'const client = createClient({ url: "http://127.0.0.1:1", retries: 0 });',
      'const submit = (): Promise<Task> => client.submit({ model: "m", input: {} });',
      "// @ts-expect-error: a model is named by its text",
      "export const wrong = () => client.submit({ model: 1, input: {} });",
      "const { ok, problems } = await verifyReceipt({});",
      'export const code: string = await submit().then(() => "", (error) => error.code);',
      'if (ok || problems.length === 0 || code !== "UNAVAILABLE") throw new Error(code);',
    ];
    writeFileSync(join(home, "main.ts"), program.join("\n"));
    writeFileSync(join(home, "package.json"), '{"type":"module"}');
    await run(process.execPath, ["--disable-warning=ExperimentalWarning", "main.ts"], { cwd: home, timeout });
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const page = ["--lib", "es2024,dom", "--types", "", "--target", "es2024", "--module", "esnext"];
    const strict = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--moduleResolution", "bundler"];
    await run(process.execPath, [tsc, ...page, ...strict, "main.ts"], { cwd: home, timeout });
  });

  it("holds no source, test or contract beside what runs", () => {
    const files = readdirSync(join(unpacked, "dist"), { recursive: true, encoding: "utf8" });
    assert.ok(
      files.includes("src/storage/writer.js") && files.includes("contracts/artifacts/InferencePayment.json"),
    );
    assert.deepEqual(
      files.filter((name) => /(?<!\.d)\.ts$|\.sol$|\.test\./.test(name)),
      [],
    );
  });
});
