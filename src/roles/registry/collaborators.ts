import type { Clock, Genesis, Logger, RandomBytes } from "../../base/index.ts";
import type { Chain, Signer } from "../../chain/index.ts";
import type { Cosigner } from "../../cosign/round.ts";
import type {
  CoreKinds,
  Liveness,
  NodeDirectory,
  NodeView,
  Replica,
  Reputation,
} from "../../records/index.ts";
import type { Store } from "../../storage/store.ts";

/** What the parts of a registry work with. */
export interface RegistryContext {
  readonly genesis: Genesis;
  readonly network: string;
  readonly replica: Pick<Replica, "publish" | "remove" | "get" | "list">;
  readonly kinds: Pick<CoreKinds, "node" | "subnet" | "validator">;
  readonly nodes: Pick<NodeDirectory, "list" | "find" | "get" | "byWallet">;
  readonly liveness: Pick<Liveness, "heard">;
  readonly reputation: Pick<Reputation, "of">;
  /** Measured round trip to a node, or to the host that vouches for it; undefined when there is none yet. */
  readonly latencyMsOf: (node: NodeView) => number | undefined;
  /** Undefined on a network without a chain. */
  readonly chain: Chain | undefined;
  readonly cosigner: Cosigner;
  readonly signer: Signer;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
}
