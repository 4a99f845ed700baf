import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { networkId, silentLogger, systemClock, systemRandom, utf8 } from "../../../src/base/index.ts";
import type { Signer } from "../../../src/chain/index.ts";
import {
  buildReceipt,
  createCosigner,
  genesisValidatorSet,
  markFile,
  paymentTree,
  type RunningCosigner,
  splitPrice,
  verifyReceipt,
} from "../../../src/cosign/index.ts";
import { createPeerKey, type Libp2pMesh, type PeerKey, startMesh } from "../../../src/mesh/index.ts";
import {
  guardMarkFileName,
  type KnownNode,
  startValidator,
  type Validator,
  validatorConfigSchema,
  validatorMigrations,
} from "../../../src/roles/validator/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import {
  client,
  completionOf,
  compute,
  gateway,
  genesisOf,
  preprocessingOf,
  roundOf,
  termsOf,
  validators,
} from "../../unit/cosign/builders.ts";
import { gossipReady, peerJoins } from "../mesh/network.ts";

const genesis = genesisOf();
const never = new AbortController().signal;

interface Running {
  readonly signer: Signer;
  readonly mesh: Libp2pMesh;
  readonly store: Store;
  readonly validator: Validator;
  stop(): Promise<void>;
}

/** Validators with their own mesh, database and guard, and one gateway that runs rounds. */
class CosignNetwork {
  readonly folder = tempFolder();
  readonly peerKeys = new Map<string, PeerKey>();
  readonly peerIds = new Map<string, string>();
  readonly running = new Map<string, Running>();
  readonly #listeners = new Set<() => void>();
  /** Wallets whose node the validators do not know. */
  readonly unknown = new Set<string>();
  readonly records: string[] = [];
  gatewayMesh!: Libp2pMesh;
  cosigner!: RunningCosigner;

  async start(silent = 0): Promise<void> {
    this.gatewayMesh = await this.#mesh(gateway.address, []);
    await Promise.all(validators.slice(silent).map((signer) => this.startValidator(signer)));
    this.cosigner = createCosigner({
      genesis,
      mesh: this.gatewayMesh,
      clock: systemClock,
      logger: silentLogger,
      initiator: gateway.address,
      validatorSet: () => genesisValidatorSet(genesis),
      peerOf: (validator) => this.peerIds.get(validator),
      recordsFor: () => [utf8("record")],
    });
    await gossipReady(
      [...this.running.values()].map(({ mesh }) => mesh),
      "cosign",
    );
  }

