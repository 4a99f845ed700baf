import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { isCode, utf8 } from "../../../src/base/index.ts";
import {
  type EventFilter,
  eventMigrations,
  type LoggedEvent,
  openEventLog,
  type StoredEventLog,
} from "../../../src/events/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const event = (text: string, key = "k", topic = "task") => ({ topic, key, payload: utf8(text) });
const textOf = ({ payload }: LoggedEvent) => Buffer.from(payload).toString();
const notes = { name: "notes-1", statements: ["CREATE TABLE notes (id TEXT PRIMARY KEY)"] };

describe("the event log", () => {
  let folder: ReturnType<typeof tempFolder>;
  let store: Store;
  let clock: ManualClock;
  let log: StoredEventLog;
  const open = async (limits = {}) => {
    store = await openStore({
      path: join(folder.path, "node.db"),
      migrations: [...eventMigrations, notes],
    });
    log = await openEventLog(store, clock, limits);
  };
  const reopen = async (limits = {}) => {
    await log.stop();
    await store.close();
    await open(limits);
  };
  /** Follows until `count` events came. */
  const take = async (filter: EventFilter, afterSeq: number, count: number): Promise<LoggedEvent[]> => {
    const taken: LoggedEvent[] = [];
    const controller = new AbortController();
    for await (const next of log.follow(filter, afterSeq, controller.signal)) {
      taken.push(next);
      if (taken.length === count) controller.abort();
    }
    return taken;
  };

  beforeEach(async () => {
    folder = tempFolder();
    clock = new ManualClock();
    await open();
  });
  afterEach(async () => {
    await log.stop();
    await store.close();
    folder.remove();
  });

  it("numbers events without end, also across a restart", async () => {
    assert.equal(log.lastSeq, 0);
    const first = await log.append([event("a"), event("b")]);
    await reopen();
    assert.equal(log.lastSeq, 2);
    const second = await log.append([event("c")]);
    assert.deepEqual(
      [...first, ...second].map(({ seq }) => seq),
      [1, 2, 3],
    );
  });

  it("stores events and the caller's statements together or not at all", async () => {
    const note = { sql: "INSERT INTO notes (id) VALUES (?)", params: ["n"] };
    await log.append([event("a")], [note]);
    await assert.rejects(log.append([event("b")], [note]), (error) => isCode(error, "STORAGE_FAILED"));
    assert.equal(log.lastSeq, 1);
    assert.deepEqual((await take({ topic: "task" }, 0, 1)).map(textOf), ["a"]);
    const [row] = await store.all<{ n: number }>("SELECT COUNT(*) AS n FROM events");
    assert.equal(row?.n, 1);
  });

  it("replays what is stored, then goes on live, only what the filter names", async () => {
    await log.append([event("old"), event("other key", "x"), event("other topic", "k", "node")]);
    const followed = take({ topic: "task", key: "k" }, 0, 2);
    await log.append([event("other key", "x")]);
    await log.append([event("new")]);
    assert.deepEqual((await followed).map(textOf), ["old", "new"]);
  });

  it("follows a whole topic when no key is named", async () => {
    const followed = take({ topic: "task" }, 0, 2);
    await log.append([event("a", "x"), event("b", "y"), event("c", "z", "node")]);
    assert.deepEqual((await followed).map(textOf), ["a", "b"]);
  });

  it("ends a follower that waits when its signal aborts", async () => {
    const controller = new AbortController();
    const events = log.follow({ topic: "task" }, 0, controller.signal);
    const next = events[Symbol.asyncIterator]().next();
    controller.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
  });

  it("gives a follower that lags far behind everything from storage", async () => {
    const count = 2_000;
    const controller = new AbortController();
    const iterator = log.follow({ topic: "task" }, 0, controller.signal)[Symbol.asyncIterator]();
    await log.append([event("0")]);
    const seen = [(await iterator.next()).value];
    // The follower stands at its first event while far more than its buffer holds arrives.
    for (let from = 1; from < count; from += 100) {
      await log.append(Array.from({ length: 100 }, (_, index) => event(String(from + index))));
    }
    while (seen.length < count) seen.push((await iterator.next()).value);
    controller.abort();
    assert.deepEqual(
      seen.map((one) => one && textOf(one)),
      Array.from({ length: count }, (_, index) => String(index)),
    );
  });

  it("gives once what arrives live while a long replay reads it from storage too", async () => {
    await log.append(Array.from({ length: 300 }, (_, index) => event(String(index))));
    const controller = new AbortController();
    const iterator = log.follow({ topic: "task" }, 0, controller.signal)[Symbol.asyncIterator]();
    const seen = [(await iterator.next()).value];
    // The first page is read; this one lies in the second, and in the follower's buffer.
    await log.append([event("300")]);
    while (seen.length < 301) seen.push((await iterator.next()).value);
    await log.append([event("301")]);
    seen.push((await iterator.next()).value);
    controller.abort();
    assert.deepEqual(
      seen.map((one) => one && textOf(one)),
      Array.from({ length: 302 }, (_, index) => String(index)),
    );
  });

  it("loses and repeats nothing for a follower that is slow, breaks off and resumes at its last sequence", async () => {
    const plan = fc.record({
      appends: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }),
      /** How many events the follower takes before each break, and whether the node restarts then. */
      sessions: fc.array(fc.record({ takes: fc.integer({ min: 0, max: 150 }), restarts: fc.boolean() }), {
        maxLength: 3,
      }),
      pauses: fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ appends, sessions, pauses }) => {
        const start = log.lastSeq;
        const expected: number[] = [];
        const seen: number[] = [];
        const append = (count: number) =>
          log
            .append(Array.from({ length: count }, (_, index) => event("e", index % 3 === 0 ? "other" : "k")))
            .then((logged) =>
              expected.push(...logged.filter(({ key }) => key === "k").map(({ seq }) => seq)),
            );
        const follow = async (limit: () => boolean) => {
          const controller = new AbortController();
          const cursor = seen.at(-1) ?? start;
          for await (const { seq } of log.follow({ topic: "task", key: "k" }, cursor, controller.signal)) {
            seen.push(seq);
            const [pause = 0] = pauses.take(1);
            for (let turn = 0; turn < pause; turn++) await new Promise((resolve) => setImmediate(resolve));
            if (limit()) controller.abort();
          }
        };
        let left = appends;
        for (const { takes, restarts } of sessions) {
          const share = Math.ceil(left.length / 2);
          const writing = Promise.all(left.slice(0, share).map(append));
          left = left.slice(share);
          let taken = 0;
          // More may never come, so the follower stops at what is sure to be there too.
          const following =
            takes === 0
              ? Promise.resolve()
              : follow(() => ++taken >= takes || seen.length >= expected.length);
          await writing;
          if (seen.length === expected.length) await append(2);
          await following;
          if (restarts) await reopen();
        }
        await append(2);
        const following = follow(() => left.length === 0 && seen.length >= expected.length);
        for (const count of left) await append(count);
        left = [];
        await append(2);
        await following;
        expected.sort((a, b) => a - b);
        assert.deepEqual(seen, expected.slice(0, seen.length));
        assert.ok(seen.length >= expected.length - 2);
      }),
      { numRuns: 25 },
    );
  });

  it("leaves what is on disk but not told yet for its telling, so that nobody holds a cursor that it does not know", async () => {
    await log.append([event("told")]);
    const committed = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slow: Store = {
      async transact(statements) {
        const changed = await store.transact(statements);
        committed.resolve();
        await release.promise;
        return changed;
      },
      all: (sql, params) => store.all(sql, params),
      counts: () => store.counts(),
      close: () => store.close(),
    };
    const other = await openEventLog(slow, clock);
    const appended = other.append([event("on disk")]);
    await committed.promise;
    const follower = other.open({ topic: "task" }, 0);
    const { signal } = new AbortController();
    const first = await follower.next(signal);
    assert.deepEqual(first.map(textOf), ["told"]);
    for (const { seq } of first) other.checkCursor(seq);
    release.resolve();
    assert.deepEqual((await follower.next(signal)).map(textOf), ["on disk"]);
    await appended;
    follower.close();
    await other.stop();
  });

  it("gives followers that fell behind a little the very same events, and those far behind what storage has", async () => {
    const followers = [log.open({ topic: "task" }, 0), log.open({ topic: "task" }, 0)];
    await log.append(Array.from({ length: 300 }, (_, index) => event(String(index))));
    const { signal } = new AbortController();
    const [one = [], two = []] = await Promise.all(followers.map((follower) => follower.next(signal)));
    assert.equal(one.length, 256);
    assert.ok(one.every((each, index) => each === two[index]));
    for (const follower of followers) follower.close();
    await log.append(Array.from({ length: 9_000 }, (_, index) => event(String(index))));
    assert.deepEqual(
      (await take({ topic: "task" }, 0, 9_300)).map(({ seq }) => seq),
      [...Array(9_301).keys()].slice(1),
    );
  });

  it("drops the oldest beyond its size, and goes on numbering", async () => {
    await reopen({ maxEvents: 10 });
    for (let index = 0; index < 25; index++) await log.append([event(String(index))]);
    assert.equal(await log.prune(), 15);
    assert.equal(await log.oldestSeq(), 16);
    assert.equal((await take({ topic: "task" }, 0, 10))[0]?.seq, 16);
  });

  it("drops what is too old but the newest, which remembers the sequence", async () => {
    await reopen({ maxAgeMs: 60_000 });
    await log.append([event("a"), event("b")]);
    clock.advance(61_000);
    assert.equal(await log.prune(), 1);
    await reopen({ maxAgeMs: 60_000 });
    assert.deepEqual(
      (await log.append([event("c")])).map(({ seq }) => seq),
      [3],
    );
    assert.equal(await log.prune(), 1);
    assert.equal(await log.oldestSeq(), 3);
  });

  it("prunes by itself in bounded steps", async () => {
    await reopen({ maxEvents: 1 });
    await log.append(Array.from({ length: 4_500 }, (_, index) => event(String(index))));
    await clock.run(5 * 60_000);
    await log.prune();
    assert.equal(await log.oldestSeq(), 4_500);
  });
});
