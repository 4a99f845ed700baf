import assert from "node:assert/strict";
import { multiaddr } from "@multiformats/multiaddr";
import { maxConnectionsPerPeer } from "../../../src/mesh/limits.ts";
import { PeerGuard } from "../../../src/mesh/peer-guard.ts";
import { ManualClock } from "./manual-clock.ts";

const guardWith = (lists: { allow?: string[]; deny?: string[]; trusted?: string[] } = {}) => {
  const clock = new ManualClock();
  const guard = new PeerGuard({ clock, allow: [], deny: [], peersPerPrefix: 3, ...lists });
  return { clock, guard };
};

const at = (ip: string) => multiaddr(`/ip4/${ip}/tcp/8828`);
const connection = (peerId: string, ip: string, direction: "inbound" | "outbound" = "inbound") =>
  ({ remotePeer: peerId, remoteAddr: at(ip), direction }) as never;

describe("peer guard", () => {
  it("refuses a peer after garbage until half of it is forgotten", () => {
    const { clock, guard } = guardWith();
    assert.equal(guard.blame("peer", "garbage", []), true);
    const refusal = guard.refusal("peer");
    assert.ok(refusal?.why === "banned");
    assert.equal(guard.isRefused("other"), false);
    clock.advance(refusal.untilMs - clock.nowMs() - 1);
    assert.equal(guard.isRefused("peer"), true);
    clock.advance(2);
    assert.equal(guard.isRefused("peer"), false);
  });

  it("bears with some nonsense, not with much of it at once", () => {
    const { guard } = guardWith();
    for (let times = 0; times < 3; times++) assert.equal(guard.blame("peer", "nonsense", []), false);
    assert.equal(guard.blame("peer", "nonsense", []), true);
  });

  it("refuses the prefix of several offenders, apart from whom the operator named", () => {
    const { guard } = guardWith({ trusted: ["friend"] });
    for (const name of ["a", "b", "c", "d"]) guard.blame(name, "garbage", [at("198.51.100.7")]);
    assert.equal(guard.refusal("e", at("198.51.100.200"))?.why, "prefix banned");
    assert.equal(guard.isRefused("e", at("198.51.101.200")), false);
    assert.equal(guard.isRefused("friend", at("198.51.100.200")), false);
  });

  it("never holds a private address against its neighbours", () => {
    const { guard } = guardWith();
    for (let index = 0; index < 100; index++) guard.blame(`peer ${index}`, "garbage", [at("10.1.2.3")]);
    assert.equal(guard.isRefused("other", at("10.1.2.3")), false);
  });

  it("lets a public prefix have its share of connections, and a private one all", () => {
    const { guard } = guardWith({ trusted: ["friend"] });
    for (const name of ["a", "b", "c"]) {
      guard.connections.add(connection(name, "198.51.100.7"));
      guard.connections.add(connection(`${name} at home`, "192.168.0.7"));
    }
    assert.equal(guard.isCrowded("d", at("198.51.100.9")), true);
    assert.equal(guard.isCrowded("friend", at("198.51.100.9")), false);
    assert.equal(guard.isCrowded("d", at("203.0.113.9")), false);
    assert.equal(guard.isCrowded("d", at("192.168.0.9")), false);
    guard.connections.remove(connection("a", "198.51.100.7"));
    assert.equal(guard.isCrowded("d", at("198.51.100.9")), false);
  });

  it("lets one peer have a few connections", () => {
    const { guard } = guardWith();
    for (let count = 0; count < maxConnectionsPerPeer; count++) {
      assert.equal(guard.isCrowded("peer", at("127.0.0.1")), false);
      guard.connections.add(connection("peer", "127.0.0.1"));
    }
    assert.equal(guard.isCrowded("peer", at("127.0.0.1")), true);
  });

  it("keeps to its lists", () => {
    assert.equal(guardWith({ deny: ["peer"] }).guard.refusal("peer")?.why, "denied");
    const { guard } = guardWith({ allow: ["friend"] });
    assert.deepEqual([guard.isRefused("friend"), guard.isRefused("stranger")], [false, true]);
  });

  it("keeps one quota per peer and use", () => {
    const { clock, guard } = guardWith();
    assert.equal(guard.quota("peer", "sync", 1).frames.take(clock.nowMs()), true);
    assert.equal(guard.quota("peer", "sync", 1).frames.take(clock.nowMs()), false);
    assert.equal(guard.quota("peer", "task", 1).frames.take(clock.nowMs()), true);
    assert.equal(guard.quota("other", "sync", 1).frames.take(clock.nowMs()), true);
  });
});
