import { type MarkFile, markFile } from "../cosign/index.ts";
import { loadOrCreatePeerKey, type MeshOptions, type PeerKey } from "../mesh/index.ts";
import { type BulkVerifier, VerifyPool, type VerifyPoolOptions } from "../records/index.ts";
import { openStore, type Store, type StoreOptions } from "../storage/index.ts";

/** What a node stands on. A simulator hands in disks and a network of its own; everything above is the same. */
export interface Platform {
  openStore(options: StoreOptions): Promise<Store>;
  peerKey(file: string): Promise<PeerKey>;
  markFile(path: string): MarkFile;
  readonly mesh: Pick<MeshOptions, "transport" | "openDatastore">;
  /** Checks records that come in bulk; without it the main thread does. */
  createVerifier?(options: VerifyPoolOptions): BulkVerifier;
}

export const systemPlatform: Platform = {
  openStore,
  peerKey: loadOrCreatePeerKey,
  markFile,
  mesh: {},
  createVerifier: (options) => new VerifyPool(options),
};
