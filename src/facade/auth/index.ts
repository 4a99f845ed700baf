export * from "./access-edits.ts";
export * from "./access-file.ts";
export * from "./access-rules.ts";
export * from "./api-keys.ts";
export * from "./authenticator.ts";
export * from "./caller-identity.ts";
export * from "./nonces.ts";
