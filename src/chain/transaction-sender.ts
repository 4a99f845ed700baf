import { CountersignError, fromHex, toHex } from "../base/index.ts";
import { createDigestSigner } from "../proof/wallet.ts";

/** What a transaction says before it is signed. Amounts in wei. */
export interface TransactionFields {
  readonly chainId: number;
  readonly nonce: number;
  readonly to: string | undefined;
  readonly data: string;
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

export interface SignedTransaction {
  /** 0x hex, as `eth_sendRawTransaction` takes it. */
  readonly raw: string;
  readonly hash: string;
}

/** A wallet that signs transactions, wherever its key lies: here, or behind a remote signer's API. */
export interface TransactionSender {
  /** Lower-case address. */
  readonly address: string;
  signTransaction(fields: TransactionFields): Promise<SignedTransaction>;
  /**
   * Signs a bare digest: 65 bytes, v 27 or 28. For ERC-2612 permits; a signer that will not sign digests leaves it
   * out, and payments then take an approval and a second transaction.
   */
  readonly signDigest?: (digest: Uint8Array) => Promise<Uint8Array>;
}

/** A sender whose key lies in this process. `privateKey` is 32 bytes. @throws CountersignError CONFIG_INVALID */
export async function createLocalSender(privateKey: Uint8Array): Promise<TransactionSender> {
  const signer = signerOf(privateKey);
  return {
    address: signer.address,
    async signTransaction(fields) {
      // ethers takes long to load, and most nodes never send a transaction.
      const { Transaction } = await import("ethers/transaction");
      const transaction = Transaction.from({
        type: 2,
        chainId: fields.chainId,
        nonce: fields.nonce,
        to: fields.to ?? null,
        data: fields.data,
        value: fields.valueWei,
        gasLimit: fields.gasLimit,
        maxFeePerGas: fields.maxFeePerGasWei,
        maxPriorityFeePerGas: fields.maxPriorityFeePerGasWei,
      });
      transaction.signature = toHex(signer.signDigest(fromHex(transaction.unsignedHash)));
      return { raw: transaction.serialized, hash: transaction.hash ?? "" };
    },
    async signDigest(digest) {
      return signer.signDigest(digest);
    },
  };
}

function signerOf(privateKey: Uint8Array) {
  try {
    return createDigestSigner(privateKey);
  } catch {
    throw new CountersignError(
      "CONFIG_INVALID",
      "the wallet's key is not a secp256k1 private key of 32 bytes",
    );
  }
}
