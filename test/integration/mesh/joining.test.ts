import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock, utf8 } from "../../../src/base/index.ts";
import { createPeerKey, type Libp2pMesh } from "../../../src/mesh/index.ts";
import { eventually, gossipReady, peerJoins, soon, TestNetwork } from "./network.ts";

const withoutPeerId = (mesh: Libp2pMesh) =>
  mesh.addresses().map((address) => address.replace(/\/p2p\/.*/, ""));
const peerIds = (mesh: Libp2pMesh) =>
  mesh
    .peers()
    .map((peer) => peer.peerId)
    .sort();

/** The system's time, shifted, and a count of the timers that wait. */
function watchedClock(aheadMs = 0): Clock & { readonly pending: () => number } {
  const waiting = new Set<object>();
  return {
    pending: () => waiting.size,
    nowMs: () => systemClock.nowMs() + aheadMs,
    after(delayMs, callback) {
      const key = {};
      waiting.add(key);
      const cancel = systemClock.after(delayMs, () => {
        waiting.delete(key);
        callback();
      });
      return () => {
        waiting.delete(key);
        cancel();
      };
    },
    every(periodMs, callback) {
      const key = {};
      waiting.add(key);
      const cancel = systemClock.every(periodMs, callback);
      return () => {
        waiting.delete(key);
        cancel();
      };
    },
  };
}

