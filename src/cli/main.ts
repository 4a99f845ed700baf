#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import * as nodeModule from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Said here, since everything else would only fail on a name that an older Node.js does not have.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`error: countersign wants Node.js 22.18 or later; this is ${process.version}\n`);
  process.exit(2);
}

// Compiled code is kept between runs: importing everything takes a third of the time then. By the variable, threads
// and child processes have it from their first line, this file's own stripping included.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");
nodeModule.enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

const { run } = await import("./program.ts");
await run(process.argv);
