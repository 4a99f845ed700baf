import assert from "node:assert/strict";
import fc from "fast-check";
import type { Clock } from "../../../../src/base/index.ts";
import type { Signer } from "../../../../src/chain/index.ts";
import { deletionKeptMs, type OpenReplica } from "../../../../src/records/index.ts";
import type { Store } from "../../../../src/storage/index.ts";
import type { LoopbackMesh } from "../../../support/loopback-network.ts";
import type { ManualClock } from "../../../support/manual-clock.ts";
import { noteKind, signedNote, TestNetwork, wallet } from "../network.ts";

const owners = ["alice", "bob"].map(wallet);

/** A clock that is off. */
class SkewedClock implements Clock {
  offsetMs = 0;
  readonly #true: ManualClock;

  constructor(clock: ManualClock) {
    this.#true = clock;
  }

  nowMs = () => this.#true.nowMs() + this.offsetMs;
  after = (delayMs: number, callback: () => void) => this.#true.after(delayMs, callback);
  every = (periodMs: number, callback: () => void) => this.#true.every(periodMs, callback);
}

interface Member {
  readonly clock: SkewedClock;
  readonly store: Store;
  readonly replica: OpenReplica;
}

/** A replica whose clock is off, and whose messages get lost: gossip is repeated too. */
async function member(
  network: TestNetwork,
  name: string,
  offsetMs: number,
  isLost: () => boolean,
): Promise<Member> {
  const clock = new SkewedClock(network.clock);
  clock.offsetMs = offsetMs;
  const store = await network.store();
  const joined = network.gossip.join(name);
  const mesh: LoopbackMesh = {
    ...joined,
    publish: async (topic, data) => {
      if (isLost()) return 0;
      if (isLost()) await joined.publish(topic, data);
      return joined.publish(topic, data);
    },
    request: (...question) => (isLost() ? Promise.reject(new Error("lost")) : joined.request(...question)),
  };
  return { clock, store, replica: await network.replica(name, store, [noteKind], { clock, mesh }) };
}

/** What is on disk, in the order of keys, and has not ended by then. */
async function rows({ store }: Member, endedByMs: number): Promise<string[]> {
  const all = await store.all<Record<string, string>>(
    "SELECT key, hex(encoded) AS hex FROM records WHERE expires_at_ms > ? ORDER BY key",
    [endedByMs],
  );
  return all.map(({ key, hex }) => `${key} ${hex}`);
}

const listed = ({ replica }: Member) =>
  replica
    .list(noteKind)
    .map(({ encoded }) => Buffer.from(encoded).toString("hex"))
    .sort();

