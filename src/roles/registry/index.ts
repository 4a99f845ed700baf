export { subnetIdOf } from "../../records/index.ts";
export type { Caller } from "./caller.ts";
export type { RegistryContext } from "./collaborators.ts";
export * from "./config.ts";
export * from "./migrations.ts";
export * from "./registry.ts";
export { configHash } from "./subnet-config.ts";
export { subnetRules } from "./subnet-rules.ts";
