import assert from "node:assert/strict";
import { CountersignError, sha256 } from "../../../../src/base/index.ts";
import type { OpenReplica } from "../../../../src/records/index.ts";
import {
  asks,
  decodeOpenRequest,
  encodeDigests,
  encodeOpened,
  encodeRecordsPage,
  readAsk,
} from "../../../../src/records/sync/sync-messages.ts";
import { noteKind, signedNote, TestNetwork, wallet } from "../network.ts";
import { servingPeer } from "./serving-peer.ts";

type Answer = (peerId: string, frame: Uint8Array) => Promise<Uint8Array>;

const anyBounds = { maxRequestBytes: 1, framesPerSecond: 1 };
const hourMs = 3_600_000;
const fingerprint = (seed: number) => sha256(`lie ${seed}`).subarray(0, 16);

describe("a replica among bad peers", function () {
  this.timeout(30_000);
  let network: TestNetwork;
  let replica: OpenReplica;
  beforeEach(async () => {
    network = new TestNetwork();
    replica = await network.replica("b");
  });
  afterEach(() => network.close());

  /** A peer that answers as it likes; the result tells how often it was asked. */
  function join(name: string, answer: Answer): { asked: number; digestsAsked: number } {
    const counts = { asked: 0, digestsAsked: 0 };
    network.gossip.join(name).answer("sync", anyBounds, (peerId, frame) => {
      counts.asked++;
      if (readAsk(frame).ask === "digests") counts.digestsAsked++;
      return answer(peerId, frame);
    });
    return counts;
  }

  /** An honest peer whose records are to arrive all the same. */
  async function joinHonest(): Promise<void> {
    const server = servingPeer(network.clock, [
      await signedNote(wallet("alice"), { id: "good", version: network.clock.nowMs() }),
    ]);
    join("honest", (peerId, frame) => server.answer(peerId, frame));
  }

  const lies: readonly [string, () => Answer][] = [
    [
      "whose fingerprints never match",
      () => {
        let seed = 0;
        return async (_peerId, frame) => {
          const { ask, body } = readAsk(frame);
          if (ask === "digests") {
            return encodeDigests([
              { kind: "note", deleted: false, count: 5_000, fingerprint: fingerprint(seed++) },
            ]);
          }
          if (ask !== "open") return encodeRecordsPage({ records: [], handled: 1, next: undefined });
          const { ranges } = decodeOpenRequest(body, 64);
          return encodeOpened(
            ranges.map(({ start, end }) => {
              const middle = { version: start.version + 1_000_000, digest: new Uint8Array(0) };
              const isInside = end === undefined || middle.version < end.version;
              const part = (partEnd: typeof end) => ({
                end: partEnd,
                count: 10,
                fingerprint: fingerprint(seed++),
              });
              return { parts: isInside ? [part(middle), part(undefined)] : [part(undefined)] };
            }),
          );
        };
      },
    ],
    [
      "that lists ids which do not exist",
      () => async (_peerId, frame) => {
        const { ask, body } = readAsk(frame);
        if (ask === "digests") {
          return encodeDigests([{ kind: "note", deleted: false, count: 3, fingerprint: fingerprint(1) }]);
        }
        if (ask !== "open") return encodeRecordsPage({ records: [], handled: 1, next: undefined });
        const { ranges } = decodeOpenRequest(body, 64);
        const version = (ranges[0]?.start.version ?? 0) + 5;
        return encodeOpened([
          { ids: [1, 2, 3].map((n) => ({ version: version + n, digest: fingerprint(n) })) },
        ]);
      },
    ],
    ["that sends garbage for ever", () => async () => new Uint8Array(5_000).fill(0x5b)],
    [
      "whose pages never end",
      () => {
        let turn = 0;
        return async (_peerId, frame) => {
          const { ask, body } = readAsk(frame);
          if (ask === "digests") {
            return encodeDigests([{ kind: "note", deleted: false, count: 1e9, fingerprint: fingerprint(1) }]);
          }
          if (ask === "open") {
            const { ranges } = decodeOpenRequest(body, 64);
            return encodeOpened(
              ranges.map(() => ({ parts: [{ end: undefined, count: 1e9, fingerprint: fingerprint(2) }] })),
            );
          }
          const next = { version: network.clock.nowMs() - 1_000_000 + turn++, digest: new Uint8Array(0) };
          return encodeRecordsPage({ records: [new Uint8Array(200_000)], handled: 1, next });
        };
      },
    ],
  ];
  for (const [what, lie] of lies) {
    it(`asks one less and less ${what}, and others as ever`, async () => {
      const counts = join("z-evil", lie());
      network.gossip.connect("b", "z-evil");
      await network.live(hourMs, 10_000);
      // Each periodic session would begin with digests: 120 in an hour.
      assert.ok(counts.digestsAsked > 1 && counts.digestsAsked < 40, `${counts.digestsAsked} sessions`);
      assert.ok(counts.asked < 5_000, `${counts.asked} questions`);
      await joinHonest();
      network.gossip.connect("b", "honest");
      await network.live(2_000);
      assert.equal(replica.list(noteKind).length, 1);
    });
  }

  it("does not wait for a peer that never answers", async () => {
    const silent = [1, 2, 3].map((n) => join(`z-silent-${n}`, () => new Promise(() => {})));
    for (const n of [1, 2, 3]) network.gossip.connect("b", `z-silent-${n}`);
    await joinHonest();
    network.gossip.connect("b", "honest");
    await network.live(40_000);
    assert.equal(replica.list(noteKind).length, 1);
    assert.ok(silent.every(({ asked }) => asked > 0));
  });

  it("answers others while one floods it with garbage", async () => {
    const flooder = network.gossip.join("flooder");
    const signal = new AbortController().signal;
    const ask = (frame: Uint8Array) =>
      flooder.request("b", "sync", frame, { signal, maxResponseBytes: 1_000 });
    for (let count = 0; count < 200; count++) {
      await assert.rejects(ask(new Uint8Array([count % 256, 1, 2])));
    }
    assert.deepEqual([replica.syncCounters().malformed, replica.syncCounters().refused], [1, 199]);
    await joinHonest();
    network.gossip.connect("b", "honest");
    await network.live(2_000);
    assert.equal(replica.list(noteKind).length, 1);
  });

  it("goes on in time with a peer that says it has answered enough for now", async () => {
    const version = network.clock.nowMs() - 100_000;
    const notes = await Promise.all(
      Array.from({ length: 900 }, (_, n) =>
        signedNote(wallet("alice"), { id: `n${n}`, version: version + n }),
      ),
    );
    // Every tenth is missing, so that ranges have to be opened.
    await replica.merge(notes.filter((_, n) => n % 10 !== 0));
    const server = servingPeer(network.clock, notes);
    let opened = 0;
    join("z-limiting", async (peerId, frame) => {
      if (readAsk(frame).ask === "open" && ++opened % 4 === 0)
        throw new CountersignError("RATE_LIMITED", "enough");
      return server.answer(peerId, frame);
    });
    network.gossip.connect("b", "z-limiting");
    while (replica.list(noteKind).length < 900) await network.live(1_000);
    assert.equal(replica.syncCounters().lied, 0);
  });

  it("keeps what it had when a copy breaks, and the next session goes on from there", async () => {
    const notes = await Promise.all(
      Array.from({ length: 1_500 }, (_, n) =>
        signedNote(wallet("alice"), { id: `n${n}`, version: network.clock.nowMs() - n }),
      ),
    );
    const server = servingPeer(network.clock, notes);
    let pages = 0;
    let isBroken = false;
    const copyTag = (asks.copy << 3) | 2;
    join("z-breaking", (peerId, frame) => {
      if (frame[0] === copyTag && ++pages === 3) isBroken = true;
      return isBroken ? Promise.reject(new Error("reset")) : server.answer(peerId, frame);
    });
    network.gossip.connect("b", "z-breaking");
    const arrived = async (count: number) => {
      while (replica.list(noteKind).length < count) await network.live(100, 100);
    };
    await arrived(1_024);
    assert.equal(pages, 3);
    isBroken = false;
    await arrived(1_500);
    // Of three pages' worth two were there: only the rest is copied, in a piece or two.
    assert.ok(pages <= 3 + 2, `${pages} pages`);
  });
});
