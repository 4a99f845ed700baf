import assert from "node:assert/strict";
import { PeerGuard } from "../../../src/mesh/peer-guard.ts";
import { ManualClock } from "./manual-clock.ts";

const guardWith = (lists: { allow?: string[]; deny?: string[] } = {}) => {
  const clock = new ManualClock();
  return { clock, guard: new PeerGuard({ clock, allow: lists.allow ?? [], deny: lists.deny ?? [] }) };
};

describe("peer guard", () => {
  it("refuses a peer for a while after garbage, and longer the next time", () => {
    const { clock, guard } = guardWith();
    const firstMs = guard.ban("peer");
    assert.equal(guard.isRefused("peer"), true);
    assert.equal(guard.isRefused("other"), false);
    clock.advance(firstMs);
    assert.equal(guard.isRefused("peer"), false);
    assert.equal(guard.ban("peer"), 2 * firstMs);
  });

  it("keeps to its lists", () => {
    assert.equal(guardWith({ deny: ["peer"] }).guard.isRefused("peer"), true);
    const { guard } = guardWith({ allow: ["friend"] });
    assert.deepEqual([guard.isRefused("friend"), guard.isRefused("stranger")], [false, true]);
  });

  it("keeps one bucket per peer and use", () => {
    const { clock, guard } = guardWith();
    assert.equal(guard.bucket("peer", "sync", 1).take(clock.nowMs()), true);
    assert.equal(guard.bucket("peer", "sync", 1).take(clock.nowMs()), false);
    assert.equal(guard.bucket("peer", "task", 1).take(clock.nowMs()), true);
    assert.equal(guard.bucket("other", "sync", 1).take(clock.nowMs()), true);
  });
});
