import { type Clock, CountersignError, type Genesis } from "../../base/index.ts";
import { callHeaderNames, isSignedCall, parseCallSignature } from "../../chain/index.ts";
import type { Caller, Operation } from "../../operations/index.ts";
import type { Identity, IncomingCall } from "../front/index.ts";
import type { Nonces } from "./nonces.ts";

/** How far a signed call's time may be off, either way. */
export const signedCallWindowSec = 60;

export interface AuthenticatorOptions {
  readonly genesis: Genesis;
  readonly nonces: Nonces;
  readonly clock: Clock;
  /** `required`: every operation wants a signature or a key. `optional`: only those that act for a wallet, a signature. */
  readonly mode: "optional" | "required";
}

const anonymous: Caller = { wallet: undefined, proof: undefined, isLocal: false };

/** Finds out which wallet signed a call, the same way for every facade. */
export class Authenticator implements Identity {
  readonly #o: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#o = options;
  }

  /**
   * @throws CountersignError UNAUTHENTICATED when the signature is missing where it is needed, malformed, of
   *   another body, operation or network, too old, too new or used before
   */
  async identify(
    { name: operation, access }: Pick<Operation, "name" | "access">,
    { header, body }: Pick<IncomingCall, "header" | "body">,
  ): Promise<Caller> {
    const call = parseCallSignature(header);
    if (call === undefined) {
      if (access !== "wallet" && (access === "proven" || this.#o.mode === "optional")) return anonymous;
      throw refused(
        `${operation} must be signed: send ${Object.values(callHeaderNames).join(", ")}${access === "open" ? "; or show an API key" : ""}`,
      );
    }
    if ("badHeader" in call) throw refused(`${call.badHeader} is missing or malformed`);
    const nowSec = this.#o.clock.nowMs() / 1000;
    const offSec = Math.round(call.timestamp - nowSec);
    if (Math.abs(offSec) > signedCallWindowSec) {
      const when = offSec > 0 ? "in the future" : "old";
      throw refused(
        `${callHeaderNames.timestamp} is ${Math.abs(offSec)} s ${when}; at most ${signedCallWindowSec} s are allowed`,
      );
    }
    if (!isSignedCall(this.#o.genesis, call, operation, body)) {
      throw refused(
        `${callHeaderNames.signature} is not ${call.address}'s signature over this body, operation ${operation} and network`,
      );
    }
    const expiresAtMs = (call.timestamp + 2 * signedCallWindowSec) * 1000;
    if (!(await this.#o.nonces.use(call.address, call.nonce, expiresAtMs))) {
      throw refused(`${callHeaderNames.nonce} was used before; make a new one for every call`);
    }
    const { address, timestamp, nonce, signature } = call;
    return { wallet: address, proof: { operation, body, timestamp, nonce, signature }, isLocal: false };
  }
}

function refused(message: string): CountersignError {
  return new CountersignError("UNAUTHENTICATED", message);
}
