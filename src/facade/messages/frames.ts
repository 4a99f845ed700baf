import { Readable } from "node:stream";
import protobuf from "protobufjs/minimal.js";
import type { Message } from "./descriptors.ts";
import type { Format } from "./media-types.ts";

/**
 * One envelope among others: a line of JSON; in Protobuf after its length as a varint, as `writeDelimitedTo` has it; in
 * FlatBuffers after its length in four bytes, least first, as size-prefixed buffers have it.
 */
export function frameOf(format: Format, envelope: string | Uint8Array): string | Buffer {
  if (typeof envelope === "string") return `${envelope}\n`;
  if (format === "protobuf")
    return Buffer.concat([protobuf.Writer.create().uint32(envelope.length).finish(), envelope]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(envelope.length);
  return Buffer.concat([length, envelope]);
}

export interface FrameEncoder {
  message(value: Message): string | Buffer;
  error(error: unknown): string | Buffer;
}

/** The messages as bytes, taken as fast as they are read; a failure is the last of them. Leaves the messages when destroyed. */
export function frames(messages: AsyncIterator<Message>, encode: FrameEncoder): Readable {
  const pull = async (): Promise<string | Buffer | null> => {
    const next = await messages.next();
    return next.done === true ? null : encode.message(next.value);
  };
  let hasFailed = false;
  return new Readable({
    read() {
      if (hasFailed) return void this.push(null);
      pull().then(
        (frame) => this.push(frame),
        (error) => {
          hasFailed = true;
          this.push(encode.error(error));
        },
      );
    },
    destroy(error, done) {
      const left = messages.return?.() ?? Promise.resolve();
      left.then(
        () => done(error),
        () => done(error),
      );
    },
  });
}
