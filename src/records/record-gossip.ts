import { type Clock, type Logger, messageOf } from "../base/index.ts";
import { type Bundler, createBundler } from "../mesh/bundler.ts";
import type { GossipMessage, Mesh, TopicVerdict } from "../mesh/mesh.ts";
import type { MergeOutcome } from "./record.ts";
import { bundlesOf, decodeBundle, maxBundleRecords } from "./record-bundle.ts";

export interface RecordGossipOptions {
  readonly mesh: Pick<Mesh, "publish" | "subscribe">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Too much waits to be verified already: synchronization brings what is ignored now. */
  isBusy(): boolean;
  merge(records: readonly Uint8Array[]): Promise<MergeOutcome[]>;
}

const bundleDelayMs = 100;

/** Announces records in bundles, and takes others' bundles in. */
export class RecordGossip {
  readonly #options: RecordGossipOptions;
  readonly #outbox: Bundler<Uint8Array>;
  #isStopped = false;

  constructor(options: RecordGossipOptions) {
    this.#options = options;
    this.#outbox = createBundler({
      maxItems: maxBundleRecords,
      maxDelayMs: bundleDelayMs,
      clock: options.clock,
      flush: (records) => this.#publish(records),
    });
  }

  start(): void {
    this.#options.mesh.subscribe("records", (message) => this.#take(message));
  }

  /** Sends what waits. */
  stop(): void {
    this.#isStopped = true;
    this.#outbox.stop();
  }

  announce(encoded: Uint8Array): void {
    this.#outbox.add(encoded);
  }

  async #take({ data, author }: GossipMessage): Promise<TopicVerdict> {
    const { logger, merge, isBusy } = this.#options;
    let records: Uint8Array[];
    try {
      records = decodeBundle(data);
    } catch {
      return "reject";
    }
    if (records.length === 0) return "reject";
    if (this.#isStopped || isBusy()) return "ignore";
    try {
      const outcomes = await merge(records);
      if (outcomes.includes("rejected")) return "reject";
      return outcomes.includes("applied") ? "accept" : "ignore";
    } catch (error) {
      logger.error({ author, error: messageOf(error) }, "gossiped records could not be stored");
      return "ignore";
    }
  }

  #publish(records: readonly Uint8Array[]): void {
    for (const bundle of bundlesOf(records)) {
      // Gossip only announces; a record that it loses arrives by reconciliation.
      this.#options.mesh.publish("records", bundle).catch((error: unknown) => {
        this.#options.logger.debug({ error: messageOf(error) }, "records were not gossiped");
      });
    }
  }
}
