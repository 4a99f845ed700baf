export * from "./tls-files.ts";
export * from "./tls-server.ts";
