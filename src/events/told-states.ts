import { type Cancel, type Clock, isAbort, type Logger, messageOf, sha256, toHex } from "../base/index.ts";
import type { Migration, Statement, Store } from "../storage/store.ts";
import type { EventLog } from "./event-log.ts";

export const toldStateMigrations: readonly Migration[] = [
  {
    name: "told-states-1",
    statements: [
      "CREATE TABLE told_states (topic TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (topic, key))",
    ],
  },
];

/** How something is now. */
export interface Shown {
  readonly key: string;
  readonly payload: Uint8Array;
  /** The payload without what changes all the time: another of these is an event. */
  readonly compared: Uint8Array;
}

/** A state; or that there is none any more, or that none can be told yet. */
export type Look = Shown | { readonly key: string; readonly is: "gone" | "unclear" };

/** A view of things that come, change and go. */
export interface ToldView {
  readonly topic: string;
  /** All there are now. */
  all(): AsyncIterable<Look> | Iterable<Look>;
  /** One of them. Without this, all are looked at for each change. */
  one?(key: string): Look;
  /** What is told of one that is gone. */
  gone(key: string): Uint8Array;
}

export interface ToldStatesOptions {
  readonly view: ToldView;
  readonly events: EventLog;
  /** The events' own, with `toldStateMigrations`. */
  readonly store: Store;
  readonly clock: Clock;
  /** All are looked at so often, for what no change tells: who fell silent, what expired. */
  readonly periodMs: number;
  readonly logger: Logger;
}

/** Changes that come within this time are looked at together. */
const gatherMs = 100;
/** Looked at in one turn, and told in one transaction: some milliseconds of work. */
const chunk = 200;
const digestCharacters = 34;

const remember = `INSERT INTO told_states (topic, key, digest) VALUES (?, ?, ?)
  ON CONFLICT (topic, key) DO UPDATE SET digest = excluded.digest`;
const forget = "DELETE FROM told_states WHERE topic = ? AND key = ?";

/**
 * Makes events of a view: one for each state that differs from the one told last. What was told is stored with the
 * events, so that neither a crash nor a restart loses a change or tells one twice.
 */
export class ToldStates {
  readonly #o: ToldStatesOptions;
  readonly #told: Map<string, string>;
  readonly #stopping = new AbortController();
  readonly #stopPeriod: Cancel;
  #changed = new Set<string>();
  #isAllDue = true;
  #cancelGathering: Cancel | undefined;
  #work: Promise<void> | undefined;

  private constructor(options: ToldStatesOptions, told: Map<string, string>) {
    this.#o = options;
    this.#told = told;
    this.#stopPeriod = options.clock.every(options.periodMs, () => this.changed());
    this.#gather();
  }

  static async open(options: ToldStatesOptions): Promise<ToldStates> {
    const rows = await options.store.all<{ key: string; digest: string }>(
      "SELECT key, digest FROM told_states WHERE topic = ?",
      [options.view.topic],
    );
    return new ToldStates(options, new Map(rows.map(({ key, digest }) => [key, digest])));
  }

  /** Something changed: that one, or it is not known what. */
  changed(key?: string): void {
    if (key === undefined || this.#o.view.one === undefined) this.#isAllDue = true;
    else this.#changed.add(key);
    this.#gather();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopPeriod();
    this.#cancelGathering?.();
    await this.#work;
  }

  #gather(): void {
    if (this.#stopping.signal.aborted || this.#work !== undefined) return;
    this.#cancelGathering ??= this.#o.clock.after(gatherMs, () => {
      this.#cancelGathering = undefined;
      this.#work = this.#look().finally(() => {
        this.#work = undefined;
        if (this.#isAllDue || this.#changed.size > 0) this.#gather();
      });
    });
  }

  async #look(): Promise<void> {
    const { view, logger } = this.#o;
    const changed = this.#changed;
    const isAll = this.#isAllDue;
    this.#changed = new Set();
    this.#isAllDue = false;
    try {
      if (isAll) await this.#lookAtAll();
      else await this.#tell(this.#each(changed));
    } catch (error) {
      // The period looks at all again.
      if (!isAbort(error))
        logger.warn(
          { topic: view.topic, error: messageOf(error) },
          "changes could not be told; trying again",
        );
    }
  }

  async #lookAtAll(): Promise<void> {
    const left = new Set(this.#told.keys());
    const all = this.#o.view.all();
    const seen = async function* () {
      for await (const look of all) {
        left.delete(look.key);
        yield look;
      }
    };
    await this.#tell(seen());
    await this.#tell([...left].map((key) => ({ key, is: "gone" as const })));
  }

  *#each(keys: Iterable<string>): Generator<Look> {
    for (const key of keys) yield this.#o.view.one?.(key) ?? { key, is: "gone" };
  }

  async #tell(looks: AsyncIterable<Look> | Iterable<Look>): Promise<void> {
    let looked = 0;
    let told: Told[] = [];
    for await (const look of looks) {
      const event = this.#eventOf(look);
      if (event !== undefined) told.push(event);
      if (++looked % chunk !== 0) continue;
      await this.#append(told);
      told = [];
      await new Promise((resolve) => setImmediate(resolve));
      this.#stopping.signal.throwIfAborted();
    }
    await this.#append(told);
  }

  /** Undefined where nothing is new. */
  #eventOf(look: Look): Told | undefined {
    const { view } = this.#o;
    const { key } = look;
    if ("payload" in look) {
      const digest = digestOf(look.compared);
      return this.#told.get(key) === digest ? undefined : { key, payload: look.payload, digest };
    }
    if (look.is === "unclear" || !this.#told.has(key)) return undefined;
    return { key, payload: view.gone(key), digest: undefined };
  }

  async #append(told: readonly Told[]): Promise<void> {
    if (told.length === 0) return;
    const { topic } = this.#o.view;
    await this.#o.events.append(
      told.map(({ key, payload }) => ({ topic, key, payload })),
      told.map(
        ({ key, digest }): Statement =>
          digest === undefined
            ? { sql: forget, params: [topic, key] }
            : { sql: remember, params: [topic, key, digest] },
      ),
    );
    for (const { key, digest } of told) {
      if (digest === undefined) this.#told.delete(key);
      else this.#told.set(key, digest);
    }
  }
}

interface Told {
  readonly key: string;
  readonly payload: Uint8Array;
  /** Undefined for what is gone. */
  readonly digest: string | undefined;
}

/** 16 bytes are enough to tell states apart that nobody chose to be alike. */
const digestOf = (bytes: Uint8Array): string => toHex(sha256(bytes)).slice(0, digestCharacters);
