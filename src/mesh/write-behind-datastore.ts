import { MemoryDatastore } from "datastore-core";
import type { Datastore } from "interface-datastore";
import { Key } from "interface-datastore/key";
import { type Cancel, type Clock, type Logger, messageOf } from "../base/index.ts";

/** What a killed node may forget of its peers; they are found again. */
const flushPeriodMs = 5_000;

/** A datastore on disk, as opened by its library. */
export interface DiskDatastore extends Datastore {
  close(): Promise<void>;
}

export interface WriteBehindOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Keys that begin so live in memory only. */
  readonly volatile: string;
}

/**
 * Answers from memory and writes to disk in batches. libp2p reads and writes a peer's entry again and again while peers
 * connect; on disk each time, this took a third of a node's start.
 */
export class WriteBehindDatastore extends MemoryDatastore {
  readonly #disk: DiskDatastore;
  readonly #volatile: string;
  readonly #logger: Logger;
  readonly #cancel: Cancel;
  /** Value to be written, or undefined for a key to be deleted. */
  #unwritten = new Map<string, Uint8Array | undefined>();
  #flushing: Promise<void> = Promise.resolve();

  private constructor(disk: DiskDatastore, options: WriteBehindOptions) {
    super();
    this.#disk = disk;
    this.#volatile = options.volatile;
    this.#logger = options.logger;
    this.#cancel = options.clock.every(flushPeriodMs, () => void this.flush());
  }

  /** Reads what is on disk. */
  static async open(disk: DiskDatastore, options: WriteBehindOptions): Promise<WriteBehindDatastore> {
    const datastore = new WriteBehindDatastore(disk, options);
    for await (const { key, value } of disk.query({}))
      MemoryDatastore.prototype.put.call(datastore, key, value);
    return datastore;
  }

  override put(key: Key, value: Uint8Array): Key {
    this.#note(key, value);
    return super.put(key, value) as Key;
  }

  override delete(key: Key): void {
    this.#note(key, undefined);
    super.delete(key);
  }

  /** Writes what changed since the last time; what cannot be written is tried with the next. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.flush();
    await this.#disk.close();
  }

  #note(key: Key, value: Uint8Array | undefined): void {
    const name = key.toString();
    if (!name.startsWith(this.#volatile)) this.#unwritten.set(name, value);
  }

  async #write(): Promise<void> {
    const changes = this.#unwritten;
    if (changes.size === 0) return;
    this.#unwritten = new Map();
    const batch = this.#disk.batch();
    for (const [name, value] of changes) {
      if (value === undefined) batch.delete(new Key(name));
      else batch.put(new Key(name), value);
    }
    try {
      await batch.commit();
    } catch (error) {
      this.#unwritten = new Map([...changes, ...this.#unwritten]);
      this.#logger.warn({ error: messageOf(error) }, "known peers could not be stored");
    }
  }
}
