import assert from "node:assert/strict";
import { silentLogger } from "../../../src/base/index.ts";
import { hostedHash, maxListed, statusIn } from "../../../src/records/hosted-digest.ts";
import { type HostedNode, HostedNodes, nodeLifeMs, withdrawAfterMs } from "../../../src/records/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { SharedRecords } from "./hosting.ts";
import { kinds, wallet } from "./network.ts";

const intervalMs = 10_000;
const host = wallet("host").address;

describe("the nodes that a host vouches for", () => {
  let clock: ManualClock;
  let records: SharedRecords;
  let heard: Map<string, HostedNode>;
  let hosted: HostedNodes;
  const start = () => {
    heard = new Map();
    hosted = new HostedNodes({
      replica: records.as("host"),
      kind: kinds.node,
      liveness: { heard: () => {} },
      wallet: host,
      intervalMs,
      clock,
      logger: silentLogger,
    });
    hosted.addSource(() => heard.values());
    hosted.start();
  };
  beforeEach(() => {
    clock = new ManualClock();
    records = new SharedRecords(clock);
    start();
  });
  afterEach(() => hosted.stop());

  const hear = (name: string, state: Partial<HostedNode> = {}) =>
    heard.set(name, {
      wallet: wallet(name).address,
      nodeId: name,
      heardMs: clock.nowMs(),
      activeTasks: 0,
      maxTasks: 2,
      load: 0,
      ...state,
    });
  const statusOf = (name: string) => statusIn(hosted.digest(), hostedHash(wallet(name).address, name));
  const isRecorded = (name: string) => records.as("host").get(kinds.node, host, name) !== undefined;

  it("are alive until three intervals of silence, offline from six", () => {
    records.vouch("host", "a");
    records.vouch("host", "b");
    hear("a");
    const seen: string[] = [];
    for (let missed = 0; missed <= 6; missed++) {
      hear("b");
      seen.push(statusOf("a"));
      assert.equal(statusOf("b"), "alive");
      assert.equal(hosted.isMissed("a"), missed >= 3);
      clock.advance(intervalMs);
    }
    assert.deepEqual(seen, ["alive", "alive", "alive", "suspect", "suspect", "suspect", "offline"]);
  });

  it("are neither alive nor offline when the host has just started, and offline when they do not come back", () => {
    records.vouch("host", "a");
    records.vouch("host", "b");
    clock.advance(3_600_000);
    void hosted.stop();
    start();
    assert.equal(statusOf("a"), "suspect");
    clock.advance(3 * intervalMs);
    hear("b");
    assert.equal(statusOf("a"), "suspect");
    assert.equal(statusOf("b"), "alive");
    clock.advance(3 * intervalMs);
    assert.equal(statusOf("a"), "offline");
  });

  it("are counted with their slots and tasks while they are heard", () => {
    for (const name of ["a", "b", "c"]) records.vouch("host", name);
    hear("a", { activeTasks: 1, maxTasks: 4 });
    hear("b", { activeTasks: 3, maxTasks: 2 });
    hear("stranger");
    const { heard: count, freeSlots, activeTasks } = hosted.digest();
    assert.deepEqual([count, freeSlots, activeTasks], [2, 3, 4]);
    assert.deepEqual(hosted.counts, { alive: 2, suspect: 1, offline: 0 });
    clock.advance(6 * intervalMs);
    assert.equal(hosted.digest().heard, 0);
  });

  it("are heard when any of the host's roles hears them", () => {
    records.vouch("host", "a");
    hear("a");
    clock.advance(6 * intervalMs);
    const late = { ...(heard.get("a") as HostedNode), heardMs: clock.nowMs() };
    hosted.addSource(() => [late]);
    assert.equal(statusOf("a"), "alive");
  });

  it("are no longer spoken of when the record is gone, or is the wallet's own", () => {
    records.vouch("host", "a");
    records.host("host");
    assert.equal(hosted.size, 1);
    records.put(host, "a", {}, true);
    assert.equal(hosted.size, 0);
  });

  it("keep their record while they are heard, and lose it half a day after", async () => {
    records.vouch("host", "a");
    records.vouch("host", "b");
    for (let hours = 0; hours < 30; hours++) {
      hear("a");
      if (hours === 0) hear("b");
      clock.advance(0);
      await hosted.upkeep();
      clock.set(clock.nowMs() + 3_600_000);
      assert.ok(isRecorded("a"));
      assert.equal(isRecorded("b"), hours * 3_600_000 < withdrawAfterMs);
    }
    assert.ok(withdrawAfterMs < nodeLifeMs);
    // One renewal every half a life, not one an hour.
    assert.ok(records.published < 8);
  });

  it("need no new record when they register the same again, unless it grows old or they were given up", () => {
    const proof = { operation: "RegisterComputeNode", body: Uint8Array.of(1, 2) };
    records.put(host, "a", { info: { node_id: "a", wallet_address: wallet("a").address }, proof });
    hear("a");
    hosted.digest();
    assert.ok(hosted.isVouched("a", { ...proof, timestamp: 5 }));
    assert.ok(!hosted.isVouched("a", { ...proof, body: Uint8Array.of(1, 3) }));
    assert.ok(!hosted.isVouched("b", proof));
    clock.advance(6 * intervalMs);
    hosted.digest();
    assert.ok(!hosted.isVouched("a", proof));
    hear("a");
    hosted.digest();
    assert.ok(hosted.isVouched("a", proof));
    clock.set(clock.nowMs() + nodeLifeMs / 2);
    hear("a");
    assert.ok(!hosted.isVouched("a", proof));
  });

  it("are suspect, not offline, while they have registered and not been heard", () => {
    clock.set(clock.nowMs() + 2 * withdrawAfterMs);
    const info = { node_id: "a", wallet_address: wallet("a").address };
    records.put(host, "a", { info, proof: { timestamp: Math.floor(clock.nowMs() / 1_000) } });
    assert.equal(statusOf("a"), "suspect");
    clock.advance(6 * intervalMs);
    assert.equal(statusOf("a"), "offline");
  });

  it("have their upkeep every minute, one after the other", async () => {
    records.vouch("host", "a");
    clock.set(clock.nowMs() + withdrawAfterMs);
    await clock.run(60_000);
    assert.equal(isRecorded("a"), false);
  });

  it("are deleted at once when so many are offline that the digest has no room to say it", async () => {
    const worker = wallet("worker").address;
    const vouchFor = (id: string) =>
      records.put(host, id, { info: { node_id: id, wallet_address: worker }, roles: ["compute"] });
    const template = { wallet: worker, activeTasks: 0, maxTasks: 1, load: 0 };
    const hearNow = (id: string) => heard.set(id, { ...template, nodeId: id, heardMs: clock.nowMs() });
    const gone = Array.from({ length: maxListed + 3 }, (_, n) => `gone-${n}`);
    const here = Array.from({ length: maxListed + 4 }, (_, n) => `here-${n}`);
    for (const id of [...gone, ...here]) vouchFor(id);
    for (const id of gone) hearNow(id);
    clock.advance(6 * intervalMs);
    for (const id of here) hearNow(id);
    await hosted.upkeep();
    assert.equal(hosted.size, 2 * maxListed + 4);
    assert.ok(here.every(isRecorded));
  });
});
