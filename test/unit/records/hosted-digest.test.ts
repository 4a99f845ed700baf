import assert from "node:assert/strict";
import fc from "fast-check";
import {
  digestMessage,
  type HostedStanding,
  hostedHash,
  hostedLists,
  hostedStatuses,
  maxListed,
  readDigest,
  statusIn,
} from "../../../src/records/hosted-digest.ts";
import { countersign } from "../../../src/wire/index.ts";

type Message = countersign.v1.HostedDigest.$Properties;
const { HostedDigest } = countersign.v1;

const standing = (hash: bigint, status: HostedStanding["status"], silentSinceMs = 0): HostedStanding => ({
  hash,
  status,
  silentSinceMs,
});
const sent = (nodes: readonly HostedStanding[]) =>
  HostedDigest.encode(
    digestMessage({ heard: 1, freeSlots: 2, activeTasks: 3, ...hostedLists(nodes) }),
  ).finish();
const received = (bytes: Uint8Array) => readDigest(HostedDigest.decode(bytes));
const many = (count: number, from: number, status: HostedStanding["status"], silentSinceMs = 0) =>
  Array.from({ length: count }, (_, n) => standing(BigInt(from + n), status, silentSinceMs + n));

describe("a host's digest", () => {
  it("says of every node what the host knows, whatever it knows", () => {
    const node = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(...hostedStatuses));
    fc.assert(
      fc.property(fc.uniqueArray(node, { selector: ([hash]) => hash, maxLength: 200 }), (nodes) => {
        const standings = nodes.map(([hash, status]) => standing(hash, status));
        const digest = received(sent(standings));
        assert.ok(digest !== undefined);
        for (const { hash, status } of standings) assert.equal(statusIn(digest, hash), status);
        assert.deepEqual([digest.heard, digest.freeSlots, digest.activeTasks], [1, 2, 3]);
      }),
    );
  });

  it("grows with the nodes that fare otherwise than most, not with their number", () => {
    assert.ok(sent(many(10_000, 0, "alive")).length < 16);
    assert.ok(sent(many(10_000, 0, "offline")).length < 16);
    const mixed = [
      ...many(9_900, 0, "alive"),
      ...many(60, 20_000, "suspect"),
      ...many(40, 30_000, "offline"),
    ];
    assert.ok(sent(mixed).length < 100 * 8 + 32);
  });

  it("is nothing to believe in when nobody is vouched for", () => {
    const digest = received(sent([]));
    assert.ok(digest !== undefined);
    assert.equal(statusIn(digest, 5n), "suspect");
  });

  it("has room for so many, and leaves out the longest silent of the offline ones first", () => {
    const nodes = [
      ...many(20_000, 0, "alive"),
      ...many(6_000, 100_000, "offline", 1_000),
      ...many(1_000, 200_000, "suspect"),
    ];
    const { usual, lists, unsaid } = hostedLists(nodes);
    assert.equal(usual, "alive");
    assert.equal((lists.offline.length + lists.suspect.length) / 8, maxListed);
    assert.equal(unsaid.length, 7_000 - maxListed);
    const longest = many(7_000 - maxListed, 100_000, "offline", 1_000);
    assert.deepEqual(new Set(unsaid.map(({ hash }) => hash)), new Set(longest.map(({ hash }) => hash)));
    assert.ok(sent(nodes).length < 50_000);
  });

  it("is refused when it is too long, ragged, unsorted or of an unknown status", () => {
    const list = (...hashes: bigint[]) => new Uint8Array(new BigUint64Array(hashes).buffer).reverse();
    const refused: Message[] = [
      { offline: new Uint8Array(7) },
      { offline: list(1n, 2n) },
      { suspect: list(2n, 2n) },
      { usual: 3 as countersign.v1.HostedStatus },
      { offline: new Uint8Array(8 * (maxListed + 1)) },
      { alive: list(1n), suspect: new Uint8Array(8 * maxListed) },
    ];
    for (const message of refused) assert.equal(readDigest(message), undefined);
    const fine = readDigest({ offline: list(2n, 1n) });
    assert.ok(fine !== undefined);
    assert.deepEqual(
      [1n, 2n, 3n].map((hash) => statusIn(fine, hash)),
      ["offline", "offline", "alive"],
    );
  });

  it("never breaks on what a stranger sends", () => {
    fc.assert(
      fc.property(
        fc.record({
          heard: fc.nat(),
          usual: fc.integer({ min: -2, max: 4 }),
          alive: fc.uint8Array({ maxLength: 64 }),
          suspect: fc.uint8Array({ maxLength: 64 }),
          offline: fc.uint8Array({ maxLength: 64 }),
        }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (message, hash) => {
          const digest = readDigest(message);
          if (digest !== undefined) assert.ok(hostedStatuses.includes(statusIn(digest, hash)));
        },
      ),
    );
  });

  it("names a node by wallet and id, and two of one id apart", () => {
    assert.equal(hostedHash("0xa", "n"), hostedHash("0xa", "n"));
    assert.notEqual(hostedHash("0xa", "n"), hostedHash("0xb", "n"));
  });
});
