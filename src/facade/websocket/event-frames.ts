import type { LoggedEvent } from "../../events/index.ts";
import type { Feed } from "../../operations/index.ts";
import { type MessageDescriptor, messageNamed } from "../messages/index.ts";
import { messageJson } from "../messages/json-writer.ts";
import { textFrame } from "./text-frame.ts";

/** Larger frames are made for each subscriber: kept, they would count in memory for as long as the slowest has not read. */
const maxSharedBytes = 64 * 1024;

/** Events as WebSocket frames. A live event is made into one once, for all subscribers: the log hands all the same object. */
export class EventFrames {
  readonly #made = new WeakMap<LoggedEvent, Buffer | Promise<Buffer>>();
  readonly #descriptors = new Map<string, MessageDescriptor>();

  of(event: LoggedEvent, feed: Feed): Buffer | Promise<Buffer> {
    const known = this.#made.get(event);
    if (known !== undefined) return known;
    if (feed.shown === undefined) return this.#keep(event, this.#frame(event, feed, event.payload));
    const made = feed.shown(event).then((payload) => this.#keep(event, this.#frame(event, feed, payload)));
    this.#made.set(event, made);
    return made;
  }

  #keep(event: LoggedEvent, frame: Buffer): Buffer {
    if (frame.length <= maxSharedBytes) this.#made.set(event, frame);
    else this.#made.delete(event);
    return frame;
  }

  #frame(event: LoggedEvent, { topic, message }: Feed, payload: Uint8Array): Buffer {
    let descriptor = this.#descriptors.get(message);
    if (descriptor === undefined) {
      descriptor = messageNamed(message);
      this.#descriptors.set(message, descriptor);
    }
    const json = messageJson(descriptor, descriptor.type.decode(payload));
    return textFrame(`{"topic":"${topic}","time":${event.timeMs},"seq":${event.seq},"message":${json}}`);
  }
}
