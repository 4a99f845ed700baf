import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { memory } from "@libp2p/memory";
import { type Genesis, silentLogger, systemClock, systemRandom, toHex } from "../../../src/base/index.ts";
import { createPeerKey } from "../../../src/mesh/index.ts";
import { nodeConfigSchema } from "../../../src/node/config.ts";
import { type NodeServices, startServices } from "../../../src/node/node-services.ts";
import { keepOwnRecord } from "../../../src/node/own-record.ts";
import { systemPlatform } from "../../../src/node/platform.ts";
import { startRoles } from "../../../src/node/start-roles.ts";
import { StopList } from "../../../src/node/stop-list.ts";

export interface NodeInMemory {
  readonly nodeId: string;
  readonly services: NodeServices;
  /** Somebody's gossip has reached it. */
  hasHeard(): boolean;
  /** Milliseconds that each part of the start took. */
  readonly partsMs: Readonly<Record<"services" | "roles" | "record", number>>;
  stop(): Promise<void>;
}

/** A whole gateway without facades: its network is memory, its disk is real. */
export async function startInMemory(options: {
  readonly name: string;
  readonly folder: string;
  readonly genesis: Genesis;
  readonly bootstrap: readonly string[];
  readonly signal: AbortSignal;
}): Promise<NodeInMemory> {
  const { name, genesis, bootstrap, signal } = options;
  const dataFolder = join(options.folder, name);
  await mkdir(dataFolder, { recursive: true });
  const stops = new StopList(silentLogger);
  const peerKey = await createPeerKey();
  const config = nodeConfigSchema.parse({
    data_dir: dataFolder,
    roles: ["gateway"],
    wallet: { private_key: toHex(new Uint8Array(randomBytes(32))) },
    mesh: { listen: [`/memory/${name}`], bootstrap },
  });
  const partsMs = { services: 0, roles: 0, record: 0 };
  const timed = async <T>(part: keyof typeof partsMs, work: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const result = await work();
    partsMs[part] = performance.now() - startedMs;
    return result;
  };
  try {
    const services = await timed("services", () =>
      startServices({
        config,
        genesis,
        version: "bench",
        environment: {},
        features: () => config.roles,
        clock: systemClock,
        random: systemRandom,
        logger: silentLogger,
        signal,
        platform: {
          openStore: systemPlatform.openStore,
          markFile: systemPlatform.markFile,
          peerKey: async () => peerKey,
          mesh: { transport: memory() },
        },
        onStarted: (part, stop) => stops.add(part, stop),
      }),
    );
    let heard = 0;
    // A topic that gateways do not use.
    services.mesh.subscribe("snapshots", () => {
      heard++;
      return "accept";
    });
    const running = await timed("roles", () =>
      startRoles({ config, folder: dataFolder, environment: {} }, services, stops),
    );
    const { nodeId } = running;
    const cancelRecord = await timed("record", () =>
      keepOwnRecord({
        services,
        nodeId,
        roles: config.roles,
        version: "bench",
        grpcAddress: "",
        registryAddress: "",
        computeInfo: undefined,
        logger: silentLogger,
      }),
    );
    stops.add("own record", cancelRecord);
    running.beatNow();
    return { nodeId, services, partsMs, hasHeard: () => heard > 0, stop: () => stops.run() };
  } catch (error) {
    await stops.run();
    throw error;
  }
}
