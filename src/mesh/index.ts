export * from "./bundler.ts";
export * from "./mesh.ts";
