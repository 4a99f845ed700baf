import assert from "node:assert/strict";
import fc from "fast-check";
import { isCode, silentLogger } from "../../../src/base/index.ts";
import {
  deletionKeptMs,
  encodeBundle,
  type LiveRecord,
  type OpenReplica,
  openReplica,
} from "../../../src/records/index.ts";
import { decodeRecord, encodeRecord } from "../../../src/records/record-codec.ts";
import type { Store } from "../../../src/storage/index.ts";
import { network as networkName, noteKind, signedNote, TestNetwork, wallet } from "./network.ts";
import { servingPeer } from "./sync/serving-peer.ts";

const alice = wallet("alice");
const bob = wallet("bob");

/** Everything a replica's table holds, to compare byte for byte. */
async function contents(store: Store): Promise<string[]> {
  const rows = await store.all<{ key: string; encoded: Uint8Array }>(
    "SELECT key, encoded FROM records ORDER BY key",
  );
  return rows.map(({ key, encoded }) => `${key} ${Buffer.from(encoded).toString("hex")}`);
}

describe("a replica", () => {
  let network: TestNetwork;
  let store: Store;
  let replica: OpenReplica;
  beforeEach(async () => {
    network = new TestNetwork();
    store = await network.store();
    replica = await network.replica("alice", store);
  });
  afterEach(() => network.close());
  const now = () => network.clock.nowMs();
  const mergeOne = async (encoded: Uint8Array) => (await replica.merge([encoded]))[0];
  const textOf = (owner = alice, id = "a") => replica.get(noteKind, owner.address, id)?.payload;

  it("publishes under its own wallet, durably, with growing versions", async () => {
    const first = await replica.publish(noteKind, "a", "one");
    const [second, third] = await Promise.all([
      replica.publish(noteKind, "a", "two"),
      replica.publish(noteKind, "a", "three"),
    ]);
    assert.deepEqual([first.version, second.version, third.version], [now(), now() + 1, now() + 2]);
    assert.equal(textOf(), "three");
    assert.equal(first.owner, alice.address);
    assert.equal(first.expiresAtMs, first.version + noteKind.lifeMs);
    assert.deepEqual(replica.counts(), { node: 0, validator: 0, subnet: 0, reputation: 0, note: 1 });
    const [stored] = await contents(store);
    assert.equal(stored, `note/${alice.address}/a ${Buffer.from(third.encoded).toString("hex")}`);
  });

  it("has after a restart what it had before, and goes on with later versions", async () => {
    const published = await replica.publish(noteKind, "a", "one");
    await mergeOne(await signedNote(bob, { text: "bob's" }));
    await replica.publish(noteKind, "gone", "x");
    assert.ok(await replica.remove(noteKind, "gone"));
    await replica.stop();
    network.clock.set(now() - 5_000);
    replica = await network.replica("alice", store);
    assert.equal(textOf(), "one");
    assert.equal(textOf(bob), "bob's");
    assert.equal(textOf(alice, "gone"), undefined);
    assert.equal((await replica.publish(noteKind, "a", "two")).version, published.version + 1);
  });

  it("refuses to publish what its kind forbids, what is too large and what cannot be a key", async () => {
    await assert.rejects(replica.publish(noteKind, "a", "forbidden"), (error) =>
      isCode(error, "INVALID_ARGUMENT"),
    );
    await assert.rejects(replica.publish(noteKind, "a", "x".repeat(1_001)), (error) =>
      isCode(error, "TOO_LARGE"),
    );
    await assert.rejects(replica.publish(noteKind, "a b", "x"), (error) => isCode(error, "INVALID_ARGUMENT"));
    assert.deepEqual(await contents(store), []);
  });

  it("takes a record whose owner signed it, and tells so once it is durable", async () => {
    const told: LiveRecord<string>[] = [];
    replica.onChange(noteKind, (record) => told.push(record));
    assert.equal(await mergeOne(await signedNote(bob)), "applied");
    assert.equal(textOf(bob), "hello");
    assert.deepEqual(
      told.map(({ owner, payload }) => [owner, payload]),
      [[bob.address, "hello"]],
    );
    assert.equal((await contents(store)).length, 1);
  });

  it("shows nothing that could not be stored", async () => {
    const told: unknown[] = [];
    replica.onChange(noteKind, (record) => told.push(record));
    await store.transact([{ sql: "ALTER TABLE records RENAME TO elsewhere", params: [] }]);
    const note = await signedNote(bob);
    await assert.rejects(replica.merge([note]), (error) => isCode(error, "STORAGE_FAILED"));
    assert.equal(textOf(bob), undefined);
    assert.deepEqual(told, []);
    await store.transact([{ sql: "ALTER TABLE elsewhere RENAME TO records", params: [] }]);
    assert.equal(await mergeOne(note), "applied");
  });

  it("tells a replayed record, an older one and the loser of a tie", async () => {
    const note = await signedNote(bob, { version: now() });
    const older = await signedNote(bob, { version: now() - 1, text: "older" });
    assert.deepEqual(await replica.merge([note, note, older]), ["applied", "duplicate", "older"]);
    assert.deepEqual(await replica.merge([note, older]), ["duplicate", "older"]);
    const twins = await Promise.all(["x", "y", "z"].map((text) => signedNote(bob, { version: now(), text })));
    const outcomes = await replica.merge([...twins, ...twins]);
    assert.ok(outcomes.slice(3).every((outcome) => outcome !== "applied"));
  });

  const rejections: [string, () => Promise<Uint8Array>][] = [
    ["is signed by another wallet", async () => altered(await signedNote(bob), { owner: alice.address })],
    [
      "was changed after it was signed",
      async () => altered(await signedNote(bob), { version: now() + 1 }, true),
    ],
    ["is of another network", () => signedNote(bob, { network: "other-12345678" })],
    ["lives longer than its kind", () => signedNote(bob, { expiresAtMs: now() + noteKind.lifeMs + 1 })],
    ["lives shorter than its kind", () => signedNote(bob, { expiresAtMs: now() + 1 })],
    ["is too large", () => signedNote(bob, { text: "x".repeat(1_001) })],
    ["is no payload of its kind", () => signedNote(bob, { payload: new Uint8Array([0xff, 0xfe]) })],
    ["says what its kind forbids", () => signedNote(bob, { text: "forbidden" })],
    ["deletes with a payload", () => signedNote(bob, { deleted: true, payload: new Uint8Array([1]) })],
    ["has trailing bytes", async () => new Uint8Array([...(await signedNote(bob)), 0x78, 1])],
    ["is garbage", async () => new Uint8Array([1, 2, 3])],
  ];
  for (const [what, make] of rejections) {
    it(`rejects a record that ${what}`, async () => {
      assert.equal(await mergeOne(await make()), "rejected");
      assert.deepEqual(await contents(store), []);
    });
  }

  it("ignores a kind that it does not know", async () => {
    assert.equal(await mergeOne(await signedNote(bob, { kind: "unheard" })), "unknown_kind");
  });

  it("refuses versions more than ten minutes ahead of its clock", async () => {
    assert.equal(await mergeOne(await signedNote(bob, { version: now() + 600_001 })), "from_future");
    assert.equal(await mergeOne(await signedNote(bob, { version: now() + 600_000 })), "applied");
  });

  it("forgets a record when its life is over, and takes it no more", async () => {
    const note = await signedNote(bob);
    await mergeOne(note);
    await network.clock.run(noteKind.lifeMs - 1);
    assert.equal(textOf(bob), "hello");
    network.clock.set(now() + 1);
    assert.equal(textOf(bob), undefined);
    assert.deepEqual(replica.list(noteKind), []);
    assert.equal(await mergeOne(note), "expired");
    // It is kept for peers whose clocks are behind, then dropped.
    assert.equal((await contents(store)).length, 1);
    await network.clock.run(11 * 60_000);
    // Writes are done in order: once this one is, so is the removal.
    await mergeOne(await signedNote(bob, { id: "after", version: now() }));
    assert.deepEqual(
      (await contents(store)).map((row) => row.split(" ")[0]),
      [`note/${bob.address}/after`],
    );
  });

  it("keeps a deletion seven days longer than what it deletes could live", async () => {
    const note = await signedNote(bob, { version: now() });
    const deletion = await signedNote(bob, { version: now() + 1, deleted: true });
    const told: boolean[] = [];
    replica.onChange(noteKind, ({ deleted }) => told.push(deleted));
    assert.deepEqual(await replica.merge([note, deletion]), ["applied", "applied"]);
    assert.equal(textOf(bob), undefined);
    assert.deepEqual(told, [false, true]);
    assert.equal(await mergeOne(note), "older");
    network.clock.set(now() + noteKind.lifeMs + deletionKeptMs);
    assert.equal(await mergeOne(deletion), "duplicate");
    network.clock.set(now() + 1);
    assert.equal(await mergeOne(deletion), "expired");
  });

  it("removes only what is there", async () => {
    assert.equal(await replica.remove(noteKind, "a"), false);
    await replica.publish(noteKind, "a", "x");
    assert.equal(await replica.remove(noteKind, "a"), true);
    assert.equal(await replica.remove(noteKind, "a"), false);
    assert.equal((await replica.publish(noteKind, "a", "again")).version, now() + 2);
    assert.equal(textOf(), "again");
  });

  it("ends up the same, byte for byte, whatever the order and grouping in which records come", async () => {
    const owners = [alice, bob];
    const spec = fc.record({
      owner: fc.constantFrom(...owners),
      id: fc.constantFrom("a", "b"),
      age: fc.integer({ min: 0, max: 3 }),
      deleted: fc.boolean(),
      text: fc.constantFrom("x", "y", "z"),
    });
    const other = await network.store();
    const second = await network.replica("second", other);
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec, { minLength: 1, maxLength: 12 }).chain((specs) =>
          fc.record({
            specs: fc.constant(specs),
            order: fc.shuffledSubarray([...specs.keys()], { minLength: specs.length }),
            cut: fc.nat(specs.length),
          }),
        ),
        async ({ specs, order, cut }) => {
          // Every run has ids of its own, so that one pair of replicas serves all runs.
          round++;
          const records = await Promise.all(
            specs.map(({ owner, id, age, deleted, text }) =>
              signedNote(owner, { id: `${round}-${id}`, version: now() - age, deleted, text }),
            ),
          );
          const shuffled = order.map((index) => records[index] ?? new Uint8Array());
          await replica.merge(records);
          await Promise.all([second.merge(shuffled.slice(0, cut)), second.merge(shuffled.slice(cut))]);
          assert.deepEqual(await contents(other), await contents(store));
          const held = (one: OpenReplica) =>
            one
              .list(noteKind)
              .map(({ owner, id, encoded }) => `${owner} ${id} ${Buffer.from(encoded).toString("hex")}`);
          assert.deepEqual(held(second).sort(), held(replica).sort());
        },
      ),
      { numRuns: 40 },
    );
  });

  it("lets other work run while it verifies a full bundle", async () => {
    const notes = await Promise.all(
      Array.from({ length: 256 }, (_, index) => signedNote(bob, { id: `n${index}` })),
    );
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const outcomes = await replica.merge(notes);
    isDone = true;
    assert.ok(outcomes.every((outcome) => outcome === "applied"));
    assert.ok(turns >= 256 / 16 - 1, `${turns} turns`);
  });

  it("will not open a folder of another network", async () => {
    await replica.publish(noteKind, "a", "x");
    await replica.stop();
    const other = openReplica({
      network: "other-12345678",
      store,
      signer: alice,
      mesh: network.gossip.join("other"),
      clock: network.clock,
      logger: silentLogger,
      kinds: [noteKind],
    });
    await assert.rejects(other, new RegExp(`records of network ${networkName}`));
  });
});

