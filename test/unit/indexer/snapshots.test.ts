import assert from "node:assert/strict";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { fromHex, sha256, toHex, utf8 } from "../../../src/base/index.ts";
import { buildBundle, readBundle } from "../../../src/proof/snapshots/bundle.ts";
import { compareLeaves } from "../../../src/proof/snapshots/compare.ts";
import { answerFingerprint } from "../../../src/proof/snapshots/fingerprint.ts";
import {
  compareDigests,
  digestOf,
  leafBytes,
  type SnapshotLeaf,
  sortedLeaves,
} from "../../../src/proof/snapshots/leaves.ts";
import { inclusionProof, merkleRoot, provesInclusion } from "../../../src/proof/snapshots/merkle.ts";
import { paramsHash } from "../../../src/proof/snapshots/params-hash.ts";

const leafOf = (seed: number, changes: Partial<SnapshotLeaf> = {}): SnapshotLeaf => ({
  cid: CID.createV1(0x70, createDigest(0x12, sha256(utf8(`article ${seed}`)))).toString(),
  author: `0x${"a1".repeat(20)}`,
  lang: "en",
  createdAt: 1_700_000_000 + seed,
  scoreNet: seed,
  status: "normal",
  ...changes,
});
const leafSet = fc
  .uniqueArray(fc.nat(500), { maxLength: 40 })
  .map((seeds) => seeds.map((seed) => leafOf(seed)));

describe("the Merkle tree", () => {
  // The test vectors of Certificate Transparency's reference implementation.
  const entries = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ];
  const roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];

  it("has the roots of RFC 6962", () => {
    for (const [count, root] of roots.entries())
      assert.equal(toHex(merkleRoot(entries.slice(0, count).map(fromHex))), `0x${root}`);
  });

  it("proves every leaf in its place, and nothing else", () => {
    const list = fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(list, fc.nat(), fc.nat(), fc.nat(255), (leaves, at, other, bit) => {
        const index = at % leaves.length;
        const root = merkleRoot(leaves);
        const leaf = leaves[index] ?? new Uint8Array();
        const proof = inclusionProof(leaves, index);
        assert.ok(provesInclusion(root, leaves.length, index, leaf, proof));
        assert.ok(!provesInclusion(root, leaves.length, index, Uint8Array.of(...leaf, 1), proof));
        assert.ok(!provesInclusion(root, leaves.length, index, leaf, [...proof, new Uint8Array(32)]));
        assert.ok(!provesInclusion(root, leaves.length, leaves.length, leaf, proof));
        if (proof.length === 0) return;
        const wrong = proof.map((hash) => hash.slice());
        const hash = wrong[other % wrong.length];
        if (hash !== undefined) hash[bit >> 3] = (hash[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.ok(!provesInclusion(root, leaves.length, index, leaf, wrong));
        assert.ok(!provesInclusion(root, leaves.length, index, leaf, proof.slice(1)));
      }),
    );
  });

  it("cannot take a node for a leaf", () => {
    const [a, b, c] = [utf8("a"), utf8("b"), utf8("c")];
    const pair = Uint8Array.of(...sha256(Uint8Array.of(0, ...a)), ...sha256(Uint8Array.of(0, ...b)));
    assert.notDeepEqual(merkleRoot([a, b, c]), merkleRoot([pair, c]));
    assert.notDeepEqual(merkleRoot([a, b, c]), merkleRoot([a, b, c, c]));
  });
});

