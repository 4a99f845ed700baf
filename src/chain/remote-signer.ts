import { type Clock, CountersignError, fromHex, messageOf, toHex } from "../base/index.ts";
import type { Signer, TypedMessage, TypedValue } from "../proof/signer.ts";
import {
  domainFields,
  domainName,
  domainVersion,
  type TypedName,
  typedFields,
} from "../proof/typed-fields.ts";
import { personalDigest, recoverSigner, signatureBytes } from "../proof/wallet.ts";
import { abortable } from "./abortable.ts";
import { RpcClient, RpcError, toQuantity } from "./rpc.ts";
import type { TransactionFields, TransactionSender } from "./transaction-sender.ts";

// A wallet whose key lies behind a signer's JSON-RPC (Clef, Web3Signer, a wallet's own bridge): `eth_signTypedData_v4`,
// `personal_sign` or `eth_sign`, `eth_signTransaction`. Every answer is checked against the wallet's address.

const methodNotFound = -32601;
/** Signed once at the start, to learn whether the signer holds the key. */
const probeHash = new Uint8Array(32);

export interface RemoteWallet {
  readonly signer: Signer;
  readonly sender: TransactionSender;
}

/**
 * Opens the wallet and has it sign once, so that a wrong address or a locked key is told at the start.
 * @throws CountersignError UNAVAILABLE when the signer does not answer or refuses, CONFIG_INVALID when it signs for another address
 */
export async function openRemoteWallet(options: {
  readonly url: string;
  /** Lower-case address whose key the signer holds. */
  readonly address: string;
  readonly clock: Clock;
  /** Gives up the opening. */
  readonly signal?: AbortSignal;
}): Promise<RemoteWallet> {
  const { url, address, clock, signal } = options;
  const rpc = new RpcClient(url, clock);
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      return await rpc.call<unknown>(method, params);
    } catch (error) {
      if (error instanceof RpcError && error.rpcCode === methodNotFound) throw error;
      const problem =
        error instanceof RpcError ? `refused ${method}: ${messageOf(error)}` : "does not answer";
      throw new CountersignError("UNAVAILABLE", `the remote signer at ${rpc.shownUrl} ${problem}`, {}, error);
    }
  };
  const checked = (answer: unknown, digest: Uint8Array): Uint8Array => {
    const signature = readSignature(answer);
    if (signature !== undefined && recoverSigner(digest, signature) === address) return signature;
    throw new CountersignError(
      "CONFIG_INVALID",
      `wallet.remote: the signer at ${rpc.shownUrl} does not sign for ${address}`,
    );
  };
  const signHash = async (hash: Uint8Array): Promise<Uint8Array> => {
    const answer = await ask("personal_sign", [toHex(hash), address]).catch((error: unknown) => {
      // Web3Signer has `eth_sign` alone, which prefixes the message in the same way.
      if (error instanceof RpcError) return ask("eth_sign", [address, toHex(hash)]);
      throw error;
    });
    return checked(answer, personalDigest(hash));
  };
  await abortable(signHash(probeHash), signal);
  return {
    signer: {
      address,
      signHash,
      signTyped: async (message) =>
        checked(
          await ask("eth_signTypedData_v4", [address, JSON.stringify(typedDataOf(message))]),
          message.digest,
        ),
    },
    sender: {
      address,
      async signTransaction(fields) {
        const answer = await ask("eth_signTransaction", [transactionOf(address, fields)]);
        const { Transaction } = await import("ethers/transaction");
        const signed = Transaction.from(rawOf(answer));
        // A signer that fills in fields of its own would break the nonces' order.
        if (signed.from?.toLowerCase() !== address || signed.nonce !== fields.nonce || signed.hash === null) {
          throw new CountersignError(
            "UNAVAILABLE",
            `the remote signer at ${rpc.shownUrl} signed another transaction than it was asked to`,
          );
        }
        return { raw: signed.serialized, hash: signed.hash };
      },
    },
  };
}

/** The message as `eth_signTypedData_v4` takes it: 64-bit and larger numbers as decimal strings, bytes as hex. */
export function typedDataOf({ type, domain, value }: TypedMessage) {
  const plain = (one: TypedValue): string | number => {
    if (one instanceof Uint8Array) return toHex(one);
    return typeof one === "bigint" ? one.toString() : one;
  };
  const message = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  return {
    types: { EIP712Domain: domainFields, [type]: typedFields[type as TypedName] },
    primaryType: type,
    domain: { name: domainName, version: domainVersion, ...domain },
    message,
  };
}

function transactionOf(from: string, fields: TransactionFields) {
  return {
    from,
    ...(fields.to === undefined ? {} : { to: fields.to }),
    data: fields.data,
    value: toQuantity(fields.valueWei),
    nonce: toQuantity(fields.nonce),
    gas: toQuantity(fields.gasLimit),
    maxFeePerGas: toQuantity(fields.maxFeePerGasWei),
    maxPriorityFeePerGas: toQuantity(fields.maxPriorityFeePerGasWei),
    chainId: toQuantity(fields.chainId),
  };
}

/** Undefined for what is no signature. Some signers count the recovery id from 0. */
function readSignature(answer: unknown): Uint8Array | undefined {
  if (typeof answer !== "string" || !/^0x[0-9a-fA-F]+$/.test(answer)) return undefined;
  if (answer.length !== 2 + 2 * signatureBytes) return undefined;
  const signature = new Uint8Array(fromHex(answer));
  const last = signatureBytes - 1;
  if ((signature[last] ?? 0) < 27) signature[last] = (signature[last] ?? 0) + 27;
  return signature;
}

/** Web3Signer and anvil answer the raw transaction, Clef and geth an object that holds it. */
function rawOf(answer: unknown): string {
  const raw = typeof answer === "object" && answer !== null && "raw" in answer ? answer.raw : answer;
  if (typeof raw === "string") return raw;
  throw new CountersignError("UNAVAILABLE", "the remote signer answered no transaction");
}
