export * from "./gateway-operations.ts";
export * from "./message-operations.ts";
export * from "./node-operations.ts";
export * from "./operation.ts";
export * from "./registry-operations.ts";
export { jsonDepth, maxJsonDepth } from "./request-json.ts";
export * from "./requests.ts";
export * from "./subscribe.ts";
export * from "./task-feed.ts";
