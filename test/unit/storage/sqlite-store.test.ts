import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { isCode } from "../../../src/base/index.ts";
import { type Migration, openStore, type SqlValue, type Store } from "../../../src/storage/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const items: Migration = {
  name: "items-1",
  statements: ["CREATE TABLE items (id TEXT PRIMARY KEY, value BLOB, size BIGINT)"],
};
const insert = (id: string, value: SqlValue = null, size: SqlValue = 0) => ({
  sql: "INSERT INTO items (id, value, size) VALUES (?, ?, ?)",
  params: [id, value, size],
});

describe("a store", () => {
  let folder: ReturnType<typeof tempFolder>;
  let opened: Store[];
  const open = async (migrations: readonly Migration[] = [items], name = "node.db") => {
    const store = await openStore({ path: join(folder.path, name), migrations });
    opened.push(store);
    return store;
  };
  const ids = async (store: Store) =>
    (await store.all("SELECT id FROM items ORDER BY id")).map((row) => row["id"]);

  beforeEach(() => {
    folder = tempFolder();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    folder.remove();
  });

  it("shows what a resolved transact wrote, and tells how many rows each statement changed", async () => {
    const store = await open();
    const changes = await store.transact([
      insert("a"),
      insert("b"),
      { sql: "UPDATE items SET size = 7", params: [] },
    ]);
    assert.deepEqual(changes, [1, 1, 2]);
    assert.deepEqual(await ids(store), ["a", "b"]);
  });

  it("gives bytes back as they were when they were handed in, whatever the caller does to them meanwhile", async () => {
    const store = await open();
    const shared = new Uint8Array([9, 1, 2, 3, 9]);
    const done = store.transact([insert("a", shared.subarray(1, 4))]);
    shared.fill(0);
    await done;
    const [row] = await store.all<{ value: Uint8Array }>("SELECT value FROM items");
    assert.deepEqual([...(row?.value ?? [])], [1, 2, 3]);
  });

  it("reads integers as numbers while they are safe, and as bigints past that", async () => {
    const store = await open();
    const large = 2n ** 53n + 1n;
    await store.transact([insert("a", null, 2 ** 53 - 1), insert("b", null, large), insert("c", null, -5)]);
    const rows = await store.all("SELECT size FROM items ORDER BY id");
    assert.deepEqual(
      rows.map((row) => row["size"]),
      [2 ** 53 - 1, large, -5],
    );
  });

  it("rejects a transact whose statement fails, whole and with the engine's words, and leaves its group alone", async () => {
    const store = await open();
    const outcomes = await Promise.allSettled([
      store.transact([insert("a")]),
      store.transact([insert("b"), insert("a")]),
      store.transact([{ sql: "INSERT INTO nowhere VALUES (1)", params: [] }]),
      store.transact([insert("c")]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    );
    const [, unique, missing] = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason);
    assert.ok(isCode(unique, "STORAGE_FAILED"));
    assert.match(unique.message, /UNIQUE constraint failed: items.id/);
    assert.match(missing.message, /no such table: nowhere/);
    assert.deepEqual(await ids(store), ["a", "c"]);
  });

  it("isolates transacts even from one that rolls the whole transaction back", async () => {
    const store = await open();
    await store.transact([insert("taken")]);
    const outcomes = await Promise.allSettled([
      store.transact([insert("a")]),
      store.transact([{ sql: "INSERT OR ROLLBACK INTO items (id) VALUES ('taken')", params: [] }]),
      store.transact([insert("b")]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await ids(store), ["a", "b", "taken"]);
  });

  it("applies any mix of good and bad transacts as if each came alone, in order", async () => {
    const store = await open();
    const batch = fc.array(fc.array(fc.constantFrom("p", "q", "r", "s"), { minLength: 1, maxLength: 3 }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(batch, async (transacts) => {
        await store.transact([{ sql: "DELETE FROM items", params: [] }]);
        const expected = new Set<string>();
        const expectedStatus = transacts.map((wanted) => {
          const isGood = new Set(wanted).size === wanted.length && wanted.every((id) => !expected.has(id));
          if (isGood) for (const id of wanted) expected.add(id);
          return isGood ? "fulfilled" : "rejected";
        });
        const outcomes = await Promise.allSettled(
          transacts.map((wanted) => store.transact(wanted.map((id) => insert(id)))),
        );
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          expectedStatus,
        );
        assert.deepEqual(await ids(store), [...expected].sort());
      }),
      { numRuns: 40 },
    );
  });

  it("finishes what was handed in before it closes, and takes nothing after", async () => {
    const store = await open();
    const writes = Array.from({ length: 50 }, (_, index) => store.transact([insert(`id-${index}`)]));
    await store.close();
    await Promise.all(writes);
    await assert.rejects(store.transact([insert("late")]), (error) => isCode(error, "STORAGE_FAILED"));
    assert.equal((await ids(await open())).length, 50);
  });

  it("applies each migration once, in order, across openings", async () => {
    await (await open()).close();
    const column = { name: "items-2", statements: ["ALTER TABLE items ADD COLUMN extra TEXT DEFAULT 'x'"] };
    const store = await open([items, column]);
    await store.transact([insert("a")]);
    await store.close();
    const again = await open([items, column]);
    assert.equal((await again.all("SELECT extra FROM items"))[0]?.["extra"], "x");
  });

  it("undoes a failed migration and names it", async () => {
    const broken = { name: "broken-1", statements: ["CREATE TABLE half (id TEXT)", "CREATE GARBAGE"] };
    await assert.rejects(open([broken]), /migration broken-1: near "GARBAGE"/);
    const store = await open([{ name: "broken-1", statements: ["CREATE TABLE half (id TEXT)"] }]);
    assert.deepEqual(await store.all("SELECT * FROM half"), []);
  });

  it("says that a file is no database", async () => {
    writeFileSync(
      join(folder.path, "node.db"),
      "not a database, but long enough to be looked at".repeat(100),
    );
    await assert.rejects(open(), (error) => {
      assert.ok(isCode(error, "STORAGE_FAILED"));
      assert.match(
        error.message,
        /node\.db: the file is no database, or is damaged.*\(file is not a database\)/,
      );
      return true;
    });
  });

  it("says that a database is damaged", async () => {
    const store = await open();
    await store.transact(
      Array.from({ length: 200 }, (_, index) => insert(`id-${index}`, new Uint8Array(500))),
    );
    await store.close();
    const path = join(folder.path, "node.db");
    const bytes = readFileSync(path);
    // The first three pages hold the schema and the table of migrations.
    bytes.fill(0xff, 3 * 4096);
    writeFileSync(path, bytes);
    const damaged = await open();
    await assert.rejects(damaged.all("SELECT * FROM items"), /the database is damaged: move it away/);
  });

  it("says that the disk is full, keeps what was there and goes on once there is room", async () => {
    const fullAt = { name: "full-1", statements: ["PRAGMA max_page_count = 12"] };
    const store = await open([items, fullAt]);
    await store.transact([insert("small")]);
    const outcomes = await Promise.allSettled([
      store.transact([insert("fits")]),
      store.transact([insert("large", new Uint8Array(100_000))]),
      store.transact([insert("fits too")]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    const failed = outcomes[1];
    assert.match(
      failed?.status === "rejected" ? failed.reason.message : "",
      /the disk is full \(database or disk is full\)/,
    );
    assert.deepEqual(await ids(store), ["fits", "fits too", "small"]);
  });

  it("is not opened after its signal aborted", async () => {
    const reason = new Error("stopping");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(openStore({ path: join(folder.path, "x.db"), migrations: [], signal }), reason);
  });
});
