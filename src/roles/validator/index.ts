export { clockToleranceSec, type PolicyOptions } from "./checks.ts";
export * from "./config.ts";
export * from "./lookups.ts";
export { createPolicy } from "./policy.ts";
export * from "./statistics.ts";
export * from "./validator.ts";
