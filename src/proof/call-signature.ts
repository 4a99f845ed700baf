import { addressPattern, fromHex, sha256, toHex } from "../base/bytes.ts";
import { type Clock, nowSec, type RandomBytes } from "../base/clock.ts";
import { type Genesis, networkId, signingDomain } from "../base/genesis.ts";
import { callHeaderNames } from "./call-headers.ts";
import type { Signer } from "./signer.ts";
import { clientRequestMessage } from "./typed-messages.ts";
import { recoverSigner } from "./wallet.ts";

// A wallet's signature over one call: its operation, its body as sent, a time and a nonce that is used once.

export interface CallSignature {
  /** Lower-case address that claims to have signed. */
  readonly address: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

/** Makes the headers of signed calls; fits the `headers` option of a gRPC client. */
export function signedHeaders(options: {
  signer: Signer;
  genesis: Genesis;
  clock: Clock;
  random: RandomBytes;
}) {
  const { signer, genesis, clock, random } = options;
  const domain = signingDomain(genesis, true);
  const network = networkId(genesis);
  return async (operation: string, body: Uint8Array): Promise<Record<string, string>> => {
    const nonce = random(32);
    const timestamp = nowSec(clock);
    const message = clientRequestMessage(domain, {
      network,
      operation,
      bodyHash: sha256(body),
      timestamp,
      nonce,
    });
    return {
      [callHeaderNames.address]: signer.address,
      [callHeaderNames.timestamp]: String(timestamp),
      [callHeaderNames.nonce]: toHex(nonce),
      [callHeaderNames.signature]: toHex(await signer.signTyped(message)),
    };
  };
}

/** Reads the four headers. Undefined when none is there; the name of the first bad one when they are no signature. */
export function parseCallSignature(
  header: (name: string) => string | undefined,
): CallSignature | { readonly badHeader: string } | undefined {
  const values = Object.values(callHeaderNames).map(header);
  if (values.every((value) => value === undefined)) return undefined;
  const [address = "", timestamp = "", nonce = "", signature = ""] = values;
  if (!addressPattern.test(address)) return { badHeader: callHeaderNames.address };
  if (!/^[1-9]\d{0,14}$/.test(timestamp)) return { badHeader: callHeaderNames.timestamp };
  if (!/^0x[0-9a-fA-F]{64}$/.test(nonce)) return { badHeader: callHeaderNames.nonce };
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return { badHeader: callHeaderNames.signature };
  return {
    address: address.toLowerCase(),
    timestamp: Number(timestamp),
    nonce: fromHex(nonce),
    signature: fromHex(signature),
  };
}

/** True when the named wallet did sign this call. Says nothing about time or replay. */
export function isSignedCall(
  genesis: Genesis,
  call: CallSignature,
  operation: string,
  body: Uint8Array,
): boolean {
  const message = clientRequestMessage(signingDomain(genesis, true), {
    network: networkId(genesis),
    operation,
    bodyHash: sha256(body),
    timestamp: call.timestamp,
    nonce: call.nonce,
  });
  return recoverSigner(message.digest, call.signature) === call.address;
}
