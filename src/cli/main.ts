#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Compiled code is kept between runs: importing everything takes a third of the time then. By the variable, threads
// and child processes have it from their first line, this file's own stripping included.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

const { run } = await import("./program.ts");
await run(process.argv);
