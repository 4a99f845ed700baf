import { countersign } from "../../wire/index.ts";
import { maxBodyBytes } from "./bounds.ts";
import { type Message, type MessageClass, type UnionMember, unionById, unionByName } from "./descriptors.ts";
import { envelopeIds } from "./flatbuffers-layout.ts";
import { FlatBuffersReader } from "./flatbuffers-reader.ts";
import { FlatBuffersVerifier } from "./flatbuffers-verifier.ts";
import { flatBuffersEnvelope } from "./flatbuffers-writer.ts";
import { bodyTooLarge, invalidFormat, repeated } from "./invalid-format.ts";
import { jsonEnvelope } from "./json-envelope.ts";
import { jsonText } from "./json-text.ts";
import { messageJson, textJson } from "./json-writer.ts";
import type { Format } from "./media-types.ts";
import { decoded, protobufBytes, protobufMessage } from "./protobuf-codec.ts";
import { refuseTopic } from "./topics.ts";

/** What travels around a message. */
export interface Envelope {
  /** `message_type`, and what it stands for. */
  readonly member: UnionMember;
  readonly value: Message;
  readonly credentials: string | undefined;
  readonly correlationId: string | undefined;
}

/** An envelope on its way out. */
export interface Answer {
  /** Unix milliseconds. */
  readonly timeMs: number;
  readonly correlationId: string | undefined;
  /** The name of the answer's message. */
  readonly type: string;
  readonly value: Message;
}

const protobufEnvelope = countersign.v1.Envelope as unknown as MessageClass;

/**
 * @param onCorrelationId told as soon as it is known, so that an error about the rest can carry it
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE
 */
export function decodeEnvelope(
  format: Format,
  body: Uint8Array,
  onCorrelationId: (id: string) => void = () => {},
): Envelope {
  if (format === "json") return jsonEnvelope(jsonText(body), onCorrelationId);
  return format === "protobuf" ? fromProtobuf(body, onCorrelationId) : fromFlatBuffers(body, onCorrelationId);
}

/** In JSON as text, without a line's end in it. */
export function envelopeText({ timeMs, correlationId, type, value }: Answer): string {
  const correlation = correlationId === undefined ? "" : `"correlation_id":${textJson(correlationId)},`;
  const json = messageJson(memberNamed(type).message, value);
  return `{"time":${timeMs},${correlation}"message_type":"${type}","message":${json}}`;
}

export function encodeEnvelope(format: Format, answer: Answer): Uint8Array {
  if (format === "json") return Buffer.from(envelopeText(answer));
  const { timeMs, correlationId, type, value } = answer;
  const { message, id: typeId } = memberNamed(type);
  if (format === "flatbuffers") return flatBuffersEnvelope({ timeMs, correlationId, typeId, message, value });
  return protobufBytes(protobufEnvelope, {
    time: timeMs,
    correlation_id: correlationId?.toWellFormed(),
    message_type: type,
    message: protobufBytes(message.type, value),
  });
}

function memberNamed(type: string): UnionMember {
  const member = unionByName.get(type);
  if (member === undefined) throw new Error(`no envelope can carry ${type}`);
  return member;
}

function fromProtobuf(body: Uint8Array, onCorrelationId: (id: string) => void): Envelope {
  if (body.length > maxBodyBytes) throw bodyTooLarge(body.length);
  const envelope = decoded(protobufEnvelope, body) as unknown as countersign.v1.Envelope.$Properties;
  const correlationId = envelope.correlation_id || undefined;
  if (correlationId !== undefined) onCorrelationId(correlationId);
  const type = envelope.message_type ?? "";
  if (type === "") throw invalidFormat("missing type field for this union value: message");
  const member = unionByName.get(type);
  if (member === undefined) {
    refuseTopic(type);
    throw invalidFormat(`unknown enum value: ${repeated(type)}`);
  }
  const value = protobufMessage(member.message, envelope.message ?? new Uint8Array());
  return { member, value, credentials: envelope.credentials || undefined, correlationId };
}

function fromFlatBuffers(body: Uint8Array, onCorrelationId: (id: string) => void): Envelope {
  new FlatBuffersVerifier(body).envelope();
  const reader = new FlatBuffersReader(body);
  const root = reader.target(0);
  const text = (id: number) => {
    const at = reader.fieldAt(root, id);
    return at === 0 ? undefined : reader.string(at);
  };
  const correlationId = text(envelopeIds.correlation_id);
  if (correlationId !== undefined) onCorrelationId(correlationId);
  const member = unionById.get(reader.byte(reader.fieldAt(root, envelopeIds.message_type)));
  if (member === undefined) throw new Error("unreachable: a buffer with an unknown type was verified");
  const at = reader.target(reader.fieldAt(root, envelopeIds.message));
  return {
    member,
    value: reader.message(at, member.message),
    credentials: text(envelopeIds.credentials),
    correlationId,
  };
}
