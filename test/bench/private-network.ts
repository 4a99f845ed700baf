import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { type Genesis, genesisSchema, toHex } from "../../src/base/index.ts";
import { createLocalSigner } from "../../src/chain/index.ts";
import { loadOrCreatePeerKey } from "../../src/mesh/index.ts";
import { peerKeyFile } from "../../src/node/index.ts";
import { freePort } from "../support/free-port.ts";

// A network without a chain, laid out in a folder of its own: genesis, keys and one configuration per node.

export interface LaidOutNode {
  readonly folder: string;
  readonly privateKey: Uint8Array;
  readonly address: string;
}

export interface PrivateNetwork {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly validators: readonly LaidOutNode[];
  readonly gateway: LaidOutNode;
  remove(): Promise<void>;
}

const host = "127.0.0.1";
const noLimits = { submit: 0, read: 0, act: 0, work: 0 };

export async function layOutNetwork(options: {
  readonly validators: number;
  /** M; 0 for a network without rounds. */
  readonly required: number;
  readonly asked: number;
}): Promise<PrivateNetwork> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const layOutNode = async (name: string): Promise<LaidOutNode> => {
    const privateKey = new Uint8Array(randomBytes(32));
    const at = join(folder, name);
    await mkdir(join(at, "data"), { recursive: true, mode: 0o700 });
    return { folder: at, privateKey, address: createLocalSigner(privateKey).address };
  };
  const validators = await Promise.all(
    Array.from({ length: options.validators }, (_, index) => layOutNode(`validator-${index + 1}`)),
  );
  const gateway = await layOutNode("gateway");
  const genesis = genesisSchema.parse({
    name: "bench",
    devnet: true,
    chain: null,
    validators: validators.map(({ address }) => ({ address, stake_wei: "1000000000000000000" })),
    cosign: { asked: options.asked, required: options.required },
  });
  await writeFile(join(folder, "genesis.json"), JSON.stringify(genesis));
  // The gateway is what the others join by.
  const port = await freePort();
  const key = await loadOrCreatePeerKey(join(gateway.folder, "data", peerKeyFile));
  const bootstrap = [`/ip4/${host}/tcp/${port}/p2p/${peerIdFromPrivateKey(key)}`];
  const configure = (node: LaidOutNode, rest: object) =>
    writeFile(
      join(node.folder, "config.yaml"),
      JSON.stringify({
        genesis: "../genesis.json",
        log_level: "warn",
        wallet: { private_key: toHex(node.privateKey) },
        heartbeat_interval_ms: 2_000,
        // What is measured is how fast it can be.
        limits: { grpc: noLimits, http: noLimits },
        ...rest,
      }),
      { mode: 0o600 },
    );
  await configure(gateway, {
    roles: ["gateway"],
    mesh: { listen: [`/ip4/${host}/tcp/${port}`], bootstrap: [] },
    grpc: { gateway: `${host}:0` },
    http: { listen: `${host}:0` },
    websocket: { listen: `${host}:0` },
  });
  for (const validator of validators) {
    await configure(validator, {
      roles: ["validator", "registry"],
      mesh: { listen: [`/ip4/${host}/tcp/0`], bootstrap },
      grpc: { registry: `${host}:0` },
    });
  }
  return {
    folder,
    genesis,
    validators,
    gateway,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
