import { join } from "node:path";
import { type Clock, utf8 } from "../../src/base/index.ts";
import { eventMigrations, type NewEvent, openEventLog, type StoredEventLog } from "../../src/events/index.ts";
import type { Feed } from "../../src/operations/index.ts";
import { openStore, type Store } from "../../src/storage/index.ts";
import { NodeInfo } from "../../src/wire/index.ts";
import { openInlineStore } from "./inline-writer.ts";
import { tempFolder } from "./temp-folder.ts";

// An event log with a topic of its own, for tests of those who serve it.

/** Topic `node`, whose option `owner` asks for the events of one key. */
export const openFeed: Feed = {
  topic: "node",
  message: "NodeInfo",
  group: "registry",
  options: ["owner"],
  filter: async ({ owner }) => ({ topic: "node", ...(typeof owner === "string" ? { key: owner } : {}) }),
};

export const nodeEvent = (nodeId: string, owner = "someone"): NewEvent => ({
  topic: "node",
  key: owner,
  payload: NodeInfo.encode({ node_id: nodeId }).finish(),
});

export const unreadableEvent: NewEvent = { topic: "node", key: "someone", payload: utf8("\x0a\xff") };

/** A log in a folder that outlives it, so that it can be opened again. */
export class TestLog {
  readonly #folder = tempFolder();
  readonly #clock: Clock;
  readonly #limits: { maxEvents?: number };
  readonly #isInline: boolean;
  #store: Store | undefined;
  #log: StoredEventLog | undefined;

  constructor(clock: Clock, options: { maxEvents?: number; isInline?: boolean } = {}) {
    const { isInline = true, ...limits } = options;
    this.#clock = clock;
    this.#limits = limits;
    this.#isInline = isInline;
  }

  get log(): StoredEventLog {
    if (this.#log === undefined) throw new Error("the log is not open");
    return this.#log;
  }

  async open(): Promise<StoredEventLog> {
    const options = { path: join(this.#folder.path, "node.db"), migrations: [...eventMigrations] };
    this.#store = this.#isInline ? (await openInlineStore(options)).store : await openStore(options);
    this.#log = await openEventLog(this.#store, this.#clock, this.#limits);
    return this.#log;
  }

  async reopen(): Promise<StoredEventLog> {
    await this.#close();
    return await this.open();
  }

  async remove(): Promise<void> {
    await this.#close();
    this.#folder.remove();
  }

  async #close(): Promise<void> {
    await this.#log?.stop();
    await this.#store?.close();
  }
}
