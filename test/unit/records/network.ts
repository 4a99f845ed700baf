import { join } from "node:path";
import { type Genesis, genesisSchema, networkId, sha256, silentLogger } from "../../../src/base/index.ts";
import { createLocalSigner, type Signer } from "../../../src/chain/index.ts";
import {
  type AnyRecordKind,
  createCoreKinds,
  deletionKeptMs,
  type OpenReplica,
  openReplica,
  type RecordKind,
  type ReplicaOptions,
  recordMigrations,
} from "../../../src/records/index.ts";
import { encodeRecord, type RecordFields, signedHash } from "../../../src/records/record-codec.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import { NodeInfo } from "../../../src/wire/index.ts";
import { LoopbackNetwork } from "../../support/loopback-network.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";

export const genesis: Genesis = genesisSchema.parse({ name: "test", chain: null });
export const network = networkId(genesis);
export const kinds = createCoreKinds(genesis);

/** A wallet that is the same in every run. */
export function wallet(name: string): Signer {
  return createLocalSigner(sha256(`wallet of ${name}`));
}

/** A kind of free text, for what is about records and not about their payload. */
export const noteKind: RecordKind<string> = {
  name: "note",
  maxPayloadBytes: 1_000,
  lifeMs: 3_600_000,
  encode: (payload) => new TextEncoder().encode(payload),
  decode: (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
  check: (_record, payload) => (payload === "forbidden" ? "nobody may say so" : undefined),
};

/** The bytes of a note as its owner signs it. */
export async function signedNote(
  owner: Signer,
  changes: Partial<RecordFields> & { readonly text?: string } = {},
): Promise<Uint8Array> {
  const { text = "hello", ...fields } = changes;
  const version = fields.version ?? new ManualClock().nowMs();
  const deleted = fields.deleted ?? false;
  const record: RecordFields = {
    network,
    kind: noteKind.name,
    owner: owner.address,
    id: "a",
    version,
    expiresAtMs: version + noteKind.lifeMs + (deleted ? deletionKeptMs : 0),
    deleted,
    payload: deleted ? new Uint8Array(0) : noteKind.encode(text),
    ...fields,
  };
  return encodeRecord(record, await owner.signHash(signedHash(record)));
}

export function nodeInfo(signer: Signer, changes: NodeInfo.$Properties = {}): NodeInfo {
  return NodeInfo.decode(
    NodeInfo.encode({
      node_id: "node-1",
      node_type: "compute",
      ip_address: "127.0.0.1",
      port: 9000,
      capabilities: ["gpu"],
      wallet_address: signer.address,
      supported_models: [{ model_uuid: "model-1", name: "Model", price_wei: "1000", max_tokens: 100 }],
      ...changes,
    }).finish(),
  );
}

/** Replicas on one loopback network and one clock; `close` stops all of them and removes their folders. */
export class TestNetwork {
  readonly clock = new ManualClock();
  readonly gossip = new LoopbackNetwork();
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #stores: Store[] = [];

  async store(): Promise<Store> {
    const folder = tempFolder();
    const store = await openStore({ path: join(folder.path, "node.db"), migrations: recordMigrations });
    this.#stores.push(store);
    this.#closing.push(async () => {
      await store.close();
      folder.remove();
    });
    return store;
  }

  /** A replica of the wallet's node; its peer id is the name. */
  async replica(
    name: string,
    store?: Store,
    more: readonly AnyRecordKind[] = [noteKind],
    options: Partial<ReplicaOptions> = {},
  ): Promise<OpenReplica> {
    const replica = await openReplica({
      network,
      store: store ?? (await this.store()),
      signer: wallet(name),
      // Joining again would take the place of the one that was handed in.
      mesh: options.mesh ?? this.gossip.join(name),
      clock: this.clock,
      logger: silentLogger,
      kinds: [...Object.values(kinds), ...more],
      ...options,
    });
    this.#closing.unshift(() => replica.stop());
    return replica;
  }

  /** Lets bundles go out and be handled. */
  async spread(): Promise<void> {
    await this.clock.run(200);
    await this.gossip.settled();
  }

  /** Resolves once nothing goes on any more that needs no clock: questions, checks, writes. */
  async quiet(): Promise<void> {
    for (let before = -1, still = 0; still < 2; still = before === this.gossip.requests ? still + 1 : 0) {
      before = this.gossip.requests;
      await this.gossip.settled();
      // Writes are done in order.
      for (const store of this.#stores)
        await store.transact([{ sql: "DELETE FROM records WHERE 0", params: [] }]);
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Moves the time on in steps, with everything done after each. */
  async live(forMs: number, stepMs = 1_000): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += stepMs) {
      await this.quiet();
      this.clock.advance(stepMs);
    }
    await this.quiet();
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }
}
