import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLogger, utf8 } from "../../../src/base/index.ts";
import {
  eventMigrations,
  type Look,
  openEventLog,
  type StoredEventLog,
  ToldStates,
  toldStateMigrations,
} from "../../../src/events/index.ts";
import type { Store } from "../../../src/storage/index.ts";
import { openInlineStore } from "../../support/inline-writer.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";

describe("states that are told as events", () => {
  let folder: ReturnType<typeof tempFolder>;
  let clock: ManualClock;
  let store: Store;
  let log: StoredEventLog;
  let told: ToldStates;
  /** What there is: a state and what changes all the time; undefined while it cannot be told. */
  let things: Map<string, { state: string; noise?: number } | undefined>;
  let seen: number;

  const look = (key: string): Look => {
    const thing = things.get(key);
    if (thing === undefined) return { key, is: things.has(key) ? "unclear" : "gone" };
    const { state, noise = 0 } = thing;
    return { key, payload: utf8(`${state} ${noise}`), compared: utf8(state) };
  };
  const open = async () => {
    const migrations = [...eventMigrations, ...toldStateMigrations];
    ({ store } = await openInlineStore({ path: join(folder.path, "node.db"), migrations }));
    log = await openEventLog(store, clock);
    told = await ToldStates.open({
      view: {
        topic: "thing",
        all: () => [...things.keys()].map(look),
        one: look,
        gone: (key) => utf8(`${key} gone`),
      },
      events: log,
      store,
      clock,
      periodMs: 10_000,
      logger: silentLogger,
    });
  };
  const close = async () => {
    await told.stop();
    await log.stop();
    await store.close();
  };
  /** Lets what is due be looked at and written. */
  const settle = async (byMs = 100) => {
    await clock.run(byMs);
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const news = async (): Promise<string[]> => {
    const rows = await store.all<{ seq: number; payload: Uint8Array }>(
      "SELECT seq, payload FROM events WHERE seq > ? ORDER BY seq",
      [seen],
    );
    seen = rows.at(-1)?.seq ?? seen;
    return rows.map(({ payload }) => Buffer.from(payload).toString());
  };

  beforeEach(async () => {
    folder = tempFolder();
    clock = new ManualClock();
    things = new Map([["a", { state: "new" }]]);
    seen = 0;
    await open();
  });
  afterEach(async () => {
    await close();
    folder.remove();
  });

  it("tell what there is at first, then each change once, however often it is said to have changed", async () => {
    await settle();
    assert.deepEqual(await news(), ["new 0"]);
    things.set("a", { state: "old" });
    for (let times = 0; times < 5; times++) told.changed("a");
    await settle();
    told.changed("a");
    await settle();
    assert.deepEqual(await news(), ["old 0"]);
  });

  it("do not tell what changes all the time, but how it was when something else changed", async () => {
    await settle();
    await news();
    things.set("a", { state: "new", noise: 1 });
    await settle(10_100);
    assert.deepEqual(await news(), []);
    things.set("a", { state: "old", noise: 2 });
    await settle(10_100);
    assert.deepEqual(await news(), ["old 2"]);
  });

  it("tell what is gone once, found by looking at all, and what comes back anew", async () => {
    await settle();
    await news();
    things.delete("a");
    told.changed();
    await settle();
    told.changed("a");
    await settle(10_100);
    assert.deepEqual(await news(), ["a gone"]);
    things.set("a", { state: "new" });
    told.changed("a");
    await settle();
    assert.deepEqual(await news(), ["new 0"]);
  });

  it("leave what is unclear as it was told", async () => {
    await settle();
    await news();
    things.set("a", undefined);
    told.changed();
    await settle();
    assert.deepEqual(await news(), []);
    things.set("a", { state: "new" });
    told.changed("a");
    await settle();
    assert.deepEqual(await news(), []);
  });

  it("tell after a restart what changed meanwhile, and nothing else", async () => {
    things.set("b", { state: "same" });
    await settle();
    await news();
    await close();
    things.set("a", { state: "old" });
    await open();
    await settle();
    assert.deepEqual(await news(), ["old 0"]);
  });

  it("tell many in several transactions, each once", async () => {
    things = new Map(Array.from({ length: 450 }, (_, index) => [`k${index}`, { state: `s${index}` }]));
    await settle();
    await settle();
    assert.equal(new Set(await news()).size, 450);
    await settle(10_100);
    assert.deepEqual(await news(), []);
  });
});
