import { type Clock, CountersignError } from "../../base/index.ts";
import type { Caller, Operation } from "../../operations/index.ts";
import type { Identity, IncomingCall, Permissions } from "../front/index.ts";
import type { AccessFile } from "./access-file.ts";
import type { User } from "./access-rules.ts";
import { hashOfKey, shownKey } from "./api-keys.ts";

/** Where the rules of the moment are. Undefined on a node without an access file. */
export type Access = Pick<AccessFile, "rules"> | undefined;

export interface CallerIdentityOptions {
  readonly wallets: Identity;
  readonly access: Access;
  readonly clock: Clock;
  readonly mode: "optional" | "required";
}

/** Finds out who calls, by API key and by wallet. Both may be shown; then both must be right. */
export class CallerIdentity implements Identity {
  readonly #o: CallerIdentityOptions;

  constructor(options: CallerIdentityOptions) {
    this.#o = options;
  }

  /**
   * @throws CountersignError UNAUTHENTICATED, in the same words and after the same work for a key that is unknown,
   *   revoked or expired, so that nobody learns which keys there are
   */
  async identify(operation: Pick<Operation, "name" | "access">, call: IncomingCall): Promise<Caller> {
    const user = this.#userOf(call);
    if (user === undefined) return await this.#o.wallets.identify(operation, call);
    // A key says who calls, but signs nothing that others would believe.
    const { name, access } = operation;
    const asked = { name, access: access === "open" ? "proven" : access } as const;
    const caller = await this.#o.wallets.identify(asked, call);
    return { ...caller, user: user.name, account: user.account };
  }

  #userOf(call: IncomingCall): User | undefined {
    const { access, clock, mode } = this.#o;
    if (access === undefined && mode === "optional") return undefined;
    const key = shownKey(call);
    if (key === undefined) return undefined;
    if (access === undefined) {
      throw new CountersignError(
        "UNAUTHENTICATED",
        "this node knows no API keys: sign the call with a wallet, or have the operator set access.file",
      );
    }
    const user = access.rules.userOfKey(hashOfKey(key), clock.nowMs());
    if (user !== undefined) return user;
    throw new CountersignError(
      "UNAUTHENTICATED",
      "the API key is not known to this node, revoked or expired; ask its operator for one",
    );
  }
}

/** What the access file permits; everything where there is none. */
export class AccessPermissions implements Permissions {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** @throws CountersignError UNAUTHENTICATED for who might do it as somebody, ACCESS_DENIED for who may not; both name the operation */
  check(caller: Caller, operation: Pick<Operation, "name" | "group">): void {
    if (this.#access === undefined || caller.isLocal) return;
    const { rules } = this.#access;
    const user = rules.userOf(caller);
    if (user !== undefined && rules.may(user, operation)) return;
    const { name, group } = operation;
    if (caller.user === undefined && caller.wallet === undefined) {
      throw new CountersignError(
        "UNAUTHENTICATED",
        `${name} is not for everybody here: show an API key, or sign the call with a wallet that may do it`,
        { operation: name },
      );
    }
    const who = caller.user === undefined ? `wallet ${caller.wallet}` : `user ${caller.user}`;
    throw new CountersignError(
      "ACCESS_DENIED",
      `${who} may not call ${name} here; the node's operator can allow it, or its group ${group}, in the access file`,
      { operation: name },
    );
  }
}
