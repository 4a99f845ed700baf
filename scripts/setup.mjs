// Installs what a checkout lacks: npm packages (the pinned Node.js among them) and compiled contracts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { supervise } from "./supervise.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stamp = join(modules, ".countersign-setup");
const lock = join(root, ".countersign-setup.lock");
// npm ci takes half a minute on a slow disk; an unreadable lock older than this was left by a killed process.
const lockStaleMs = 10 * 60_000;
const lockPollMs = 250;
const isWindows = process.platform === "win32";

/** Path of the Node.js that the project pins. */
const pinnedNode = join(modules, "node", "bin", isWindows ? "node.exe" : "node");

/** Installs what is missing, once even when several processes ask at the same time; answers the pinned Node.js. */
export async function setup() {
  process.chdir(root);
  try {
    if (!isInstalled()) await withLock(install);
    if (!isCompiled()) await compileContracts();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(error.exitCode ?? 1);
  }
  return pinnedNode;
}

function wanted() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

function isInstalled() {
  return existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted();
}

async function install() {
  process.stderr.write("Installing packages (npm ci) …\n");
  const flags = ["--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  // Results go to standard output; what npm says is none.
  // npm goes on for half a minute after a signal; whoever pressed Ctrl-C does not want to wait for that.
  const quiet = { stdio: ["ignore", 2, 2], shell: isWindows, killAfterMs: 1_000 };
  const code = await supervise(isWindows ? "npm.cmd" : "npm", ["ci", ...flags], quiet);
  if (code !== 0) throw failure(code, `npm ci ended with exit code ${code}; see the lines above.`);
  const version = spawnSync(pinnedNode, ["--version"], { encoding: "utf8" });
  if (version.status !== 0) {
    throw failure(
      1,
      `The pinned Node.js at ${pinnedNode} does not run: ${version.error?.message ?? version.stderr}\n` +
        "npm may have skipped the install script of the package `node`; `npm install-scripts ls` tells.",
    );
  }
  writeFileSync(stamp, wanted());
}

/** True when the compiler's stamp is younger than everything it depends on. Cheap: a look at a few files' times. */
function isCompiled() {
  const timeOf = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = join(root, "contracts");
  const compiledMs = timeOf(join(sources, "artifacts", ".stamp"));
  const names = readdirSync(sources).filter((name) => name.endsWith(".sol"));
  const inputs = [
    stamp,
    join(root, "scripts", "compile-contracts.ts"),
    ...names.map((name) => join(sources, name)),
  ];
  return inputs.every((file) => timeOf(file) < compiledMs);
}

/** Lets the compiler decide by hash; it brings the stamp's time up to date in any case. */
async function compileContracts() {
  const program = join(root, "scripts", "compile-contracts.ts");
  const flags = ["--disable-warning=ExperimentalWarning", program];
  const code = await supervise(pinnedNode, flags, { stdio: ["ignore", 2, 2] });
  if (code !== 0) throw failure(code, "The contracts do not compile; see the lines above.");
}

async function withLock(work) {
  while (!takeLock()) await new Promise((resolve) => setTimeout(resolve, lockPollMs));
  try {
    // Another process may have done it while this one waited.
    if (!isInstalled()) await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (isLeftBehind()) rmSync(lock, { recursive: true, force: true });
  return false;
}

/** True for the lock of a process that is gone, so that an interrupted install does not hold up the next. */
function isLeftBehind() {
  const found = statSync(lock, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const holder = found.isFile() ? Number(readFileSync(lock, "utf8")) : 0;
  if (holder === 0) return Date.now() - found.mtimeMs > lockStaleMs;
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function failure(exitCode, message) {
  return Object.assign(new Error(message), { exitCode });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup();
