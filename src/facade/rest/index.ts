export * from "./health.ts";
export { type RestOptions, restFacade } from "./rest.ts";
