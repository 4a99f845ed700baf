import { monitorEventLoopDelay } from "node:perf_hooks";
import { genesisSchema, networkId, silentLogger, systemClock } from "../../../src/base/index.ts";
import { createLocalSigner } from "../../../src/chain/index.ts";
import { createPeerKey, startMesh } from "../../../src/mesh/index.ts";
import { createCoreKinds, openReplica, recordMigrations, VerifyPool } from "../../../src/records/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { cpuMs } from "../processes.ts";

// A replica on the mesh, and nothing else. Arguments: database, genesis as JSON, number of records to wait for, peer to join by.

const [path = "", genesisJson = "", wanted = "0", ...bootstrap] = process.argv.slice(2);
const genesis = genesisSchema.parse(JSON.parse(genesisJson));
const network = networkId(genesis);
const clock = systemClock;
const kinds = createCoreKinds(genesis);
const store = await openStore({ path, migrations: recordMigrations });
const mesh = await startMesh({
  network,
  privateKey: await createPeerKey(),
  listen: ["/ip4/127.0.0.1/tcp/0"],
  bootstrap,
});
const replica = await openReplica({
  network,
  store,
  signer: createLocalSigner(new Uint8Array(32).fill(process.pid % 251, 0, 31).fill(1, 31)),
  mesh,
  clock,
  logger: silentLogger,
  kinds: Object.values(kinds),
  verifier: new VerifyPool({ genesis, network, clock }),
});

const lag = monitorEventLoopDelay({ resolution: 5 });
let connectedMs: number | undefined;
let cpuBefore = 0;
mesh.onPeer(() => {
  if (connectedMs !== undefined) return;
  connectedMs = performance.now();
  cpuBefore = cpuMs(process.pid);
  lag.enable();
});

process.once("disconnect", () => process.exit());
process.on("message", () =>
  process.send?.({ counters: { ...replica.syncCounters(), cpuMs: cpuMs(process.pid) } }),
);
process.send?.({ ready: mesh.addresses() });

if (Number(wanted) > 0) {
  while ((replica.counts()["node"] ?? 0) < Number(wanted))
    await new Promise((resolve) => setTimeout(resolve, 20));
  lag.disable();
  process.send?.({
    done: {
      ms: performance.now() - (connectedMs ?? 0),
      cpuMs: cpuMs(process.pid) - cpuBefore,
      loopP99Ms: lag.percentile(99) / 1e6,
      loopMaxMs: lag.max / 1e6,
    },
  });
}
