// Runs a TypeScript program of this repository after making sure that everything it needs is installed.
// The command line itself runs as the bundle of it. Plain JavaScript on the standard library, since the machine's own Node.js, which may be older, runs it.
import { bundleProgram } from "./bundle.mjs";
import { setup } from "./setup.mjs";
import { supervise } from "./supervise.mjs";

const commandLine = "src/cli/main.ts";
const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write("usage: node scripts/run.mjs PROGRAM.ts [ARGS]\n");
  process.exit(2);
}

// Under npm this process ends when npm does, even when npm is killed and can tell nobody.
const parentPollMs = 500;
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
  }, parentPollMs).unref();
}

const node = await setup();
const started = program === commandLine ? bundleProgram() : program;
process.exitCode = await supervise(node, ["--disable-warning=ExperimentalWarning", started, ...args]);
