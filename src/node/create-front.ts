import type { Clock, Genesis, Logger } from "../base/index.ts";
import {
  type AccessFile,
  AccessPermissions,
  Authenticator,
  CallerIdentity,
  Nonces,
} from "../facade/auth/index.ts";
import { Front, Limits } from "../facade/front/index.ts";
import type { Store } from "../storage/index.ts";
import type { NodeConfig } from "./config.ts";

export interface CreateFrontOptions {
  readonly config: Pick<NodeConfig, "auth" | "limits">;
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  /** Undefined on a node without an access file. */
  readonly access: AccessFile | undefined;
}

/** The one front of a node's facades: who calls is told by keys and wallets, what each may do by the access file. */
export function createFront({ config, genesis, clock, logger, store, access }: CreateFrontOptions): Front {
  const mode = config.auth;
  const wallets = new Authenticator({ genesis, nonces: new Nonces(store, clock), clock, mode });
  return new Front({
    identity: new CallerIdentity({ wallets, access, clock, mode }),
    permissions: new AccessPermissions(access),
    limits: new Limits(config.limits),
    clock,
    logger: logger.child({ component: "calls" }),
  });
}
