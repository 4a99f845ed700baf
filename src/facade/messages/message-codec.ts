import type { Message, MessageDescriptor } from "./descriptors.ts";
import { FlatBuffersReader } from "./flatbuffers-reader.ts";
import { FlatBuffersVerifier } from "./flatbuffers-verifier.ts";
import { flatBuffersMessage } from "./flatbuffers-writer.ts";
import { JsonReader } from "./json-reader.ts";
import { jsonText } from "./json-text.ts";
import { messageJson } from "./json-writer.ts";
import type { Format } from "./media-types.ts";
import { protobufBytes, protobufMessage } from "./protobuf-codec.ts";

/** A message without an envelope. @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
export function decodeMessage(format: Format, message: MessageDescriptor, body: Uint8Array): Message {
  if (format === "protobuf") return protobufMessage(message, body);
  if (format === "flatbuffers") {
    new FlatBuffersVerifier(body).root(message);
    const reader = new FlatBuffersReader(body);
    return reader.message(reader.target(0), message);
  }
  const reader = new JsonReader(jsonText(body));
  return reader.whole(() => reader.message(message));
}

export function encodeMessage(format: Format, message: MessageDescriptor, value: Message): Uint8Array {
  if (format === "protobuf") return protobufBytes(message.type, value);
  if (format === "flatbuffers") return flatBuffersMessage(message, value);
  return Buffer.from(messageJson(message, value));
}
