export type { Caller } from "./client-service.ts";
export type { ProvenCaller } from "./compute-service.ts";
export { type GatewayConfig, gatewayConfigSchema } from "./config.ts";
export type { ForeignNode, OtherGateways } from "./federation/other-gateways.ts";
export { maxAnswerBytes, maxMessageBytes } from "./federation/task-messages.ts";
export { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts";
export { publishedStatus, type Task, type TaskState, taskStates } from "./task.ts";
export { taskMigrations } from "./task-store.ts";
export { errorMessageOf } from "./task-view.ts";