describe("a snapshot", () => {
  it("is the same whatever order its articles come in", async () => {
    await fc.assert(
      fc.asyncProperty(leafSet, async (leaves) => {
        const bundle = buildBundle("en", leaves);
        const reversed = buildBundle("en", leaves.toReversed());
        assert.equal(bundle.cid, reversed.cid);
        const read = await readBundle(bundle.cid, bundle.car);
        assert.ok(read.ok, JSON.stringify(read));
        assert.deepEqual(read.root, bundle.root);
        assert.deepEqual(read.leaves, sortedLeaves(leaves));
        for (const [index, leaf] of read.leaves.entries()) {
          const next = read.leaves[index + 1];
          assert.ok(next === undefined || compareDigests(digestOf(leaf.cid), digestOf(next.cid)) < 0);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("of more than a thousand articles has several chunks", async () => {
    const bundle = buildBundle(
      "en",
      Array.from({ length: 2_001 }, (_, seed) => leafOf(seed)),
    );
    const read = await readBundle(bundle.cid, bundle.car);
    assert.ok(read.ok && read.leaves.length === 2_001);
  });

  it("holds leaves of six fields in canonical order", () => {
    const extra = { ...leafOf(1), title: "not told" };
    assert.equal(
      new TextDecoder().decode(leafBytes(extra)),
      `{"author":"0x${"a1".repeat(20)}","cid":"${leafOf(1).cid}","createdAt":1700000001,"lang":"en","scoreNet":1,"status":"normal"}`,
    );
  });

  it("names no article twice", () => {
    assert.throws(() => buildBundle("en", [leafOf(1), leafOf(1, { scoreNet: 9 })]), /twice/);
  });

  it("is not read from changed bytes, nor under another name", async () => {
    const bundle = buildBundle("en", [leafOf(1), leafOf(2)]);
    const other = buildBundle("en", [leafOf(1)]);
    assert.deepEqual(await readBundle(other.cid, bundle.car), {
      ok: false,
      reason: `block ${other.cid} is missing`,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(bundle.car.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = bundle.car.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        const read = await readBundle(bundle.cid, changed);
        // The header's root may change: the name that was asked for counts.
        if (read.ok) assert.deepEqual(read.root, bundle.root);
      }),
      { numRuns: 200 },
    );
  });
});

describe("two indexers' snapshots", () => {
  const mine = sortedLeaves(Array.from({ length: 30 }, (_, seed) => leafOf(seed)));

  it("agree when they say the same", () => {
    assert.deepEqual(compareLeaves(mine, mine), { verdict: "agree", differing: 0, firstCids: [] });
    assert.deepEqual(compareLeaves([], []), { verdict: "agree", differing: 0, firstCids: [] });
  });

  it("differ in the article that one drops, adds or alters", () => {
    const at = mine[7] ?? leafOf(7);
    const dropped = mine.filter((leaf) => leaf !== at);
    const altered = mine.map((leaf) => (leaf === at ? { ...leaf, scoreNet: leaf.scoreNet + 1 } : leaf));
    const expected = { verdict: "differ", differing: 1, firstCids: [at.cid] };
    assert.deepEqual(compareLeaves(mine, dropped), expected);
    assert.deepEqual(compareLeaves(dropped, mine), expected);
    assert.deepEqual(compareLeaves(mine, altered), expected);
  });

  it("differ by as many articles as sets do, whichever side is asked", () => {
    fc.assert(
      fc.property(leafSet, leafSet, (left, right) => {
        const [a, b] = [sortedLeaves(left), sortedLeaves(right)];
        const cids = new Set(right.map(({ cid }) => cid));
        const both = left.filter(({ cid }) => cids.has(cid)).length;
        const result = compareLeaves(a, b);
        assert.equal(result.differing, left.length + right.length - 2 * both);
        assert.equal(result.firstCids.length, Math.min(result.differing, 10));
        assert.deepEqual(compareLeaves(b, a), result);
      }),
    );
  });
});

describe("fingerprints", () => {
  const answer = { q: "bread", lang: "en", sort: "top", from: 0, size: 20 };
  const withScore = (scoreNet: number) =>
    answerFingerprint({ ...answer, items: [{ ...leafOf(1), scoreNet }] });

  it("forgive small differences of score inside a bucket of five, and no others", () => {
    assert.equal(withScore(10), withScore(14));
    assert.notEqual(withScore(14), withScore(15));
    assert.notEqual(withScore(-1), withScore(0));
    assert.notEqual(withScore(10), answerFingerprint({ ...answer, items: [] }));
  });

  it("are SHA-256 of canonical JSON", () => {
    const json = `{"from":0,"items":[],"lang":"en","q":"bread","size":20,"sort":"top"}`;
    assert.equal(answerFingerprint({ ...answer, items: [] }), toHex(sha256(json)));
    assert.equal(
      toHex(paramsHash({ b: 10n ** 20n, a: 3 })),
      toHex(sha256(`{"a":"3","b":"100000000000000000000"}`)),
    );
  });
});
