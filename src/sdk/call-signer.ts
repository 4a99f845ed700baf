import { sha256, toHex } from "../base/bytes.ts";
import { type Clock, nowSec, type RandomBytes } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { callHeaderNames } from "../proof/call-headers.ts";
import { domainName, domainVersion, typedFields } from "../proof/typed-fields.ts";
import { SdkError } from "./errors.ts";
import type { Network } from "./network.ts";
import type { Wallet } from "./wallets.ts";

export interface CallSignerOptions {
  readonly wallet: Wallet;
  readonly network: (signal: AbortSignal) => Promise<Network>;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Signs calls with the wallet: each anew, since a nonce is good once (docs/auth.md). */
export class CallSigner {
  readonly #o: CallSignerOptions;

  constructor(options: CallSignerOptions) {
    this.#o = options;
  }

  /** `body` is the body as sent, or the request target where there is none. @throws SdkError UNAUTHENTICATED when the wallet refuses */
  async headers(operation: string, body: Uint8Array, signal: AbortSignal): Promise<Record<string, string>> {
    const { wallet, clock, random } = this.#o;
    const network = await this.#o.network(signal);
    const timestamp = nowSec(clock);
    const nonce = toHex(random(32));
    const domain = { name: domainName, version: domainVersion, ...network.domain };
    const types = { ClientRequest: typedFields.ClientRequest.map((field) => ({ ...field })) };
    const value = { network: network.id, operation, bodyHash: toHex(sha256(body)), timestamp, nonce };
    let signature: string;
    try {
      signature = await wallet.signTypedData(domain, types, value);
    } catch (cause) {
      throw new SdkError("UNAUTHENTICATED", `the wallet did not sign ${operation}: ${messageOf(cause)}`, {
        cause,
      });
    }
    signal.throwIfAborted();
    return {
      [callHeaderNames.address]: wallet.address.toLowerCase(),
      [callHeaderNames.timestamp]: String(timestamp),
      [callHeaderNames.nonce]: nonce,
      [callHeaderNames.signature]: signature,
    };
  }
}