describe("replicas that were fed the same records in any way", function () {
  this.timeout(120_000);

  it("end the same, byte for byte, in memory and on disk", async () => {
    const near = fc.integer({ min: -6_000, max: 6_000 });
    const ageMs = fc.oneof(
      fc.integer({ min: 0, max: 30_000 }),
      // About to end, as the clocks go.
      near.map((offMs) => noteKind.lifeMs + offMs),
      near.map((offMs) => noteKind.lifeMs + deletionKeptMs + offMs),
      // Further ahead than is compared, and than is taken.
      near.map((offMs) => -540_000 + offMs),
      near.map((offMs) => -600_000 + offMs),
    );
    const feed = fc.record({
      owner: fc.constantFrom(0, 1),
      id: fc.constantFrom("a", "b", "c"),
      ageMs,
      deleted: fc.boolean(),
      text: fc.constantFrom("x", "y"),
      // Who gets it, in which order, how often.
      to: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    });
    const dice = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(feed, { minLength: 1, maxLength: 15 }),
        fc.array(fc.nat(2), { maxLength: 3 }),
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 3 }),
        fc.integer({ min: 0, max: 90 }),
        dice,
        async (feeds, publishers, skews, lossPercent, throws) => {
          const network = new TestNetwork();
          try {
            let thrown = 0;
            let isLossy = true;
            const isLost = () => isLossy && (throws[thrown++ % throws.length] ?? 0) < lossPercent;
            const members = await Promise.all(
              skews.map((offsetMs, index) => member(network, `n${index}`, offsetMs, isLost)),
            );
            for (const { owner, id, ageMs: age, deleted, text, to } of feeds) {
              const version = network.clock.nowMs() - age;
              const note = await signedNote(owners[owner] as Signer, { id, version, deleted, text });
              for (const index of to) await members[index % members.length]?.replica.merge([note]);
            }
            for (const index of publishers)
              await members[index % members.length]?.replica.publish(noteKind, "own", "x");
            await network.live(2_000);
            isLossy = false;
            // A few minutes are what records from the future take to be taken by everyone.
            await network.live(600_000, 30_000);
            const nowMs = network.clock.nowMs();
            const contents = await Promise.all(members.map((one) => rows(one, nowMs + 5_000)));
            for (const content of contents) assert.deepEqual(content, contents[0]);
            // Listed is what lives by each one's own clock.
            for (const { clock } of members) clock.offsetMs = 0;
            for (const one of members) assert.deepEqual(listed(one), listed(members[0] as Member));
            // Long after the end of everything nothing is left of it.
            await network.live(noteKind.lifeMs + deletionKeptMs, noteKind.lifeMs + deletionKeptMs);
            await network.live(1_200_000, 60_000);
            assert.deepEqual(
              await Promise.all(members.map((one) => rows(one, 0))),
              members.map(() => []),
            );
          } finally {
            await network.close();
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  it("are equal seconds after a partition heals, though only two of them meet", async () => {
    const network = new TestNetwork();
    const names = ["a1", "a2", "a3", "b1", "b2", "b3"];
    const replicas = await Promise.all(names.map((name) => network.replica(name)));
    let isWhole = false;
    // Even when healed, only a1 and b1 see each other.
    network.gossip.isCut = (from, to) => from[0] !== to[0] && !(isWhole && from[1] === "1" && to[1] === "1");
    try {
      for (const [index, replica] of replicas.entries()) await replica.publish(noteKind, `of-${index}`, "x");
      await network.spread();
      assert.deepEqual(
        replicas.map((one) => one.list(noteKind).length),
        [3, 3, 3, 3, 3, 3],
      );
      isWhole = true;
      network.gossip.connect("a1", "b1");
      await network.live(15_000);
      assert.deepEqual(
        replicas.map((one) => one.list(noteKind).length),
        [6, 6, 6, 6, 6, 6],
      );
      const { isInSync } = await finished(network, replicas[0]?.compare(3, new AbortController().signal));
      assert.equal(isInSync, true);
    } finally {
      await network.close();
    }
  });

  it("hold records whose owner has no record yet", async () => {
    const network = new TestNetwork();
    try {
      const [a, b] = await Promise.all(["a", "b"].map((name) => network.replica(name)));
      await a?.merge([await signedNote(wallet("stranger"))]);
      network.gossip.connect("a", "b");
      await network.live(2_000);
      assert.equal(b?.list(noteKind).length, 1);
    } finally {
      await network.close();
    }
  });

  it("reconcile the kinds that both know, and leave out what only one does", async () => {
    const network = new TestNetwork();
    try {
      const ballKind = { ...noteKind, name: "ball" };
      const a = await network.replica("a", undefined, [noteKind, ballKind]);
      const b = await network.replica("b", undefined, [noteKind]);
      network.gossip.isCut = () => true;
      await a.publish(ballKind, "x", "round");
      await a.publish(noteKind, "x", "text");
      await network.spread();
      network.gossip.isCut = () => false;
      network.gossip.connect("a", "b");
      await network.live(2_000);
      assert.equal(b.list(noteKind).length, 1);
      const compared = await finished(network, a.compare(3, new AbortController().signal));
      assert.equal(compared.isInSync, true);
    } finally {
      await network.close();
    }
  });
});

/** Lets time pass until it is done. */
async function finished<T>(network: TestNetwork, work: Promise<T> | undefined): Promise<T> {
  let isDone = false;
  const watched = Promise.resolve(work).finally(() => {
    isDone = true;
  });
  watched.catch(() => {});
  while (!isDone) await network.live(500, 500);
  return (await watched) as T;
}
