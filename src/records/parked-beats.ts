import { BoundedMap, type Cancel, type Clock } from "../base/index.ts";
import type { Parked, TopicVerdict } from "../mesh/mesh.ts";
import type { NodeRecord } from "./kinds/node.ts";
import type { ReadBeat } from "./liveness.ts";
import type { LiveRecord } from "./record.ts";

/** Authors whose record has not come yet, one heartbeat each: 16 MiB if each were as long as the topic allows. */
const maxParked = 256;

interface Waiting {
  readonly beat: ReadBeat;
  readonly cancel: Cancel;
  settle(verdict: TopicVerdict): void;
}

export interface ParkedBeatsOptions {
  readonly clock: Clock;
  /** What waited longer says nothing any more. */
  readonly lifeMs: number;
  /** False when something newer was heard meanwhile. */
  readonly take: (record: LiveRecord<NodeRecord>, beat: ReadBeat) => boolean;
}

/** Heartbeats that came before their author's record: handled, and passed on by gossip, when it comes. */
export class ParkedBeats {
  readonly #options: ParkedBeatsOptions;
  readonly #waiting = new BoundedMap<string, Waiting>(maxParked, (_, forgotten) => end(forgotten, "ignore"));

  constructor(options: ParkedBeatsOptions) {
    this.#options = options;
  }

  /** The author's next heartbeat takes the place of the one before. */
  add(author: string, beat: ReadBeat): Parked | TopicVerdict {
    const before = this.#waiting.get(author);
    if (before !== undefined && before.beat.sequence >= beat.sequence) return "ignore";
    this.#forget(author, "ignore");
    const { promise, resolve } = Promise.withResolvers<TopicVerdict>();
    const { clock, lifeMs } = this.#options;
    const cancel = clock.after(lifeMs, () => this.#forget(author, "ignore"));
    this.#waiting.set(author, { beat, cancel, settle: resolve });
    return { parked: promise };
  }

  onRecord(record: LiveRecord<NodeRecord>): void {
    const author = record.payload?.info?.peer_id;
    if (record.deleted || !author) return;
    const beat = this.#waiting.get(author)?.beat;
    if (beat === undefined || beat.wallet !== record.owner || beat.node_id !== record.id) return;
    this.#forget(author, this.#options.take(record, beat) ? "accept" : "ignore");
  }

  stop(): void {
    for (const author of [...this.#waiting.keys()]) this.#forget(author, "ignore");
  }

  #forget(author: string, verdict: TopicVerdict): void {
    const waiting = this.#waiting.get(author);
    if (waiting === undefined) return;
    this.#waiting.delete(author);
    end(waiting, verdict);
  }
}

function end({ cancel, settle }: Waiting, verdict: TopicVerdict): void {
  cancel();
  settle(verdict);
}
