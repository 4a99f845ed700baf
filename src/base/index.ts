export * from "./async-queue.ts";
export * from "./bounded-map.ts";
export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./error-catalogue.ts";
export * from "./errors.ts";
export * from "./genesis.ts";
export * from "./logger.ts";
