import assert from "node:assert/strict";
import type { PeerReport } from "../../../src/mesh/index.ts";
import { peerStatusOf } from "../../../src/node/peer-status.ts";

const report: PeerReport = {
  peerId: "peer",
  claimedNodeId: "node-1",
  state: "connected",
  reason: "",
  address: "/ip4/203.0.113.7/tcp/8828",
  prefix: "203.0.113.0/24",
  direction: "outbound",
  sinceMs: 5,
  latencyMs: 1.5,
  clockOffsetMs: -3,
  version: "1",
  features: ["gateway"],
  score: 0.5,
  penalty: 0,
  topics: ["records"],
  streams: 4,
  untilMs: undefined,
  failedDials: 0,
};

describe("a peer's status", () => {
  it("names the node whose record has this peer, and nobody else's", () => {
    const nodes = (peerId: string | undefined) => ({
      find: (nodeId: string) => (nodeId === "node-1" ? { peerId } : undefined),
    });
    assert.equal(peerStatusOf(report, nodes("peer")).node_id, "node-1");
    assert.equal(peerStatusOf(report, nodes("another peer")).node_id, "");
    assert.equal(peerStatusOf(report, { find: () => undefined }).node_id, "");
  });

  it("leaves unmeasured what was not measured", () => {
    const { latency_ms, clock_offset_ms, until_ms } = peerStatusOf(
      { ...report, latencyMs: undefined, clockOffsetMs: undefined },
      { find: () => undefined },
    );
    assert.deepEqual([latency_ms, clock_offset_ms, until_ms], [null, null, 0]);
  });
});
