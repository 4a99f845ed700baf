import assert from "node:assert/strict";
import fc from "fast-check";
import { silentLogger } from "../../../src/base/index.ts";
import {
  type HostedNode,
  HostedNodes,
  Liveness,
  NodeDirectory,
  type NodeStatus,
  startHeartbeats,
} from "../../../src/records/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { SharedRecords } from "./hosting.ts";
import { kinds, wallet } from "./network.ts";

const intervalMs = 10_000;
const hostNames = ["host-1", "host-2"] as const;
const workerNames = ["w-1", "w-2", "w-3"] as const;

/** A heartbeat on its way, with what its host really knew when it sent it. */
interface OnItsWay {
  readonly data: Uint8Array;
  readonly sentMs: number;
  readonly heardMs: ReadonlyMap<string, number>;
}

/** A node that hears workers directly and gossips of them; what it sends waits until the test delivers or loses it. */
class Host {
  readonly name: string;
  readonly heardMs = new Map<string, number>();
  readonly outbox: OnItsWay[] = [];
  readonly stop: () => void;
  readonly beatNow: () => void;

  constructor(name: string, clock: ManualClock, records: SharedRecords) {
    this.name = name;
    const replica = records.as(name);
    const liveness = new Liveness({ replica, kind: kinds.node, clock });
    const hosted = new HostedNodes({
      replica,
      kind: kinds.node,
      liveness,
      wallet: wallet(name).address,
      intervalMs,
      clock,
      logger: silentLogger,
    });
    hosted.addSource(() => this.#nodes());
    const beats = startHeartbeats({
      mesh: {
        publish: async (_topic, data) => {
          this.outbox.push({ data, sentMs: clock.nowMs(), heardMs: new Map(this.heardMs) });
          return 1;
        },
      },
      liveness,
      clock,
      logger: silentLogger,
      nodeId: name,
      wallet: wallet(name).address,
      state: () => ({ activeTasks: 0, maxTasks: 9, load: 0, hosted: hosted.digest() }),
    });
    this.beatNow = beats.beatNow;
    this.stop = () => {
      beats.stop();
      void hosted.stop();
      liveness.stop();
    };
  }

  *#nodes(): Iterable<HostedNode> {
    for (const [name, heardMs] of this.heardMs)
      yield { wallet: wallet(name).address, nodeId: name, heardMs, activeTasks: 1, maxTasks: 4, load: 0.25 };
  }
}

/** Hosts, the workers that they vouch for, and somebody who only hears gossip. */
class Scene {
  readonly clock = new ManualClock();
  readonly records = new SharedRecords(this.clock);
  readonly observer: Liveness;
  readonly directory: NodeDirectory;
  readonly hosts: Host[] = [];
  readonly startedMs: number;

  constructor(hosts: readonly string[] = hostNames) {
    for (const name of hosts) {
      this.records.host(name);
      for (const worker of workerNames) this.records.vouch(name, worker);
    }
    // Long ago: records are no sign of life.
    this.clock.set(this.clock.nowMs() + 3_600_000);
    const replica = this.records.as("observer");
    this.observer = new Liveness({ replica, kind: kinds.node, clock: this.clock });
    this.directory = new NodeDirectory({
      replica,
      kind: kinds.node,
      liveness: this.observer,
      clock: this.clock,
    });
    this.clock.set(this.clock.nowMs() + 6 * intervalMs);
    this.startedMs = this.clock.nowMs();
    for (const name of hosts) this.start(name);
  }

  start(name: string): Host {
    const host = new Host(name, this.clock, this.records);
    this.hosts.push(host);
    return host;
  }

  host(name: string): Host {
    return this.hosts.findLast((host) => host.name === name) ?? assert.fail(name);
  }

  hear(host: string, worker: string): void {
    this.host(host).heardMs.set(worker, this.clock.nowMs());
  }

  /** Brings what a host has sent to the observer. */
  deliver(name: string): void {
    for (const { data } of this.host(name).outbox.splice(0)) this.observer.onGossip({ author: name, data });
  }

  node(worker: string) {
    return this.directory.get(wallet(worker).address, worker) ?? assert.fail(worker);
  }

  stop(): void {
    for (const host of this.hosts) host.stop();
    this.directory.stop();
    this.observer.stop();
  }
}

