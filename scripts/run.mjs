// Runs a TypeScript program of this repository after making sure that everything it needs is installed.
// Plain JavaScript on the standard library, since it is the one file that the machine's own Node.js runs.
import { spawn } from "node:child_process";
import { setup } from "./setup.mjs";

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write("usage: node scripts/run.mjs PROGRAM.ts [ARGS]\n");
  process.exit(2);
}

const node = await setup();
const child = spawn(node, ["--disable-warning=ExperimentalWarning", program, ...args], {
  stdio: "inherit",
});

// A terminal's Ctrl-C reaches the whole process group by itself; a signal sent to this process alone is passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 128 + (signal === "SIGKILL" ? 9 : 15);
});
