export * from "./devnet.ts";
export type { NodeProcess } from "./node-process.ts";
export type { DevnetDeadlines, DevnetPlan, DevnetShape, PlannedNode } from "./plan.ts";
export { type PortChoice, referencePorts } from "./ports.ts";
