export * from "./compute.ts";
export * from "./config.ts";
export { computeMigrations } from "./result-schema.ts";
export type { Runner, RunOptions, TextOutput } from "./runners/runner.ts";
