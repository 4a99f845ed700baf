export * from "./generated/messages.js";
export { countersign } from "./generated/messages.js";
export * from "./services.ts";
