// Runs a TypeScript program of this repository after making sure that everything it needs is installed.
// Plain JavaScript on the standard library, since the machine's own Node.js, which may be older, runs it.
import { setup } from "./setup.mjs";
import { supervise } from "./supervise.mjs";

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write("usage: node scripts/run.mjs PROGRAM.ts [ARGS]\n");
  process.exit(2);
}

const node = await setup();
process.exitCode = await supervise(node, ["--disable-warning=ExperimentalWarning", program, ...args]);
