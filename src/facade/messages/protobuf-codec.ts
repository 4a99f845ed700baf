import { messageOf } from "../../base/index.ts";
import type { Message, MessageClass, MessageDescriptor } from "./descriptors.ts";
import { invalidFormat } from "./invalid-format.ts";
import { ProtobufVerifier } from "./protobuf-verifier.ts";

/** Fields that the protos do not have are passed over, as Protobuf wants. @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
export function protobufMessage(message: MessageDescriptor, bytes: Uint8Array): Message {
  new ProtobufVerifier(bytes).root(message);
  return decoded(message.type, bytes);
}

/** @throws CountersignError INVALID_ARGUMENT */
export function decoded(type: MessageClass, bytes: Uint8Array): Message {
  try {
    return type.decode(bytes);
  } catch (error) {
    throw invalidFormat(`no valid Protobuf message: ${messageOf(error)}`);
  }
}

export function protobufBytes(type: MessageClass, value: Message): Uint8Array {
  return type.encode(value as never).finish();
}
