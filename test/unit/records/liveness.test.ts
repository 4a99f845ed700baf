import assert from "node:assert/strict";
import fc from "fast-check";
import { silentLogger } from "../../../src/base/index.ts";
import { hostedLists } from "../../../src/records/hosted-digest.ts";
import {
  type HeartbeatState,
  Liveness,
  NodeDirectory,
  type NodeRecord,
  type OpenReplica,
  startHeartbeats,
} from "../../../src/records/index.ts";
import { countersign } from "../../../src/wire/index.ts";
import { kinds, nodeInfo, TestNetwork, wallet } from "./network.ts";

const intervalMs = 10_000;

describe("liveness", () => {
  let network: TestNetwork;
  let watcher: OpenReplica;
  let gateway: OpenReplica;
  let liveness: Liveness;
  let directory: NodeDirectory;
  let sequence: number;
  beforeEach(async () => {
    network = new TestNetwork();
    watcher = await network.replica("watcher");
    gateway = await network.replica("gateway");
    liveness = new Liveness({ replica: watcher, kind: kinds.node, clock: network.clock });
    directory = new NodeDirectory({ replica: watcher, kind: kinds.node, liveness, clock: network.clock });
    sequence = 1;
  });
  afterEach(async () => {
    directory.stop();
    liveness.stop();
    await network.close();
  });

  const publish = async (replica: OpenReplica, record: NodeRecord) => {
    await replica.publish(kinds.node, record.info?.node_id ?? "", record);
    await network.spread();
  };
  const gatewayRecord = (changes: object = {}): NodeRecord => ({
    info: nodeInfo(wallet("gateway"), {
      node_id: "gw",
      node_type: "gateway",
      peer_id: "gateway",
      ...changes,
    }),
    roles: ["gateway"],
  });
  const beat = (changes: countersign.v1.Heartbeat.$Properties = {}, author = "gateway") =>
    liveness.onGossip({
      author,
      data: countersign.v1.Heartbeat.encode({
        node_id: "gw",
        wallet: wallet("gateway").address,
        sequence: sequence++,
        time_ms: network.clock.nowMs(),
        active_tasks: 1,
        max_tasks: 4,
        load: 0.25,
        ...changes,
      }).finish(),
    });
  /** The verdict of a heartbeat that is parked, once it comes. */
  const parked = async (handled: ReturnType<typeof beat>) => {
    assert.ok(typeof handled === "object");
    return handled.parked;
  };

  const status = (name = "gateway", nodeId = "gw") => directory.get(wallet(name).address, nodeId)?.status;

  it("goes from alive to suspect after three missed heartbeats and to offline after six", async () => {
    await publish(gateway, gatewayRecord());
    network.clock.advance(60_000);
    assert.equal(beat(), "accept");
    const seen = [];
    for (let missed = 0; missed <= 7; missed++) {
      seen.push(status());
      network.clock.advance(intervalMs);
    }
    assert.deepEqual(seen, [
      "alive",
      "alive",
      "alive",
      "suspect",
      "suspect",
      "suspect",
      "offline",
      "offline",
    ]);
    assert.equal(beat(), "accept");
    assert.equal(status(), "alive");
  });

  it("counts a new record as alive for three intervals", async () => {
    await publish(gateway, gatewayRecord());
    assert.equal(status(), "alive");
    network.clock.advance(3 * intervalMs);
    assert.equal(status(), "suspect");
    network.clock.advance(3 * intervalMs);
    assert.equal(status(), "offline");
  });

  it("calls nobody offline before it has listened for six intervals itself", async () => {
    await publish(gateway, gatewayRecord());
    network.clock.advance(3_600_000);
    const fresh = new Liveness({ replica: watcher, kind: kinds.node, clock: network.clock });
    const version = watcher.list(kinds.node)[0]?.version ?? 0;
    const statusOf = () => fresh.statusOf(wallet("gateway").address, "gw", version);
    assert.equal(statusOf(), "suspect");
    network.clock.advance(6 * intervalMs);
    assert.equal(statusOf(), "offline");
    fresh.stop();
  });

  it("tells when a node is heard again that was silent for long, and not of every beat", async () => {
    await publish(gateway, gatewayRecord());
    let returns = 0;
    const cancel = liveness.onReturn(() => returns++);
    beat();
    assert.equal(returns, 1);
    network.clock.advance(intervalMs);
    beat();
    assert.equal(returns, 1);
    network.clock.advance(6 * intervalMs);
    beat();
    assert.equal(returns, 2);
    cancel();
    network.clock.advance(6 * intervalMs);
    beat();
    assert.equal(returns, 2);
  });

  it("never breaks on what a stranger sends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        assert.notEqual(liveness.onGossip({ author: "stranger", data }), "accept");
      }),
    );
  });

  it("believes a heartbeat only from the peer that the node's record names", async () => {
    await publish(gateway, gatewayRecord());
    network.clock.advance(60_000);
    const forged = parked(beat({}, "mallory"));
    assert.equal(status(), "offline");
    assert.equal(beat(), "accept");
    assert.equal(status(), "alive");
    network.clock.advance(3 * intervalMs);
    assert.equal(await forged, "ignore");
  });

  it("takes a heartbeat once, and none that is older", async () => {
    await publish(gateway, gatewayRecord());
    assert.equal(beat({ sequence: 10 }), "accept");
    assert.equal(beat({ sequence: 10, load: 1 }), "ignore");
    assert.equal(beat({ sequence: 9, load: 1 }), "ignore");
    assert.equal(directory.find("gw")?.load, 0.25);
    assert.equal(beat({ sequence: 11, time_ms: network.clock.nowMs() - 61_000 }), "ignore");
    assert.equal(beat({ sequence: 11, time_ms: network.clock.nowMs() + 61_000 }), "ignore");
  });

  it("rejects what is no heartbeat or cannot be", async () => {
    await publish(gateway, gatewayRecord());
    assert.equal(liveness.onGossip({ author: "gateway", data: new Uint8Array([1, 2, 3]) }), "reject");
    assert.equal(beat({ load: 1.5 }), "reject");
    assert.equal(beat({ load: Number.NaN }), "reject");
    assert.equal(beat({ wallet: "nobody" }), "reject");
    assert.equal(beat({ node_id: "" }), "reject");
    assert.equal(beat({ sequence: 0 }), "reject");
    assert.equal(beat({ active_tasks: 100_000 }), "reject");
    assert.equal(beat({ hosted: { offline: new Uint8Array(7) } }), "reject");
  });

  it("keeps the heartbeat of an unknown node until its record comes, and passes it on then", async () => {
    const first = parked(beat({ active_tasks: 3 }));
    assert.equal(directory.find("gw"), undefined);
    await publish(gateway, gatewayRecord());
    assert.equal(await first, "accept");
    assert.equal(directory.find("gw")?.activeTasks, 3);
  });

  it("keeps only the newest heartbeat of an unknown node", async () => {
    const first = parked(beat({ active_tasks: 3 }));
    const second = parked(beat({ active_tasks: 2 }));
    assert.equal(await first, "ignore");
    assert.equal(beat({ sequence: 1, active_tasks: 1 }), "ignore");
    await publish(gateway, gatewayRecord());
    assert.equal(await second, "accept");
    assert.equal(directory.find("gw")?.activeTasks, 2);
  });

  it("lets go of an unknown node's heartbeat after three intervals, and of all when it stops", async () => {
    const late = parked(beat());
    network.clock.advance(3 * intervalMs);
    assert.equal(await late, "ignore");
    const waiting = parked(beat());
    liveness.stop();
    assert.equal(await waiting, "ignore");
  });

  it("forgets the longest waiting heartbeats of unknown nodes, not the program's memory", async () => {
    const first = parked(beat({ active_tasks: 3 }));
    for (let n = 0; n < 256; n++) beat({ wallet: wallet("x").address }, `stranger-${n}`);
    assert.equal(await first, "ignore");
    await publish(gateway, gatewayRecord());
    assert.equal(directory.find("gw")?.activeTasks, 0);
  });

  it("hears a node's heartbeats at once, every interval and when asked, and knows its own state", async () => {
    await publish(gateway, gatewayRecord());
    const mesh = network.gossip.join("gateway-beats");
    const sent: countersign.v1.Heartbeat[] = [];
    const hears = network.gossip.join("listener");
    hears.subscribe("heartbeat", ({ data }) => {
      sent.push(countersign.v1.Heartbeat.decode(data));
      return "accept";
    });
    const own = new Liveness({ replica: gateway, kind: kinds.node, clock: network.clock });
    let state: HeartbeatState = { activeTasks: 0, maxTasks: 2, load: 0 };
    const beats = startHeartbeats({
      mesh,
      liveness: own,
      clock: network.clock,
      logger: silentLogger,
      nodeId: "gw",
      wallet: wallet("gateway").address,
      state: () => state,
    });
    await network.clock.run(2 * intervalMs);
    state = {
      activeTasks: 2,
      maxTasks: 2,
      load: 3,
      hosted: { heard: 7, freeSlots: 0, activeTasks: 0, ...hostedLists([]) },
    };
    // Asked for often, it beats once a second.
    for (let n = 0; n < 10; n++) beats.beatNow();
    await network.clock.run(1_000);
    beats.stop();
    await network.clock.run(intervalMs);
    assert.deepEqual(
      sent.map(({ active_tasks, load, hosted }) => [active_tasks, load, hosted?.heard]),
      [
        [0, 0, undefined],
        [0, 0, undefined],
        [0, 0, undefined],
        [2, 1, 7],
      ],
    );
    assert.ok(sent.every((one, index) => index === 0 || one.sequence > (sent[index - 1]?.sequence ?? 0)));
    assert.equal(own.lastHeard(wallet("gateway").address, "gw")?.activeTasks, 2);
    own.stop();
  });

  it("beats again soon for as long as no neighbour is there to hear it", async () => {
    const neighbours = [0, 0, 3, 3];
    const sentAtMs: number[] = [];
    const startMs = network.clock.nowMs();
    const own = new Liveness({ replica: gateway, kind: kinds.node, clock: network.clock });
    const beats = startHeartbeats({
      mesh: {
        async publish() {
          sentAtMs.push(network.clock.nowMs() - startMs);
          return neighbours.shift() ?? 3;
        },
      },
      liveness: own,
      clock: network.clock,
      logger: silentLogger,
      nodeId: "gw",
      wallet: wallet("gateway").address,
      state: () => ({ activeTasks: 0, maxTasks: 2, load: 0 }),
    });
    // The timer that a beat sets is set in a later turn.
    for (let step = 0; step < 42; step++) await network.clock.run(250);
    beats.stop();
    own.stop();
    assert.deepEqual(sentAtMs, [0, 250, 500, intervalMs]);
  });
});
