export * from "./health-reflection.ts";
export * from "./server.ts";
