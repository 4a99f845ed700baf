export * from "./api-version.ts";
export * from "./challenge.ts";
export * from "./error-shapes.ts";
export * from "./framework-errors.ts";
export * from "./incoming.ts";
export * from "./server.ts";
