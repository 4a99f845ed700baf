import assert from "node:assert/strict";
import { MemoryDatastore } from "datastore-core";
import { Key } from "interface-datastore/key";
import { silentLogger, utf8 } from "../../../src/base/index.ts";
import { WriteBehindDatastore } from "../../../src/mesh/write-behind-datastore.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A disk that counts its batches and can be full. */
class Disk extends MemoryDatastore {
  batches = 0;
  isFull = false;
  isClosed = false;

  override batch() {
    const batch = super.batch();
    return {
      ...batch,
      commit: async () => {
        if (this.isFull) throw new Error("no space left");
        this.batches++;
        await batch.commit();
      },
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const peer = new Key("/peers/a");
const other = new Key("/peers/b");
const record = new Key("/dht/record/x");

describe("a write-behind datastore", () => {
  let clock: ManualClock;
  let disk: Disk;
  const open = () => WriteBehindDatastore.open(disk, { clock, logger: silentLogger, volatile: "/dht" });

  beforeEach(() => {
    clock = new ManualClock();
    disk = new Disk();
  });

  it("answers at once and writes later, many changes in one batch", async () => {
    const datastore = await open();
    for (let version = 0; version < 100; version++) datastore.put(peer, utf8(String(version)));
    datastore.put(other, utf8("gone soon"));
    datastore.delete(other);
    assert.deepEqual(await datastore.get(peer), utf8("99"));
    assert.equal(disk.has(peer), false);
    await clock.run(5_000);
    assert.deepEqual(disk.get(peer), utf8("99"));
    assert.equal(disk.has(other), false);
    assert.equal(disk.batches, 1);
    await clock.run(5_000);
    assert.equal(disk.batches, 1);
    await datastore.close();
  });

  it("has what an earlier run wrote, but for what lives in memory only", async () => {
    const first = await open();
    first.put(peer, utf8("kept"));
    first.put(record, utf8("not kept"));
    assert.deepEqual(await first.get(record), utf8("not kept"));
    await first.close();
    assert.equal(disk.isClosed, true);
    const second = await open();
    assert.deepEqual(await second.get(peer), utf8("kept"));
    assert.equal(await second.has(record), false);
    await second.close();
  });

  it("keeps what a full disk did not take, and newer changes win", async () => {
    const datastore = await open();
    disk.isFull = true;
    datastore.put(peer, utf8("old"));
    datastore.put(other, utf8("other"));
    await datastore.flush();
    datastore.put(peer, utf8("new"));
    disk.isFull = false;
    await datastore.close();
    assert.deepEqual(disk.get(peer), utf8("new"));
    assert.deepEqual(disk.get(other), utf8("other"));
  });
});
