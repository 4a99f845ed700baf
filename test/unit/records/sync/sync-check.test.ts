import assert from "node:assert/strict";
import { syncStatusOf } from "../../../../src/node/sync-status.ts";
import type { OpenReplica } from "../../../../src/records/index.ts";
import type { SyncComparison } from "../../../../src/records/sync/sync-check.ts";
import { signedNote, TestNetwork, wallet } from "../network.ts";
import { servingPeer } from "./serving-peer.ts";

const alice = wallet("alice");

describe("whether a replica is in sync", () => {
  let network: TestNetwork;
  let replica: OpenReplica;
  beforeEach(async () => {
    network = new TestNetwork();
    replica = await network.replica("b");
  });
  afterEach(() => network.close());

  function join(name: string, records: readonly Uint8Array[]): void {
    // It takes no pushes, so that it stays as it is.
    const server = servingPeer(network.clock, records, { mergePushed: () => undefined });
    network.gossip
      .join(name)
      .answer("sync", { maxRequestBytes: 1, framesPerSecond: 1 }, (peerId, frame) =>
        server.answer(peerId, frame),
      );
  }

  async function compare(peerCount = 3): Promise<SyncComparison> {
    let result: SyncComparison | undefined;
    const work = replica.compare(peerCount, new AbortController().signal).then((comparison) => {
      result = comparison;
    });
    while (result === undefined) {
      await network.quiet();
      // Only the pause before a difference counts.
      if (result === undefined) network.clock.advance(500);
    }
    await work;
    return result;
  }

  it("is not known without a peer, nor with one that does not answer", async () => {
    assert.deepEqual([(await compare()).isInSync, (await compare()).peers], [false, []]);
    network.gossip.join("silent");
    network.clock.advance(2_000);
    const { isInSync, peers } = await compare();
    assert.equal(isInSync, false);
    assert.match(peers[0]?.problem ?? "", /cannot be reached/);
  });

  it("is not known by a peer that knows none of the kinds", async () => {
    network.gossip
      .join("foreign")
      .answer("sync", { maxRequestBytes: 1, framesPerSecond: 1 }, async () => new Uint8Array(0));
    const { isInSync, peers } = await compare();
    assert.equal(isInSync, false);
    assert.match(peers[0]?.problem ?? "", /none of the kinds/);
  });

  it("is so when the digests of all asked peers are equal", async () => {
    const note = await signedNote(alice);
    const gone = await signedNote(alice, { id: "gone", deleted: true });
    await replica.merge([note, gone]);
    for (const name of ["p", "q", "r", "s"]) join(name, [note, gone]);
    const { isInSync, peers, kinds, behindMs } = await compare();
    assert.deepEqual([isInSync, peers.length, behindMs], [true, 3, 0]);
    const state = kinds.find(({ kind }) => kind === "note");
    assert.deepEqual([state?.records, state?.deletions, state?.digest.length], [1, 1, 16]);
    const status = syncStatusOf(await compare(1));
    assert.deepEqual([status.in_sync, status.kinds?.every(({ in_sync }) => in_sync)], [true, true]);
  });

  it("is told by how many records of which kind, and how old the oldest missing one is", async () => {
    const now = network.clock.nowMs();
    const shared = await signedNote(alice, { id: "shared" });
    const own = await Promise.all(["x", "y"].map((id) => signedNote(alice, { id, version: now - 50_000 })));
    const theirs = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        signedNote(alice, { id: `t${n}`, version: now - 10_000 - n * 1_000 }),
      ),
    );
    await replica.merge([shared, ...own]);
    join("p", [shared, ...theirs]);
    const comparison = await compare(1);
    assert.equal(comparison.isInSync, false);
    assert.deepEqual(comparison.peers[0]?.differences, [
      { kind: "note", missing: 5, extra: 2, behindMs: 14_000 },
    ]);
    assert.equal(comparison.behindMs, 14_000);
    const status = syncStatusOf(comparison);
    assert.deepEqual(
      status.kinds?.filter(({ in_sync }) => in_sync !== true).map(({ kind }) => kind),
      ["note"],
    );
    assert.equal(status.seconds_behind, 14);
  });

  it("counts as missing neither what is outdated at the peer, nor as extra what is outdated here", async () => {
    const now = network.clock.nowMs();
    const at = (id: string, version: number) => signedNote(alice, { id, version });
    await replica.merge([
      await at("newer-here", now),
      await at("newer-there", now - 9_000),
      await at("same", now - 1),
    ]);
    join("p", [
      await at("newer-here", now - 8_000),
      await at("newer-there", now - 7_000),
      await at("same", now - 1),
    ]);
    const { peers } = await compare(1);
    assert.deepEqual(peers[0]?.differences, [{ kind: "note", missing: 1, extra: 1, behindMs: 7_000 }]);
  });

  it("counts thousands of missing ones without bringing them", async () => {
    const version = network.clock.nowMs() - 60_000;
    const notes = await Promise.all(
      Array.from({ length: 3_000 }, (_, n) => signedNote(alice, { id: `n${n}`, version: version + n })),
    );
    join("p", notes);
    const comparison = await compare(1);
    assert.deepEqual(comparison.peers[0]?.differences, [
      { kind: "note", missing: 3_000, extra: 0, behindMs: 60_000 },
    ]);
  });

  it("does not count what gossip brings a moment later", async () => {
    const note = await signedNote(alice);
    join("p", [note]);
    const work = replica.compare(1, new AbortController().signal);
    await network.quiet();
    await replica.merge([note]);
    network.clock.advance(500);
    assert.equal((await work).isInSync, true);
  });

  it("is looked up once for callers who ask together, and given up for one who leaves", async () => {
    join("p", []);
    const leaving = new AbortController();
    const [one, two, three] = [
      replica.compare(1, new AbortController().signal),
      replica.compare(1, new AbortController().signal),
      replica.compare(1, leaving.signal),
    ];
    leaving.abort(new Error("left"));
    await assert.rejects(three, /left/);
    assert.equal(await one, await two);
    assert.equal(network.gossip.requests, 1);
  });
});
