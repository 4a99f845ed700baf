import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLogger, systemClock } from "../../../src/base/index.ts";
import { createPeerKey, startMesh } from "../../../src/mesh/index.ts";
import { openReplica, recordMigrations } from "../../../src/records/index.ts";
import { encodeBundle } from "../../../src/records/record-bundle.ts";
import { openStore } from "../../../src/storage/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { kinds, network, noteKind, signedNote, wallet } from "../../unit/records/network.ts";
import { Attacker } from "../mesh/attacker.ts";
import { eventually, TestNetwork } from "../mesh/network.ts";

const hourMs = 3_600_000;

describe("a peer that gossips bad records", () => {
  const net = new TestNetwork();
  const stops: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    await net.stop();
  });

  async function startReplica(name: string, bootstrap: readonly string[] = []) {
    const folder = tempFolder();
    stops.push(() => folder.remove());
    const store = await openStore({ path: join(folder.path, "node.db"), migrations: recordMigrations });
    stops.push(() => store.close());
    const mesh = await startMesh({
      network,
      privateKey: await createPeerKey(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      bootstrap,
      wantedPeers: 1,
      gossip: { heartbeatMs: 200 },
    });
    stops.push(() => mesh.stop());
    const replica = await openReplica({
      network,
      store,
      signer: wallet(name),
      mesh,
      clock: systemClock,
      logger: silentLogger,
      kinds: [...Object.values(kinds), noteKind],
    });
    stops.push(() => replica.stop());
    const notes = () =>
      replica
        .list(noteKind)
        .map(({ payload }) => payload)
        .sort();
    return { mesh, replica, notes };
  }

  it("with forged owners, other networks, future and stale versions changes nothing, nor holds up honest ones", async () => {
    const victim = await startReplica("victim");
    const honest = await startReplica("honest", victim.mesh.addresses());
    const listener = await startReplica("listener", victim.mesh.addresses());
    const attacker = await Attacker.at(victim.mesh, net);
    await eventually(() => victim.mesh.topics().some(({ topic, mesh }) => topic === "records" && mesh === 3));
    const nowMs = systemClock.nowMs();
    const alice = wallet("alice");
    await victim.replica.merge([await signedNote(alice, { version: nowMs, text: "newest" })]);

    const forged = await signedNote(
      { ...wallet("mallory"), address: alice.address },
      { version: nowMs + 1, text: "forged" },
    );
    const ofOtherNetwork = await signedNote(alice, { network: "other-89abcdef", version: nowMs + 2 });
    const fromFuture = await signedNote(alice, { version: nowMs + hourMs, text: "future" });
    const stale = await signedNote(alice, { version: nowMs - 1, text: "stale" });
    for (const [index, record] of [stale, fromFuture, forged, ofOtherNetwork].entries()) {
      const before = attacker.seen()?.score ?? 0;
      await attacker.publish(encodeBundle([record]));
      await honest.replica.publish(noteKind, `h${index}`, `honest ${index}`);
      await eventually(
        () => listener.notes().filter((note) => note.startsWith("honest")).length === index + 1,
      );
      // Lateness and another's wrong clock cost nothing; forgery does.
      if (record === forged || record === ofOtherNetwork)
        await eventually(() => (attacker.seen()?.score ?? before) < before);
      else assert.ok((attacker.seen()?.score ?? -1) >= 0);
    }
    const honestNotes = [0, 1, 2, 3].map((index) => `honest ${index}`);
    await eventually(() => [victim, listener].every(({ notes }) => notes().length === 5));
    assert.deepEqual(victim.notes(), [...honestNotes, "newest"]);
    assert.deepEqual(listener.notes(), [...honestNotes, "newest"]);
    assert.equal(attacker.connection.status, "open");
    assert.equal(attacker.seen()?.penalty, 0);
  });
});
