export * from "./data-folder-lock.ts";
export * from "./sqlite-store.ts";
export * from "./store.ts";
