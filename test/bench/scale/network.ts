import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { genesisSchema, networkId, sha256, signingDomain, silentLogger } from "../../../src/base/index.ts";
import { clientRequestMessage, createLocalSigner, type Signer } from "../../../src/chain/index.ts";
import type { Mesh } from "../../../src/mesh/index.ts";
import {
  createCoreKinds,
  type NodeRecord,
  type OpenReplica,
  openReplica,
  recordMigrations,
} from "../../../src/records/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { NodeInfo } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export const genesis = genesisSchema.parse({ name: "scale", chain: null, cosign: { required: 0 } });
export const kinds = createCoreKinds(genesis);
export const clock = new ManualClock(Date.now());

export const newWallet = (): Signer => createLocalSigner(new Uint8Array(randomBytes(32)));

/** A replica on disk, and where it keeps it. */
export async function replicaOf(
  signer: Signer,
  mesh: Pick<Mesh, "peerId" | "publish" | "subscribe" | "answer" | "request" | "onPeer" | "peers">,
): Promise<{ replica: OpenReplica; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-scale-"));
  const store = await openStore({ path: join(folder, "node.db"), migrations: recordMigrations });
  const replica = await openReplica({
    network: networkId(genesis),
    store,
    signer,
    mesh,
    clock,
    logger: silentLogger,
    kinds: Object.values(kinds),
  });
  return {
    replica,
    async stop() {
      await replica.stop();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A compute node of the usual size, as its host vouches for it: with the registration that the node signed. */
export async function vouchedNode(nodeId: string): Promise<{ wallet: string; record: NodeRecord }> {
  const worker = newWallet();
  const info = NodeInfo.decode(
    NodeInfo.encode({
      node_id: nodeId,
      node_type: "compute",
      ip_address: "203.0.113.7",
      port: 8828,
      capabilities: ["gpu", "text"],
      wallet_address: worker.address,
      max_tasks: 4,
      supported_models: [
        { model_uuid: "llama-3.2-3b", name: "Llama 3.2 3B", category: "text", price_wei: "1000000000000000" },
        { model_uuid: "embedder", name: "Embedder", category: "embedding", price_wei: "100000000000000" },
      ],
    }).finish(),
  );
  const body = NodeInfo.encode(info).finish();
  const nonce = new Uint8Array(randomBytes(32));
  const timestamp = Math.floor(clock.nowMs() / 1000);
  const operation = "RegisterComputeNode";
  const bodyHash = sha256(body);
  const message = clientRequestMessage(signingDomain(genesis, true), {
    network: networkId(genesis),
    operation,
    bodyHash,
    timestamp,
    nonce,
  });
  const proof = { operation, body, timestamp, nonce, signature: await worker.signTyped(message) };
  return { wallet: worker.address, record: { info, roles: ["compute"], proof } };
}
