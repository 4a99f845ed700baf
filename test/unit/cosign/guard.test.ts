import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, sha256, silentLogger } from "../../../src/base/index.ts";
import {
  exportGuard,
  type Guard,
  guardMigrations,
  importGuard,
  markFile,
  openGuard,
} from "../../../src/cosign/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { validators } from "./builders.ts";

const waitMs = 300_000;
const claim = (subject: string, content: string) => ({
  round: "preprocessing",
  subject,
  digest: sha256(content),
});

describe("the guard", () => {
  let folder = "";
  let stores: Store[] = [];
  let clock = new ManualClock();
  let warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_data, sentence) => warnings.push(sentence) };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-guard-"));
    stores = [];
    clock = new ManualClock();
    warnings = [];
  });

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await rm(folder, { recursive: true });
  });

  const database = (name = "node"): string => join(folder, `${name}.db`);
  const markPath = (): string => join(folder, "guard.mark");

  async function open(name = "node"): Promise<{ store: Store; guard: Guard }> {
    const store = await openStore({ path: database(name), migrations: guardMigrations });
    stores.push(store);
    const guard = await openGuard({ store, file: markFile(markPath()), clock, logger, waitMs });
    return { store, guard };
  }

  async function close(store: Store): Promise<void> {
    stores = stores.filter((one) => one !== store);
    await store.close();
  }

  it("admits a digest again and again, another digest never", async () => {
    const { guard } = await open();
    assert.equal(await guard.admit([claim("a/1", "first")]), true);
    assert.equal(await guard.admit([claim("a/1", "first")]), true);
    assert.equal(await guard.admit([claim("a/1", "second")]), false);
    assert.equal(await guard.admit([{ ...claim("a/1", "second"), round: "completion" }]), true);
    assert.deepEqual(await guard.signedDigest("preprocessing", "a/1"), sha256("first"));
    assert.equal(await guard.signedDigest("preprocessing", "a/2"), undefined);
  });

  it("admits exactly one of many digests that come at once", async () => {
    const { guard } = await open();
    const admitted = await Promise.all(
      Array.from({ length: 40 }, (_, index) => guard.admit([claim("a/1", `digest ${index % 4}`)])),
    );
    const winners = new Set(admitted.flatMap((isAdmitted, index) => (isAdmitted ? [index % 4] : [])));
    assert.equal(winners.size, 1);
    assert.equal(admitted.filter((one) => one).length, 10);
  });

  it("admits several claims together only when all are free", async () => {
    const { guard } = await open();
    assert.equal(await guard.admit([claim("tx", "subnet 1")]), true);
    assert.equal(await guard.admit([claim("2", "subnet 2"), claim("tx", "subnet 2")]), false);
    assert.equal(await guard.admit([claim("1", "subnet 1"), claim("tx", "subnet 1")]), true);
  });

  it("refuses the second digest after a restart too, without waiting", async () => {
    const first = await open();
    await first.guard.admit([claim("a/1", "first")]);
    await close(first.store);
    const second = await open();
    assert.equal(second.guard.waitsUntilMs, 0);
    assert.equal(await second.guard.admit([claim("a/1", "second")]), false);
    assert.equal(await second.guard.admit([claim("a/1", "first")]), true);
    assert.deepEqual(warnings, []);
  });

  it("waits, and says so, when the database was restored from an older copy", async () => {
    const first = await open();
    await first.guard.admit([claim("a/1", "first")]);
    await close(first.store);
    await copyFile(database(), database("copy"));
    const second = await open();
    clock.advance(5_000);
    // One signature, then the machine dies.
    await second.guard.admit([claim("a/2", "first")]);
    await close(second.store);

    const restored = await open("copy");
    assert.equal(restored.guard.waitsUntilMs, clock.nowMs() + waitMs);
    assert.equal(warnings.length, 1);
    await close(restored.store);
    clock.advance(waitMs / 2);
    const again = await open("copy");
    assert.equal(again.guard.waitsUntilMs, clock.nowMs() + waitMs, "a restart does not shorten the wait");
    clock.advance(waitMs);
    await again.guard.admit([claim("a/3", "first")]);
    await close(again.store);
    assert.equal((await open("copy")).guard.waitsUntilMs, 0);
  });

  it("waits when the mark file is gone or damaged, or the database is", async () => {
    const first = await open();
    await first.guard.admit([claim("a/1", "first")]);
    await close(first.store);
    const mark = await readFile(markPath(), "utf8");
    for (const damaged of ["", "{", '{"mark":-1}', '{"mark":"1"}']) {
      await writeFile(markPath(), damaged);
      const { store, guard } = await open();
      assert.notEqual(guard.waitsUntilMs, 0, damaged);
      await close(store);
    }
    await unlink(markPath());
    assert.notEqual((await open()).guard.waitsUntilMs, 0);
    await writeFile(markPath(), mark);
    assert.notEqual((await open("fresh")).guard.waitsUntilMs, 0);
  });

  it("does not wait when it was killed during its very first signature", async () => {
    const { store } = await open();
    await store.transact([{ sql: "UPDATE cosign_guard_mark SET mark = 1 WHERE id = 1", params: [] }]);
    await close(store);
    assert.equal((await open()).guard.waitsUntilMs, 0);
  });

  it("writes the mark at most once a second", async () => {
    const { guard } = await open();
    const marks: string[] = [];
    for (let ms = 0; ms < 3_000; ms += 250) {
      await guard.admit([claim(`a/${ms}`, "first")]);
      marks.push(await readFile(markPath(), "utf8"));
      clock.advance(250);
    }
    assert.equal(new Set(marks).size, 3);
  });

  it("admits nothing when the mark cannot be written", async () => {
    const { store } = await open();
    const guard = await openGuard({
      store,
      file: { read: async () => 0, write: () => Promise.reject(new Error("disk full")) },
      clock,
      logger,
      waitMs,
    });
    await assert.rejects(guard.admit([claim("a/1", "first")]), /disk full/);
    await assert.rejects(guard.admit([claim("a/1", "first")]), /disk full/);
  });

  describe("on its way to another machine", () => {
    const owner = { network: "test-1", validator: validators[0]?.address ?? "" };

    async function exported(store: Store): Promise<string[]> {
      const lines: string[] = [];
      for await (const line of exportGuard(store, owner)) lines.push(line.slice(0, -1));
      return lines;
    }

    const from = (lines: readonly string[]) =>
      async function* () {
        yield* lines;
      };

    async function filled(count: number): Promise<string[]> {
      const { store, guard } = await open();
      await Promise.all(
        Array.from({ length: count }, (_, index) => guard.admit([claim(`a/${index}`, "first")])),
      );
      return exported(store);
    }

    it("refuses there what it would have refused here, and need not wait", async () => {
      const lines = await filled(2_500);
      assert.equal(lines.length, 2_502);
      const other = await open("other");
      const result = await importGuard(other.store, owner, from(lines));
      assert.deepEqual(result, { rows: 2_500, added: 2_500, conflicts: 0 });
      assert.deepEqual(await exported(other.store), lines);
      await close(other.store);
      const { guard } = await open("other");
      assert.equal(guard.waitsUntilMs, 0);
      assert.equal(await guard.admit([claim("a/2499", "second")]), false);
    });

    it("counts what is there already, and what is there otherwise", async () => {
      const lines = await filled(3);
      const other = await open("other");
      await other.guard.admit([claim("a/0", "first")]);
      await other.guard.admit([claim("a/1", "second")]);
      const result = await importGuard(other.store, owner, from(lines));
      assert.deepEqual(result, { rows: 3, added: 1, conflicts: 1 });
    });

    it("is refused whole when any line is missing, changed, or another's", async () => {
      const lines = await filled(3);
      const other = await open("other");
      const bad: string[][] = [
        [],
        lines.slice(0, 1),
        lines.slice(0, -1),
        lines.toSpliced(2, 1),
        lines.with(2, lines[2]?.replace("a/1", "a/7") ?? ""),
        lines.with(1, "{"),
        lines.with(1, '{"round":"x"}'),
        lines.with(0, lines[0]?.replace("test-1", "test-2") ?? ""),
        [...lines, lines[1] ?? ""],
      ];
      for (const [index, one] of bad.entries()) {
        await assert.rejects(
          importGuard(other.store, owner, from(one)),
          { code: "INVALID_ARGUMENT" },
          `case ${index}`,
        );
      }
      const stranger = { ...owner, validator: validators[1]?.address ?? "" };
      await assert.rejects(importGuard(other.store, stranger, from(lines)), { code: "INVALID_ARGUMENT" });
      assert.equal((await exported(other.store)).length, 2);
    });
  });
});
