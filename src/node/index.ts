export * from "./config.ts";
export * from "./keystore.ts";
export * from "./migrations.ts";
export * from "./start-node.ts";
export * from "./wallet.ts";