function altered(encoded: Uint8Array, changes: object, keepsLife = false): Uint8Array {
  const record = decodeRecord(encoded);
  assert.ok(record);
  const fields = { ...record, ...changes };
  return encodeRecord(
    keepsLife ? { ...fields, expiresAtMs: fields.version + noteKind.lifeMs } : fields,
    record.signature,
  );
}

describe("gossiped records", () => {
  let network: TestNetwork;
  beforeEach(() => {
    network = new TestNetwork();
  });
  afterEach(() => network.close());

  it("reach the other replicas in one bundle", async () => {
    const [a, b, c] = await Promise.all(["alice", "bob", "carol"].map((name) => network.replica(name)));
    await Promise.all(Array.from({ length: 20 }, (_, index) => a?.publish(noteKind, `n${index}`, "x")));
    await network.spread();
    assert.equal(b?.list(noteKind).length, 20);
    assert.equal(c?.list(noteKind).length, 20);
    assert.deepEqual(
      network.gossip.verdicts.map(({ verdict }) => verdict),
      ["accept", "accept"],
    );
  });

  it("are accepted when one is new, ignored when none is, and rejected when one is forged", async () => {
    await network.replica("alice");
    const say = (...records: Uint8Array[]) =>
      network.gossip.deliver("alice", "records", { author: "x", relay: "x", data: encodeBundle(records) });
    const old = await signedNote(bob);
    const fresh = await signedNote(bob, { version: network.clock.nowMs() + 1 });
    const forged = altered(await signedNote(bob, { id: "f" }), { owner: alice.address });
    const early = await signedNote(bob, { id: "e", version: network.clock.nowMs() + 700_000 });
    const unknown = await signedNote(bob, { kind: "unheard" });
    assert.equal(await say(old), "accept");
    assert.equal(await say(old), "ignore");
    assert.equal(await say(old, fresh), "accept");
    assert.equal(await say(old, early, unknown), "ignore");
    assert.equal(await say(old, forged), "reject");
    assert.equal(await say(), "reject");
    const garbage = { author: "x", relay: "x", data: new Uint8Array([9, 9, 9]) };
    assert.equal(await network.gossip.deliver("alice", "records", garbage), "reject");
  });
});

