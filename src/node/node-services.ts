import { join } from "node:path";
import { type Clock, type Genesis, type Logger, networkId, type RandomBytes } from "../base/index.ts";
import type { Chain, Signer, ValidatorSet } from "../chain/index.ts";
import { genesisValidatorSet } from "../cosign/index.ts";
import { openEventLog, type StoredEventLog } from "../events/index.ts";
import { type Libp2pMesh, startMesh } from "../mesh/index.ts";
import {
  type CoreKinds,
  createCoreKinds,
  Liveness,
  NodeDirectory,
  type OpenReplica,
  openReplica,
  Reputation,
} from "../records/index.ts";
import type { Store } from "../storage/index.ts";
import { allEnded } from "./all-ended.ts";
import type { NodeConfig } from "./config.ts";
import { awaitChain } from "./connect-chain.ts";
import { databaseFile, migrations, peerKeyFile } from "./migrations.ts";
import { nodeIdOf } from "./node-id.ts";
import { type Platform, systemPlatform } from "./platform.ts";
import { openWallet } from "./wallet.ts";

/** Everything below the roles, up and running. */
export interface NodeServices {
  readonly network: string;
  readonly genesis: Genesis;
  readonly signer: Signer;
  readonly store: Store;
  readonly events: StoredEventLog;
  readonly chain: Chain | undefined;
  readonly mesh: Libp2pMesh;
  readonly kinds: CoreKinds;
  readonly replica: OpenReplica;
  readonly liveness: Liveness;
  readonly directory: NodeDirectory;
  readonly reputation: Reputation;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  readonly platform: Platform;
  validatorSet(): ValidatorSet;
}

export interface ServiceOptions {
  readonly config: NodeConfig;
  readonly genesis: Genesis;
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly features: () => readonly string[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly platform?: Platform;
  /** Takes what was started, to stop it in the reverse order. */
  readonly onStarted: (name: string, stop: () => Promise<void> | void) => void;
}

/** Starts storage, chain, mesh, replica and co-signing, what does not depend on each other at the same time. */
export async function startServices(options: ServiceOptions): Promise<NodeServices> {
  const { config, genesis, clock, random, logger, signal, onStarted, platform = systemPlatform } = options;
  const network = networkId(genesis);
  const dataFile = (name: string) => join(config.data_dir, name);

  const storeUp = async (): Promise<Store> => {
    const store = await platform.openStore({ path: dataFile(databaseFile), migrations, signal });
    onStarted("storage", () => store.close());
    return store;
  };
  const [store, wallet, peerKey] = await allEnded([
    storeUp(),
    openWallet(config.wallet, options.environment, clock, signal),
    platform.peerKey(dataFile(peerKeyFile)),
  ]);
  const { signer } = wallet;

  const chainUp = async (): Promise<Chain | undefined> => {
    if (genesis.chain === null) return undefined;
    const chain = await awaitChain({
      config: config.chain,
      genesis,
      sender: await wallet.sender(),
      clock,
      logger: logger.child({ component: "chain" }),
      signal,
    });
    onStarted("chain", () => chain.stop());
    return chain;
  };
  const meshUp = async (): Promise<Libp2pMesh> => {
    const { gossip } = config.mesh;
    const mesh = await startMesh({
      network,
      privateKey: peerKey,
      listen: config.mesh.listen,
      announce: config.mesh.announce,
      bootstrap: config.mesh.bootstrap,
      wantedPeers: config.mesh.wanted_peers,
      peersPerPrefix: config.mesh.peers_per_prefix,
      allow: config.mesh.allow,
      deny: config.mesh.deny,
      gossip: { degree: gossip.degree, heartbeatMs: gossip.heartbeat_ms },
      datastoreFolder: dataFile("peers"),
      ...platform.mesh,
      version: options.version,
      features: options.features,
      nodeId: nodeIdOf(config, signer.address),
      clock,
      logger: logger.child({ component: "mesh" }),
      signal,
    });
    onStarted("mesh", () => mesh.stop());
    return mesh;
  };
  const eventsUp = async (): Promise<StoredEventLog> => {
    const events = await openEventLog(store, clock);
    onStarted("events", () => events.stop());
    return events;
  };
  const [chain, mesh, events] = await allEnded([chainUp(), meshUp(), eventsUp()]);
  const validatorSet = (): ValidatorSet => chain?.validatorSet() ?? genesisSet;
  const genesisSet = genesisValidatorSet(genesis);

  const kinds = createCoreKinds(genesis);
  const verifier = platform.createVerifier?.({ genesis, network, clock });
  const replica = await openReplica({
    network,
    store,
    signer,
    mesh,
    clock,
    logger: logger.child({ component: "records" }),
    kinds: Object.values(kinds),
    random,
    ...(verifier === undefined ? {} : { verifier }),
  });
  onStarted("replica", () => replica.stop());
  const liveness = new Liveness({
    replica,
    kind: kinds.node,
    clock,
    intervalMs: config.heartbeat_interval_ms,
  });
  mesh.subscribe("heartbeat", (message) => liveness.onGossip(message));
  onStarted("liveness", () => liveness.stop());
  const directory = new NodeDirectory({ replica, kind: kinds.node, liveness, clock });
  onStarted("directory", () => directory.stop());
  const reputation = new Reputation({
    replica,
    kind: kinds.reputation,
    self: signer.address,
    stakeOf: (address) => validatorSet().entries.find((entry) => entry.address === address)?.stakeWei ?? 0n,
    clock,
    logger: logger.child({ component: "reputation" }),
  });
  onStarted("reputation", () => reputation.stop());

  return {
    network,
    genesis,
    signer,
    store,
    events,
    chain,
    mesh,
    kinds,
    replica,
    liveness,
    directory,
    reputation,
    clock,
    random,
    logger,
    platform,
    validatorSet,
  };
}
