export * from "./gateway-operations.ts";
export * from "./node-operations.ts";
export * from "./operation.ts";
export * from "./requests.ts";
