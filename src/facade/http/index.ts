export * from "./incoming.ts";
export * from "./server.ts";
