import assert from "node:assert/strict";
import { GossipQuota } from "../../../src/mesh/gossip-quota.ts";
import {
  authorMessagesPerSecond,
  gossipBurstSec,
  gossipMessagesPerSecond,
  wastedMessageCost,
} from "../../../src/mesh/limits.ts";
import { ManualClock } from "./manual-clock.ts";

class FakeStream {
  readStatus = "readable";
  pause(): void {
    this.readStatus = "paused";
  }
  resume(): void {
    this.readStatus = "readable";
  }
  abort(): void {
    this.readStatus = "closed";
  }
}

function scene() {
  const clock = new ManualClock();
  const streamsInbound = new Map<string, { rawStream: FakeStream }>();
  let handled = 0;
  const pubsub = {
    streamsInbound,
    handleReceivedRpc: async (_from: string, rpc: { messages?: unknown[] }) => {
      handled += rpc.messages?.length ?? 0;
    },
  };
  const quota = new GossipQuota(pubsub as never, clock);
  quota.start();
  return {
    clock,
    quota,
    open(peerId: string): FakeStream {
      const rawStream = new FakeStream();
      streamsInbound.set(peerId, { rawStream });
      return rawStream;
    },
    tell: (peerId: string, count: number) =>
      pubsub.handleReceivedRpc(peerId, { messages: Array(count).fill({ data: new Uint8Array(100) }) }),
    handled: () => handled,
  };
}

const burst = gossipMessagesPerSecond * gossipBurstSec;

describe("gossip's quotas", () => {
  it("leave a neighbour unread for as long as it sent too much, and lose nothing", async () => {
    const { clock, open, tell, handled } = scene();
    const [fast, slow] = [open("fast"), open("slow")];
    await tell("fast", burst);
    await tell("slow", 1);
    assert.equal(fast.readStatus, "readable");
    await tell("fast", gossipMessagesPerSecond);
    assert.deepEqual([fast.readStatus, slow.readStatus], ["paused", "readable"]);
    clock.advance(999);
    assert.equal(fast.readStatus, "paused");
    clock.advance(1);
    assert.equal(fast.readStatus, "readable");
    assert.equal(handled(), burst + gossipMessagesPerSecond + 1);
  });

  it("are not evaded by a new stream", async () => {
    const { clock, open, tell } = scene();
    open("fast");
    await tell("fast", burst + gossipMessagesPerSecond);
    const second = open("fast");
    await tell("fast", 1);
    assert.equal(second.readStatus, "paused");
    clock.advance(2_000);
    assert.equal(second.readStatus, "readable");
  });

  it("count a message that was not accepted for many", async () => {
    const { quota, open, tell } = scene();
    const stream = open("wasteful");
    await tell("wasteful", 1);
    for (let wasted = 0; wasted < burst / wastedMessageCost; wasted++) quota.wasted("wasteful");
    assert.equal(stream.readStatus, "readable");
    for (let wasted = 0; wasted < burst / wastedMessageCost; wasted++) quota.wasted("wasteful");
    assert.equal(stream.readStatus, "paused");
  });

  it("give each author its share of each topic", () => {
    const { clock, quota } = scene();
    const share = authorMessagesPerSecond.heartbeat * gossipBurstSec;
    const admitted = Array.from({ length: 2 * share }, () => quota.admits("heartbeat", "eager")).filter(
      Boolean,
    );
    assert.equal(admitted.length, share);
    assert.equal(quota.admits("heartbeat", "other"), true);
    assert.equal(quota.admits("records", "eager"), true);
    clock.advance(1_000);
    assert.equal(quota.admits("heartbeat", "eager"), true);
  });

  it("leave no timer behind", async () => {
    const { clock, quota, open, tell } = scene();
    open("fast");
    await tell("fast", 2 * burst);
    assert.equal(clock.pending, 1);
    quota.stop();
    assert.equal(clock.pending, 0);
  });
});
