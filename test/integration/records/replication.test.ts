import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLogger, systemClock } from "../../../src/base/index.ts";
import { createPeerKey, type Libp2pMesh, startMesh } from "../../../src/mesh/index.ts";
import {
  Liveness,
  NodeDirectory,
  type OpenReplica,
  openReplica,
  recordMigrations,
  startHeartbeats,
} from "../../../src/records/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { kinds, network, nodeInfo, noteKind, signedNote, wallet } from "../../unit/records/network.ts";
import { eventually, gossipReady } from "../mesh/network.ts";

interface Node {
  readonly name: string;
  readonly mesh: Libp2pMesh;
  readonly store: Store;
  readonly replica: OpenReplica;
  readonly liveness: Liveness;
  readonly directory: NodeDirectory;
}

describe("replicas over libp2p", () => {
  const stops: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function startNode(name: string, bootstrap: readonly Node[] = []): Promise<Node> {
    const folder = tempFolder();
    stops.push(() => folder.remove());
    const clock = systemClock;
    const store = await openStore({ path: join(folder.path, "node.db"), migrations: recordMigrations });
    stops.push(() => store.close());
    const mesh = await startMesh({
      network,
      privateKey: await createPeerKey(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      bootstrap: bootstrap.flatMap((node) => node.mesh.addresses()),
      gossip: { heartbeatMs: 200 },
    });
    stops.push(() => mesh.stop());
    const replica = await openReplica({
      network,
      store,
      signer: wallet(name),
      mesh,
      clock,
      logger: silentLogger,
      kinds: [...Object.values(kinds), noteKind],
    });
    stops.push(() => replica.stop());
    const liveness = new Liveness({ replica, kind: kinds.node, clock });
    mesh.subscribe("heartbeat", (message) => liveness.onGossip(message));
    const directory = new NodeDirectory({ replica, kind: kinds.node, liveness, clock });
    stops.push(() => {
      directory.stop();
      liveness.stop();
    });
    return { name, mesh, store, replica, liveness, directory };
  }

  async function contents({ store }: Node): Promise<string> {
    const rows = await store.all<{ encoded: Uint8Array }>("SELECT encoded FROM records ORDER BY key");
    return rows.map(({ encoded }) => Buffer.from(encoded).toString("hex")).join("\n");
  }

  it("a node that joins copies what is there, then everyone hears what is new, byte for byte", async () => {
    const first = await startNode("first");
    const version = systemClock.nowMs();
    const notes = await Promise.all(
      Array.from({ length: 700 }, (_, index) => signedNote(wallet("someone"), { id: `n${index}`, version })),
    );
    await first.replica.merge(notes);
    const second = await startNode("second", [first]);
    const third = await startNode("third", [first]);
    const all = [first, second, third];
    await eventually(() => all.every(({ replica }) => replica.list(noteKind).length === 700));

    await gossipReady(
      all.map(({ mesh }) => mesh),
      "records",
    );
    await Promise.all(all.map(({ name, replica }) => replica.publish(noteKind, "hello", name)));
    await first.replica.publish(noteKind, "short-lived", "x");
    await first.replica.remove(noteKind, "short-lived");
    const isSame = async () => new Set(await Promise.all(all.map(contents))).size === 1;
    // 700 notes, three greetings and a deletion.
    const isComplete = async () => (await contents(first)).split("\n").length === 704;
    // What is on disk is in memory a moment later.
    const isListed = () => all.every(({ replica }) => replica.list(noteKind).length === 703);
    const endMs = Date.now() + 30_000;
    while (!(isListed() && (await isComplete()) && (await isSame()))) {
      assert.ok(Date.now() < endMs, `lists hold ${all.map(({ replica }) => replica.list(noteKind).length)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { replica } of all) {
      const { isInSync, peers } = await replica.compare(2, new AbortController().signal);
      assert.deepEqual([isInSync, peers.length], [true, 2]);
    }
  });

  it("a node's heartbeats are believed by the others for its peer id and wallet", async () => {
    const first = await startNode("first");
    const second = await startNode("second", [first]);
    await gossipReady([first.mesh, second.mesh], "heartbeat");
    await gossipReady([first.mesh, second.mesh], "records");
    const info = nodeInfo(wallet("first"), { node_id: "one", peer_id: first.mesh.peerId });
    await first.replica.publish(kinds.node, "one", { info, roles: ["compute"] });
    const beats = startHeartbeats({
      mesh: first.mesh,
      liveness: first.liveness,
      clock: systemClock,
      logger: silentLogger,
      nodeId: "one",
      wallet: wallet("first").address,
      state: () => ({ activeTasks: 3, maxTasks: 5, load: 0.6 }),
    });
    stops.push(() => beats.stop());
    await eventually(() => second.directory.find("one")?.activeTasks === 3);
    const seen = second.directory.find("one");
    assert.deepEqual([seen?.status, seen?.maxTasks, seen?.load], ["alive", 5, 0.6]);
    assert.notEqual(seen?.lastHeartbeatMs, undefined);
  });
});