describe("reconciling replicas", () => {
  let network: TestNetwork;
  beforeEach(() => {
    network = new TestNetwork();
  });
  afterEach(() => network.close());
  /** Fails by the test's timeout. */
  const reached = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };
  const anyBounds = { maxRequestBytes: 1, framesPerSecond: 1 };

  it("copies everything from a peer that connects, deletions too, in pages", async () => {
    network.gossip.isCut = () => true;
    const storeOfAlice = await network.store();
    const a = await network.replica("alice", storeOfAlice);
    const notes = await Promise.all(
      Array.from({ length: 600 }, (_, index) => signedNote(bob, { id: `n${index}` })),
    );
    await a.merge([...notes, await signedNote(bob, { id: "gone", deleted: true })]);
    const store = await network.store();
    const b = await network.replica("bob", store);
    network.gossip.isCut = () => false;
    network.gossip.connect("alice", "bob");
    await reached(() => b.list(noteKind).length === 600);
    await network.spread();
    assert.deepEqual(await contents(store), await contents(storeOfAlice));
  });

  it("asks a connecting peer again only after some seconds, and any from time to time: that brings what gossip lost", async () => {
    const a = await network.replica("alice");
    const b = await network.replica("bob");
    network.gossip.connect("alice", "bob");
    await network.clock.run(2_000);
    network.gossip.isCut = () => true;
    await a.publish(noteKind, "lost", "x");
    await network.spread();
    network.gossip.isCut = () => false;
    network.gossip.connect("alice", "bob");
    await network.spread();
    assert.equal(b.list(noteKind).length, 0);
    await network.clock.run(30_000);
    await reached(() => b.list(noteKind).length === 1);
  });

  it("tries a peer that did not answer again after seconds, a few times", async () => {
    const b = await network.replica("bob");
    const flaky = network.gossip.join("flaky");
    const server = servingPeer(network.clock, [await signedNote(alice)]);
    let asked = 0;
    flaky.answer("sync", anyBounds, async (peerId, frame) => {
      if (++asked < 3) throw new Error("reset");
      return server.answer(peerId, frame);
    });
    network.gossip.connect("flaky", "bob");
    await network.clock.run(10_000);
    await reached(() => b.list(noteKind).length === 1);
  });

  it("takes the good records of a peer that serves a forged one, and leaves it alone when nothing comes of it", async () => {
    const b = await network.replica("bob");
    const good = await signedNote(alice);
    const forged = altered(await signedNote(bob, { id: "f" }), { owner: alice.address });
    const server = servingPeer(network.clock, [good, forged]);
    let sessions = 0;
    const evil = network.gossip.join("evil");
    evil.answer("sync", anyBounds, (peerId, frame) => {
      if (frame[0] === 0x0a) sessions++;
      return server.answer(peerId, frame);
    });
    network.gossip.connect("evil", "bob");
    await reached(() => b.list(noteKind).length === 1);
    await network.clock.run(3_600_000);
    assert.equal(b.list(noteKind).length, 0, "the good one has ended");
    // Every 30 s it would be 120.
    assert.ok(sessions < 30, `${sessions} sessions`);
  });
});
