export * from "./call-counts.ts";
export * from "./caller-address.ts";
export * from "./error-view.ts";
export * from "./front.ts";
export * from "./limits.ts";
export * from "./rate-headers.ts";
