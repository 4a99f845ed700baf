/** EIP-712 domain of a network's signed messages. */
export interface Domain {
  readonly chainId: number;
  readonly verifyingContract: string;
}

export type TypedValue = string | number | bigint | Uint8Array;

/** A typed message with its digest, ready to be signed locally or by a remote signer. */
export interface TypedMessage {
  readonly type: string;
  readonly domain: Domain;
  readonly value: Readonly<Record<string, TypedValue>>;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

/** A wallet that can sign, wherever its key lies. */
export interface Signer {
  /** Lower-case address. */
  readonly address: string;
  /** 65 bytes r ‖ s ‖ v, low s, v 27 or 28. */
  signTyped(message: TypedMessage): Promise<Uint8Array>;
  /** EIP-191 signature (`personal_sign`) over 32 bytes. */
  signHash(hash: Uint8Array): Promise<Uint8Array>;
}
