export * from "./gateway-operations.ts";
export * from "./message-operations.ts";
export * from "./node-operations.ts";
export * from "./operation.ts";
export * from "./registry-operations.ts";
export * from "./requests.ts";
