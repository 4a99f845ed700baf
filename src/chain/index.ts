export * from "./chain.ts";
export * from "./signer.ts";
