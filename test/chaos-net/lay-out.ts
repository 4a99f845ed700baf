import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { stringify } from "yaml";
import { systemRandom } from "../../src/base/index.ts";
import type { DevnetDeadlines, PlannedNode } from "../../src/devnet/index.ts";
import { type DevnetPlan, nodeNames, planDevnet } from "../../src/devnet/plan.ts";
import { loadOrCreatePeerKey } from "../../src/mesh/index.ts";
import { peerKeyFile } from "../../src/node/index.ts";
import type { Doors } from "./doors.ts";
import type { Lan } from "./lan.ts";

// What a network across hosts consists of, and the files that its nodes start from. Each node listens on the ports
// that a node has by default, so all hosts use the same ones.

export const ports = { chain: 8_545, p2p: 8_828, registry: 50_050, gateway: 50_051 } as const;
/** Whom joining nodes know from the start. */
const bootstrapNodes = ["validator-1", "gateway-1"];
/** Where the test stands. */
export const clientHost = "client";
export const chainHost = "chain";

export interface NetworkShape {
  readonly validators: number;
  readonly gateways: number;
  readonly computeNodes: number;
  /** Names of the gateways that all compute nodes work for. */
  readonly computeFor: readonly string[];
  readonly deadlines?: DevnetDeadlines;
  readonly withChain?: boolean;
  readonly bootstrap?: readonly string[];
  readonly logLevel?: string;
}

/** Gateways and validators answer calls. */
export function isServing(name: string): boolean {
  return !name.startsWith("compute");
}

export function portOf(name: string): number {
  return name.startsWith("gateway") ? ports.gateway : ports.registry;
}

/** Writes genesis, keys and configurations. What the plan says of addresses is how the test reaches them. */
export async function layOut(
  lan: Lan,
  doors: Doors,
  folder: string,
  shape: NetworkShape,
): Promise<DevnetPlan> {
  const { withChain = true, logLevel = "info" } = shape;
  const names = nodeNames(shape);
  const chain = withChain ? await doors.open(lan.addressOf(chainHost), ports.chain) : 0;
  const own: number[] = [];
  for (const name of names.filter(isServing)) own.push(await doors.open(lan.addressOf(name), portOf(name)));
  const bootstrap = await Promise.all(
    (shape.bootstrap ?? bootstrapNodes).map(async (name) => {
      const data = join(folder, name, "data");
      await mkdir(data, { recursive: true, mode: 0o700 });
      const peerId = peerIdFromPrivateKey(await loadOrCreatePeerKey(join(data, peerKeyFile)));
      return { name, address: `/ip4/${lan.addressOf(name)}/tcp/${ports.p2p}/p2p/${peerId}` };
    }),
  );
  const plan = planDevnet({
    shape: { ...shape, withChain, modelUrl: undefined, modelName: undefined, logLevel },
    ports: {
      chain,
      p2p: names.map(() => ports.p2p),
      registry: own.slice(0, shape.validators),
      gateway: own.slice(shape.validators),
      http: [],
      ws: [],
    },
    folder,
    random: systemRandom,
    bootstrap: [],
  });
  await writeFile(join(folder, "genesis.json"), JSON.stringify(plan.genesis));
  for (const node of plan.nodes) {
    await mkdir(node.folder, { recursive: true, mode: 0o700 });
    const others = bootstrap.filter(({ name }) => name !== node.name).map(({ address }) => address);
    const config = configOn(lan, node, shape, others);
    await writeFile(join(node.folder, "config.yaml"), stringify(config), { mode: 0o600 });
  }
  return plan;
}

/** The plan's configuration with the addresses of the node's host. */
function configOn(lan: Lan, node: PlannedNode, shape: NetworkShape, bootstrap: readonly string[]): object {
  const { chain, compute, ...config } = node.config as { readonly chain?: object; readonly compute?: object };
  const address = lan.addressOf(node.name);
  const gateways = shape.computeFor.map((name) => `${lan.addressOf(name)}:${ports.gateway}`);
  return {
    ...config,
    auth: "required",
    mesh: { bootstrap },
    grpc: { gateway: `${address}:${ports.gateway}`, registry: `${address}:${ports.registry}` },
    http: { listen: "" },
    websocket: { listen: "" },
    ...(chain === undefined
      ? {}
      : { chain: { ...chain, rpc_url: `http://${lan.addressOf(chainHost)}:${ports.chain}` } }),
    ...(compute === undefined ? {} : { compute: { ...compute, gateways } }),
  };
}
