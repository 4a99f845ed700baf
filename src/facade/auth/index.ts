export * from "./authenticator.ts";
export * from "./nonces.ts";
