export * from "./bounds.ts";
export * from "./calls.ts";
export * from "./descriptors.ts";
export { type MessageGatewayOptions, messageGateway } from "./door.ts";
export * from "./envelope.ts";
export * from "./json-schema.ts";
export * from "./media-types.ts";
export * from "./message-codec.ts";