describe("a node that joins", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  it("hears of the other peers from the one it knows", async () => {
    const first = await net.node();
    const second = await net.node({ bootstrap: first.addresses() });
    const third = await net.node({ bootstrap: first.addresses() });
    await Promise.all([peerJoins(second, third.peerId), peerJoins(third, second.peerId)]);
    assert.deepEqual(peerIds(second), [first.peerId, third.peerId].sort());
  });

  it("with another network id is disconnected on both sides, and left alone", async () => {
    const ours = await net.node();
    const theirs = await net.node({ network: "test-89abcdef", bootstrap: ours.addresses() });
    await eventually(() => ours.counters().foreign > 0 || theirs.counters().foreign > 0);
    const friend = await net.node({ bootstrap: ours.addresses() });
    await peerJoins(ours, friend.peerId);
    assert.deepEqual(peerIds(ours), [friend.peerId]);
    assert.deepEqual(peerIds(theirs), []);
    assert.equal(ours.counters().cutOff, 0);
  });

  it("and is on the deny list stays out", async () => {
    const privateKey = await createPeerKey();
    const denied = await net.node({ privateKey });
    const ours = await net.node({ deny: [denied.peerId] });
    await denied.stop();
    const again = await net.node({ privateKey, bootstrap: ours.addresses() });
    const friend = await net.node({ bootstrap: ours.addresses() });
    await peerJoins(ours, friend.peerId);
    assert.deepEqual(peerIds(ours), [friend.peerId]);
    assert.deepEqual(peerIds(again), []);
  });

  it("is told how far its peers' clocks are off, and their version", async () => {
    const ahead = await net.node({ clock: watchedClock(60_000), version: "9.9.9" });
    const node = await net.node({ bootstrap: ahead.addresses() });
    await eventually(() => node.clockOffsets().length === 1);
    const offsetMs = node.clockOffsets()[0]?.offsetMs ?? 0;
    assert.ok(offsetMs > 50_000 && offsetMs < 70_000, String(offsetMs));
    const [report] = node.peerReports();
    assert.equal(report?.clockOffsetMs, offsetMs);
    assert.equal(report?.version, "9.9.9");
    assert.match(report?.reason ?? "", /its clock is \d+ ms ahead: what it signs may be refused/);
  });

  it("does without its bootstrap node once it has joined", async () => {
    const first = await net.node();
    const second = await net.node({ bootstrap: first.addresses() });
    const third = await net.node({ bootstrap: first.addresses() });
    const received: string[] = [];
    second.subscribe("records", () => "accept");
    third.subscribe("records", ({ data }) => {
      received.push(Buffer.from(data).toString());
      return "accept";
    });
    await peerJoins(second, third.peerId);
    await first.stop();
    await gossipReady([second, third], "records");
    await second.publish("records", utf8("without you"));
    await eventually(() => received.length === 1);
    assert.deepEqual(received, ["without you"]);
  });

  it("and loses every peer finds back without a restart", async () => {
    const privateKey = await createPeerKey();
    const first = await net.node({ privateKey });
    const node = await net.node({ bootstrap: first.addresses() });
    await peerJoins(node, first.peerId);
    const listen = withoutPeerId(first);
    await first.stop();
    await eventually(() => node.peers().length === 0);
    await net.node({ privateKey, listen });
    await eventually(() => node.peers().length === 1);
    assert.deepEqual(peerIds(node), [first.peerId]);
  });

  it("remembers the peers of its last run", async () => {
    const folder = await mkdtemp(join(tmpdir(), "countersign-mesh-"));
    try {
      const first = await net.node();
      const options = { privateKey: await createPeerKey(), datastoreFolder: folder };
      const before = await net.node({ ...options, bootstrap: first.addresses() });
      await peerJoins(before, first.peerId);
      await before.stop();
      const after = await net.node(options);
      await peerJoins(after, first.peerId);
      await after.stop();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("finds who provides a key", async () => {
    const first = await net.node();
    const provider = await net.node({ bootstrap: first.addresses() });
    const seeker = await net.node({ bootstrap: first.addresses() });
    await Promise.all([peerJoins(seeker, provider.peerId), peerJoins(provider, seeker.peerId)]);
    provider.provide("model-uuid");
    const found = new Set<string>();
    const signal = soon();
    while (found.size === 0) {
      for await (const peerId of seeker.findProviders("model-uuid", signal)) found.add(peerId);
    }
    assert.deepEqual([...found], [provider.peerId]);
    for await (const _ of seeker.findProviders("another-uuid", signal)) assert.fail("nobody provides it");
  });

  it("on a port that is taken fails to start, and leaves nothing running", async () => {
    const first = await net.node();
    const clock = watchedClock();
    await assert.rejects(net.node({ clock, listen: withoutPeerId(first) }));
    assert.equal(clock.pending(), 0);
  });

  it("forgets at a restart what an earlier run provided", async () => {
    const folder = await mkdtemp(join(tmpdir(), "countersign-mesh-"));
    try {
      const first = await net.node();
      const options = {
        privateKey: await createPeerKey(),
        datastoreFolder: folder,
        bootstrap: first.addresses(),
      };
      const before = await net.node(options);
      before.provide("old-model");
      const holds = async (mesh: Libp2pMesh, key: string) => {
        for await (const peerId of mesh.findProviders(key, soon())) if (peerId === before.peerId) return true;
        return false;
      };
      // Answers come from memory, without a turn of the event loop in which the key could be provided.
      while (!(await holds(before, "old-model"))) await new Promise((resolve) => setImmediate(resolve));
      await before.stop();
      await first.stop();
      const after = await net.node(options);
      assert.equal(await holds(after, "old-model"), false);
      await after.stop();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leaves neither timers nor its port behind when it stops", async () => {
    const clock = watchedClock();
    const other = await net.node();
    const node = await net.node({ clock, bootstrap: other.addresses() });
    await peerJoins(node, other.peerId);
    node.provide("model-uuid");
    node.channel(other.peerId, "cosign", () => {});
    const asked = node.request(other.peerId, "sync", new Uint8Array(1), {
      signal: soon(),
      maxResponseBytes: 10,
    });
    const listen = withoutPeerId(node);
    await Promise.all([node.stop(), assert.rejects(asked)]);
    assert.equal(clock.pending(), 0);
    const successor = await net.node({ listen });
    assert.deepEqual(withoutPeerId(successor), listen);
  });
});
