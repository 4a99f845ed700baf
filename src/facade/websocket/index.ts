export * from "./event-frames.ts";
export * from "./listen.ts";
export * from "./session.ts";
export * from "./web-sockets.ts";
