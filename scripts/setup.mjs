// Installs what a checkout lacks: npm packages (the pinned Node.js among them) and compiled contracts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stamp = join(modules, ".countersign-setup");
const lock = join(root, ".countersign-setup.lock");
// npm ci takes half a minute on a slow disk; a lock older than this was left by a killed process.
const lockStaleMs = 10 * 60_000;

/** Path of the Node.js that the project pins. */
const pinnedNode = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");

function wanted() {
  return createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
}

function isInstalled() {
  return existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted();
}

/** Installs what is missing, once even when several processes ask at the same time; answers the pinned Node.js. */
export async function setup() {
  process.chdir(root);
  if (!isInstalled()) await withLock(install);
  return pinnedNode;
}

function install() {
  if (isInstalled()) return;
  process.stderr.write("Installing packages (npm ci) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(npm, ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) {
    process.stderr.write(`npm ci failed (${done.error?.message ?? `exit code ${done.status}`}); see the lines above.\n`);
    process.exit(1);
  }
  const version = spawnSync(pinnedNode, ["--version"], { encoding: "utf8" });
  if (version.status !== 0) {
    process.stderr.write(
      `The pinned Node.js at ${pinnedNode} does not run: ${version.error?.message ?? version.stderr}\n` +
        "npm may have skipped the install script of the package `node`; `npm install-scripts ls` tells.\n",
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted());
}

async function withLock(work) {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs > lockStaleMs) {
        rmSync(lock, { recursive: true, force: true });
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup();
