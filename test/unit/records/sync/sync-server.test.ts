import assert from "node:assert/strict";
import fc from "fast-check";
import { CountersignError, isCode, sha256 } from "../../../../src/base/index.ts";
import type { RecordKind } from "../../../../src/records/index.ts";
import { encodeBundle } from "../../../../src/records/index.ts";
import { wholeSet } from "../../../../src/records/sync/range.ts";
import {
  decodeDigests,
  decodeOpened,
  decodePushed,
  decodeRecordsPage,
  encodeAsk,
  encodeCopyRequest,
  encodeDigestsRequest,
  encodeFetchRequest,
  encodeOpenRequest,
} from "../../../../src/records/sync/sync-messages.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { noteKind, signedNote, wallet } from "../network.ts";
import { servingPeer } from "./serving-peer.ts";

const alice = wallet("alice");
const notes = { kind: noteKind.name, deleted: false };

describe("the answering side of reconciliation", () => {
  const clock = new ManualClock();
  const now = clock.nowMs();
  const digestsAsked = (asOfMs = now) => encodeAsk("digests", encodeDigestsRequest(asOfMs));
  const openAsked = (ranges = 1) =>
    encodeAsk(
      "open",
      encodeOpenRequest({ ...notes, asOfMs: now, ranges: Array.from({ length: ranges }, () => wholeSet) }),
    );
  const copyAsked = (asOfMs = now, range = wholeSet) =>
    encodeAsk("copy", encodeCopyRequest({ ...notes, asOfMs, range }));
  const pushed = (count: number) =>
    encodeAsk("push", encodeBundle(Array.from({ length: count }, (_, n) => new Uint8Array([n % 256]))));
  const isLimited = (error: unknown) => isCode(error, "RATE_LIMITED");

  it("counts what lives at the asker's time, whatever its own", async () => {
    const ending = await signedNote(alice, { id: "ending", version: now - noteKind.lifeMs + 1_000 });
    const ahead = await signedNote(alice, { id: "ahead", version: now + 545_000 });
    const server = servingPeer(clock, [ending, ahead, await signedNote(alice, { id: "plain" })]);
    const countAt = async (asOfMs: number) =>
      decodeDigests(await server.answer("p", digestsAsked(asOfMs))).find(
        ({ kind, deleted }) => kind === "note" && !deleted,
      )?.count;
    assert.equal(await countAt(now), 2);
    assert.equal(await countAt(now + 999), 2);
    assert.equal(await countAt(now + 1_000), 1);
    assert.equal(await countAt(now + 5_000), 2);
    const copied = decodeRecordsPage(await server.answer("p", copyAsked(now + 5_000)));
    assert.equal(copied.records.length, 2);
  });

  it("compares nothing as of a time that is more than ten minutes from its own", async () => {
    const server = servingPeer(clock, []);
    for (const off of [-600_001, 600_001]) {
      await assert.rejects(server.answer("p", digestsAsked(now + off)), (error) =>
        isCode(error, "CLOCK_SKEW"),
      );
    }
    await server.answer("p", digestsAsked(now + 600_000));
  });

  it("says which kind it does not know", async () => {
    const frame = encodeAsk(
      "copy",
      encodeCopyRequest({ kind: "unheard", deleted: false, asOfMs: now, range: wholeSet }),
    );
    await assert.rejects(servingPeer(clock, []).answer("p", frame), (error) => isCode(error, "NOT_FOUND"));
  });

  it("serves pages of bounded size, and a record that is larger than one alone", async () => {
    const bigKind: RecordKind<string> = { ...noteKind, name: "big", maxPayloadBytes: 400_000 };
    const make = (id: string, text: string) =>
      signedNote(alice, { kind: "big", id, payload: noteKind.encode(text), version: now + id.length });
    const records = [
      await make("a", "small"),
      await make("bb", "x".repeat(300_000)),
      await make("ccc", "small"),
    ];
    const many = await Promise.all(Array.from({ length: 513 }, (_, n) => signedNote(alice, { id: `n${n}` })));
    const server = servingPeer(clock, [...records, ...many], {}, [bigKind]);
    const sizes: number[] = [];
    let range = wholeSet;
    for (;;) {
      const frame = encodeAsk("copy", encodeCopyRequest({ kind: "big", deleted: false, asOfMs: now, range }));
      const page = decodeRecordsPage(await server.answer("p", frame));
      sizes.push(page.records.length);
      if (page.next === undefined) break;
      range = { start: page.next, end: undefined };
    }
    assert.deepEqual(sizes, [1, 1, 1]);
    assert.equal(decodeRecordsPage(await server.answer("p", copyAsked())).records.length, 512);
  });

  it("leaves out of a fetch what it does not hold, and says how far it came", async () => {
    const held = await Promise.all(["a", "b"].map((id) => signedNote(alice, { id })));
    const server = servingPeer(clock, held);
    const idOf = (encoded: Uint8Array) => ({ version: now, digest: sha256(encoded).subarray(0, 16) });
    const ids = [...held.map(idOf), { version: now + 1, digest: new Uint8Array(16) }];
    ids.sort((x, y) => x.version - y.version || Buffer.compare(x.digest, y.digest));
    const page = decodeRecordsPage(
      await server.answer("p", encodeAsk("fetch", encodeFetchRequest({ ...notes, ids }))),
    );
    assert.deepEqual([page.records.length, page.handled], [2, 3]);
  });

  it("does not answer a peer that sent garbage, for longer each time; others it does", async () => {
    const own = new ManualClock();
    const server = servingPeer(own, []);
    const ask = () => server.answer("bad", encodeAsk("digests", encodeDigestsRequest(own.nowMs())));
    const garbage = () => server.answer("bad", new Uint8Array([9, 9, 9]));
    for (const lengthMs of [60_000, 120_000, 240_000]) {
      await assert.rejects(garbage(), (error) => isCode(error, "INVALID_ARGUMENT"));
      await assert.rejects(garbage(), isLimited);
      await assert.rejects(ask(), isLimited);
      await server.answer("good", encodeAsk("digests", encodeDigestsRequest(own.nowMs())));
      own.advance(lengthMs - 1);
      await assert.rejects(ask(), isLimited);
      own.advance(1);
      await ask();
    }
    assert.equal(server.malformed, 3);
  });

  it("answers garbage, whatever it is, with an error that can be shown", async () => {
    const start = fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0x2a);
    const framed = fc
      .tuple(start, fc.uint8Array({ maxLength: 120 }))
      .map(([tag, body]) => new Uint8Array([tag, body.length, ...body]));
    const server = servingPeer(clock, [await signedNote(alice)]);
    let peer = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), framed), async (frame) => {
        try {
          await server.answer(`p${peer++}`, frame);
        } catch (error) {
          assert.ok(error instanceof CountersignError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a question of the size that only a push may have, unread", async () => {
    const frame = encodeAsk("open", new Uint8Array(20_000));
    await assert.rejects(servingPeer(clock, []).answer("p", frame), /a question of that size/);
  });

  it("opens so many ranges for a peer and not more, and goes on as time passes", async () => {
    const own = new ManualClock();
    const server = servingPeer(own, []);
    const open = () => server.answer("p", openAsked(64));
    for (let count = 0; count < 128; count++) await open();
    await assert.rejects(open(), isLimited);
    own.advance(1_000);
    for (let count = 0; count < 8; count++) await open();
    await assert.rejects(open(), isLimited);
    assert.equal(decodeOpened(await server.answer("other", openAsked(64))).length, 64);
    assert.equal(server.refused, 2);
  });

  it("takes pushes at a bounded rate, and none from a peer whose records had to be rejected again and again", async () => {
    const own = new ManualClock();
    let told = 0;
    const fine = servingPeer(own, [], { onPushed: () => told++ });
    for (let count = 0; count < 32; count++) {
      assert.deepEqual(decodePushed(await fine.answer("p", pushed(256))), { applied: 256, rejected: 0 });
    }
    assert.equal(told, 32);
    await assert.rejects(fine.answer("p", pushed(256)), isLimited);
    const strict = servingPeer(own, [], {
      mergePushed: async (records) => records.map(() => "rejected" as const),
    });
    assert.equal(decodePushed(await strict.answer("p", pushed(63))).rejected, 63);
    assert.equal(decodePushed(await strict.answer("p", pushed(10))).rejected, 10);
    await assert.rejects(strict.answer("p", pushed(1)), isLimited);
    own.advance(1_000);
    await strict.answer("p", pushed(1));
    const busy = servingPeer(own, [], { mergePushed: () => undefined });
    await assert.rejects(busy.answer("p", pushed(1)), isLimited);
  });
});
