import assert from "node:assert/strict";
import { createCoreKinds } from "../../../src/records/index.ts";
import { decodeRecord, encodeRecord } from "../../../src/records/record-codec.ts";
import { checkStatement } from "../../../src/records/verify.ts";
import { VerifyPool } from "../../../src/records/verify-pool.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { genesis, kinds, network, noteKind, signedNote, TestNetwork, wallet } from "./network.ts";

const alice = wallet("alice");

/** A record of a kind that threads know. */
async function reputation(subject: string, score = 1): Promise<Uint8Array> {
  const payload = kinds.reputation.encode({ subject, successes: 1, score, last_seen: 5 });
  const version = 1_800_000_000_000;
  const expiresAtMs = version + kinds.reputation.lifeMs;
  return signedNote(alice, { kind: "reputation", id: subject, version, expiresAtMs, payload });
}

describe("threads that check records", function () {
  this.timeout(20_000);
  const clock = new ManualClock();
  let pool: VerifyPool;
  beforeEach(() => {
    pool = new VerifyPool({ genesis, network, clock, threads: 2 });
  });
  afterEach(() => pool.stop());

  it("say the same of each record as the main thread", async () => {
    const good = await reputation(wallet("x").address);
    const record = decodeRecord(good);
    assert.ok(record);
    const records = [
      good,
      await reputation(wallet("y").address, 99),
      encodeRecord({ ...record, owner: wallet("bob").address }, record.signature),
      new Uint8Array([1, 2, 3]),
      new Uint8Array(0),
      await signedNote(alice),
      await reputation(wallet("z").address),
    ];
    const byName = new Map(Object.values(createCoreKinds(genesis)).map((kind) => [kind.name, kind]));
    const here = records.map((bytes) =>
      checkStatement(bytes, { network, kind: (name) => byName.get(name) as never }),
    );
    const plain = (checks: readonly unknown[]) => checks.map((check) => JSON.stringify(check));
    const there = await pool.check(records);
    assert.deepEqual(there[5], undefined, "a kind of this replica's own is for the main thread");
    const known = (checks: readonly unknown[]) => plain(checks.filter((_, index) => index !== 5));
    assert.deepEqual(
      known(
        there.map((check) => (check && "digest" in check ? { digest: Buffer.from(check.digest) } : check)),
      ),
      known(
        here.map((check) =>
          "digest" in check ? check : { outcome: check.outcome, reason: check.reason ?? "" },
        ),
      ),
    );
    assert.ok(there[0] && "digest" in there[0] && there[6] && "digest" in there[6]);
  });

  it("start when work comes, share it, and end when none has come for a while", async () => {
    assert.equal(pool.size, 0);
    const good = await reputation(wallet("x").address);
    await Promise.all([pool.check([good]), pool.check([good]), pool.check([good])]);
    assert.equal(pool.size, 2);
    clock.advance(9_999);
    await pool.check([good]);
    clock.advance(9_999);
    assert.equal(pool.size, 2);
    clock.advance(1);
    while (pool.size > 0) await new Promise((resolve) => setImmediate(resolve));
    const [again] = await pool.check([good]);
    assert.ok(again && "digest" in again);
  });

  it("are done without when they fail: the main thread checks then", async () => {
    const net = new TestNetwork();
    try {
      const failing = { check: () => Promise.reject(new Error("no threads here")), stop: async () => {} };
      // It has the greatest id, so the others begin.
      const z = await net.replica("z");
      const b = await net.replica("b", undefined, [noteKind], { verifier: failing });
      const checking = { check: pool.check.bind(pool), stop: async () => {} };
      const c = await net.replica("c", undefined, [noteKind], { verifier: checking });
      net.gossip.isCut = () => true;
      const version = net.clock.nowMs();
      const notes = await Promise.all(
        Array.from({ length: 2_100 }, (_, n) => signedNote(alice, { id: `n${n}`, version })),
      );
      await z.merge([
        ...notes,
        ...(await Promise.all(["x", "y"].map((name) => reputation(wallet(name).address)))),
      ]);
      net.gossip.isCut = (from, to) => from !== "z" && to !== "z";
      net.gossip.connect("z", "b");
      net.gossip.connect("z", "c");
      while (b.list(noteKind).length + c.list(noteKind).length < 4_200) await net.live(1_000);
      assert.deepEqual([b.list(kinds.reputation).length, c.list(kinds.reputation).length], [2, 2]);
      assert.ok(pool.size > 0);
    } finally {
      await net.close();
    }
  });
});