  async startValidator(signer: Signer): Promise<Running> {
    const mesh = await this.#mesh(signer.address, this.gatewayMesh.addresses());
    const dataFolder = join(this.folder.path, signer.address);
    mkdirSync(dataFolder, { recursive: true });
    const store = await openStore({ path: join(dataFolder, "node.db"), migrations: validatorMigrations });
    const validator = await startValidator({
      config: validatorConfigSchema.parse({}),
      genesis,
      mesh,
      store,
      markFile: markFile(join(dataFolder, guardMarkFileName)),
      signer,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      nodeId: signer.address,
      nodes: { byWallet: (wallet) => (this.unknown.has(wallet) ? [] : this.#nodesOf(wallet)) },
      subnets: {
        subnetIdOf: () => 0n,
        configHash: () => new Uint8Array(32),
        subnetFeeWei: () => 0n,
        readQuote: () => undefined,
      },
      payments: undefined,
      recheck: undefined,
      validatorSet: () => genesisValidatorSet(genesis),
      clockOffsetMs: () => undefined,
      mergeRecords: async (records) => {
        this.records.push(...records.map((record) => Buffer.from(record).toString()));
        this.unknown.clear();
        for (const listener of this.#listeners) listener();
      },
      onKnowledge: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      publishRecord: async () => {},
    });
    await peerJoins(mesh, this.gatewayMesh.peerId);
    const running: Running = {
      signer,
      mesh,
      store,
      validator,
      stop: async () => {
        this.running.delete(signer.address);
        await validator.stop();
        await mesh.stop();
        await store.close();
      },
    };
    this.running.set(signer.address, running);
    return running;
  }

  async stop(): Promise<void> {
    this.cosigner.stop();
    await Promise.all([...this.running.values()].map((one) => one.stop()));
    await this.gatewayMesh.stop();
    this.folder.remove();
  }

  run(changes = {}, withinMs = 5_000) {
    const nowMs = Date.now();
    return this.cosigner.run(
      roundOf(preprocessingOf(genesis, nowMs, changes), genesis, nowMs + withinMs),
      never,
    );
  }

  async #mesh(wallet: string, bootstrap: readonly string[]): Promise<Libp2pMesh> {
    const privateKey = this.peerKeys.get(wallet) ?? (await createPeerKey());
    this.peerKeys.set(wallet, privateKey);
    const mesh = await startMesh({
      network: networkId(genesis),
      privateKey,
      listen: ["/ip4/127.0.0.1/tcp/0"],
      gossip: { heartbeatMs: 200 },
      bootstrap,
    });
    this.peerIds.set(wallet, mesh.peerId);
    return mesh;
  }

  #nodesOf(wallet: string): KnownNode[] {
    const isGateway = wallet === gateway.address;
    if (!isGateway && wallet !== compute.address) return [];
    const info = isGateway
      ? { node_id: "gateway-1", node_type: "gateway" }
      : {
          node_id: "node-1",
          node_type: "compute",
          supported_models: [{ model_uuid: "model-1", price_wei: "1000" }],
        };
    return [
      {
        info: { ...info, wallet_address: wallet },
        roles: [info.node_type],
        status: "alive",
        peerId: isGateway ? this.gatewayMesh.peerId : undefined,
      },
    ];
  }
}

describe("co-sign rounds over the mesh", () => {
  let net: CosignNetwork;
  beforeEach(() => {
    net = new CosignNetwork();
  });
  afterEach(() => net.stop());

  it("sign a quote and its result, and the receipt holds", async () => {
    await net.start();
    const nowMs = Date.now();
    const bare = termsOf(genesis, nowMs);
    const quote = roundOf(
      { preprocessing: { client, model_uuid: "model-1", validation: bare } },
      genesis,
      nowMs + 5_000,
    );
    const first = await net.cosigner.run(quote, never);
    assert.equal(first.reached, true);
    const validation = { ...bare, validator_signatures: first.signatures };
    const completion = {
      ...(await completionOf(genesis, validation, Math.floor(nowMs / 1000))),
      output_data: "output",
    };
    const second = await net.cosigner.run(roundOf({ completion }, genesis, nowMs + 5_000), never);
    assert.equal(second.reached, true);
    const receipt = await buildReceipt(
      {
        genesis,
        validators: genesisValidatorSet(genesis),
        client,
        modelUuid: "model-1",
        inputData: "input",
        outputData: "output",
        validation,
        grants: [],
        completion: completion.completion ?? {},
        completionSignatures: second.signatures,
        paymentTx: undefined,
        payoutTx: undefined,
        issuedAtSec: Math.floor(nowMs / 1000),
      },
      gateway,
    );
    assert.deepEqual(verifyReceipt(receipt).problems, []);
  });

  it("are reached with two of five silent, for many tasks at once", async () => {
    await net.start(2);
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => net.run({ request_id: `task-${index}` })),
    );
    assert.ok(results.every(({ reached }) => reached));
  });

  it("are not reached with three of five silent, and the trail names them", async () => {
    await net.start(3);
    const result = await net.run({}, 600);
    assert.equal(result.reached, false);
    const silent = result.trail.verdicts?.filter(({ outcome }) => outcome === "no_answer");
    assert.deepEqual(
      silent?.map(({ validator_address }) => validator_address).sort(),
      validators
        .slice(0, 3)
        .map(({ address }) => address)
        .sort(),
    );
  });

  it("never get two signatures for one subject, also when every validator restarted between", async () => {
    await net.start();
    assert.equal((await net.run()).reached, true);
    // Late signatures are on disk once every validator has counted its verdict.
    await Promise.all(
      [...net.running.values()].map(async (one) => {
        while (one.validator.statistics().validationsTotal < 1)
          await new Promise((resolve) => setTimeout(resolve, 5));
      }),
    );
    await Promise.all(validators.map((signer) => net.running.get(signer.address)?.stop()));
    await Promise.all(validators.map((signer) => net.startValidator(signer)));
    const result = await net.run({ payment_tree: paymentTree(splitPrice(900n, genesis)) });
    assert.equal(result.reached, false);
    assert.deepEqual(result.signatures, []);
    const refusals = result.trail.verdicts?.filter(({ reason }) => reason === "CONFLICTS_WITH_SIGNED") ?? [];
    assert.ok(refusals.length >= 3);
  });

  it("teach validators the node that they do not know", async () => {
    await net.start();
    net.unknown.add(compute.address);
    const result = await net.run({}, 3_000);
    assert.equal(result.reached, true, JSON.stringify(result.trail));
    assert.ok(net.records.length >= 1);
    assert.ok(net.records.every((record) => record === "record"));
  });
});
