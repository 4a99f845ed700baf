export type { TaskSource } from "./call.ts";
export * from "./health.ts";
export { idempotencyMigrations } from "./idempotency.ts";
export { type RestOptions, restFacade } from "./rest.ts";