describe("nodes behind hosts, as others see them", () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene.stop());

  const next = (...hosts: string[]) => {
    scene.clock.advance(intervalMs);
    for (const host of hosts) scene.deliver(host);
  };

  it("follow what their host hears, one interval later at most", () => {
    const seen: NodeStatus[] = [];
    for (let n = 0; n < 3; n++) scene.hear("host-1", workerNames[n] ?? "");
    for (let missed = 0; missed < 8; missed++) {
      next("host-1");
      seen.push(scene.node("w-1").status);
    }
    assert.deepEqual(seen, [
      "alive",
      "alive",
      "suspect",
      "suspect",
      "suspect",
      "offline",
      "offline",
      "offline",
    ]);
    scene.hear("host-1", "w-1");
    scene.host("host-1").beatNow();
    next("host-1");
    assert.equal(scene.node("w-1").status, "alive");
    assert.equal(scene.node("w-2").status, "offline");
  });

  it("are alive when either of two hosts hears them, and say which", () => {
    for (let n = 0; n < 8; n++) {
      scene.hear("host-2", "w-1");
      next("host-1", "host-2");
    }
    assert.equal(scene.node("w-1").status, "alive");
    assert.deepEqual(scene.node("w-1").hosts, [wallet("host-2").address]);
    assert.deepEqual(scene.node("w-2").hosts, []);
  });

  it("are no better off than their host", () => {
    scene.hear("host-1", "w-1");
    next("host-1");
    const seen: NodeStatus[] = [];
    for (let missed = 0; missed < 7; missed++) {
      seen.push(scene.node("w-1").status);
      scene.hear("host-1", "w-1");
      next();
    }
    assert.deepEqual(seen, ["alive", "alive", "alive", "suspect", "suspect", "suspect", "offline"]);
  });

  it("are suspect when their host has just started, and alive once they have come back to it", () => {
    scene.hear("host-1", "w-1");
    next("host-1");
    scene.host("host-1").stop();
    scene.start("host-1");
    scene.deliver("host-1");
    assert.equal(scene.node("w-1").status, "suspect");
    scene.hear("host-1", "w-1");
    next("host-1");
    assert.equal(scene.node("w-1").status, "alive");
    assert.equal(scene.node("w-2").status, "suspect");
    for (let n = 0; n < 6; n++) {
      scene.hear("host-1", "w-1");
      next("host-1");
    }
    assert.equal(scene.node("w-2").status, "offline");
  });

  it("share the load that their host tells of, and the time of its heartbeat", () => {
    scene.hear("host-1", "w-1");
    scene.hear("host-1", "w-2");
    next("host-1");
    const { load, activeTasks, lastHeartbeatMs } = scene.node("w-1");
    assert.deepEqual([load, activeTasks, lastHeartbeatMs], [0.25, 0, scene.clock.nowMs()]);
  });

  it("are only spoken for by hosts", () => {
    const lone = new Scene([]);
    lone.records.host("mallory", ["compute"]);
    lone.records.vouch("mallory", "w-1");
    lone.clock.set(lone.clock.nowMs() + 3_600_000);
    const mallory = lone.start("mallory");
    lone.hear("mallory", "w-1");
    mallory.beatNow();
    lone.clock.advance(intervalMs);
    lone.deliver("mallory");
    assert.equal(lone.directory.get(wallet("mallory").address, "mallory")?.status, "alive");
    assert.equal(lone.node("w-1").status, "offline");
    lone.stop();
  });

  it("tell those who wait when they are back", () => {
    next("host-1", "host-2");
    let returns = 0;
    scene.observer.onReturn(() => returns++);
    next("host-1", "host-2");
    assert.equal(returns, 0);
    scene.hear("host-1", "w-1");
    next("host-1", "host-2");
    assert.equal(returns, 1);
  });

  const step = fc.record({
    heard: fc.array(fc.tuple(fc.constantFrom(...hostNames), fc.constantFrom(...workerNames)), {
      maxLength: 4,
    }),
    /** Which of a host's heartbeats arrive, oldest first; a number past the end is none, so some are lost or late. */
    arrive: fc.array(fc.tuple(fc.constantFrom(...hostNames), fc.nat({ max: 3 })), { maxLength: 3 }),
    lost: fc.option(fc.constantFrom(...hostNames)),
    aheadMs: fc.integer({ min: 1_000, max: intervalMs }),
  });

  it("are what the newest heartbeat that came says, whatever was lost, late or reordered", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const run = new Scene();
        const newest = new Map<string, { beat: OnItsWay; cameMs: number }>();
        try {
          for (const { heard, arrive, lost, aheadMs } of steps) {
            for (const [host, worker] of heard) run.hear(host, worker);
            run.clock.advance(aheadMs);
            for (const [host, index] of arrive) {
              const [beat] = run.host(host).outbox.splice(index, 1);
              if (beat === undefined) continue;
              run.observer.onGossip({ author: host, data: beat.data });
              const isNewer = beat.sentMs >= (newest.get(host)?.beat.sentMs ?? 0);
              const isFresh = run.clock.nowMs() - beat.sentMs <= 6 * intervalMs;
              if (isNewer && isFresh) newest.set(host, { beat, cameMs: run.clock.nowMs() });
            }
            if (lost !== null) run.host(lost).outbox.length = 0;
            for (const worker of workerNames) check(run, newest, worker);
          }
        } finally {
          run.stop();
        }
      }),
      { numRuns: 200 },
    );
  });

  /** Never better than a heartbeat could have said, never worse than the newest one that came. */
  function check(
    run: Scene,
    newest: ReadonlyMap<string, { beat: OnItsWay; cameMs: number }>,
    worker: string,
  ): void {
    const nowMs = run.clock.nowMs();
    const { status } = run.node(worker);
    const silentMs = Math.min(...run.hosts.map((host) => nowMs - (host.heardMs.get(worker) ?? 0)));
    // Three of the node's at the host, three of the host's here, and six that a heartbeat may be under way.
    if (status === "alive") assert.ok(silentMs < 12 * intervalMs);
    const isWell = [...newest.values()].some(
      ({ beat, cameMs }) =>
        nowMs - cameMs < 3 * intervalMs && beat.sentMs - (beat.heardMs.get(worker) ?? 0) < 3 * intervalMs,
    );
    assert.equal(status === "alive", isWell);
    const neverMs = nowMs - run.startedMs;
    if (Math.min(silentMs, neverMs) >= 18 * intervalMs) assert.equal(status, "offline");
  }
});
