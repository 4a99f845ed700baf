export * from "./call-signature.ts";
export * from "./chain.ts";
export * from "./signer.ts";
export * from "./typed-messages.ts";
export * from "./wallet.ts";
