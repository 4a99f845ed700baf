import * as z from "zod";
import { addressPattern, canonicalJson, sha256, toHex, zeroAddress } from "./bytes.ts";

// What every node of a network must agree on. Its hash is in the network id, and the network id is in every
// protocol, topic and record, so nodes with another genesis cannot even talk.

const address = z.string().regex(addressPattern, "an address: 0x and 40 hex digits").toLowerCase();
const wei = z.string().regex(/^(0|[1-9]\d{0,77})$/, "an amount in wei: decimal digits");

export const genesisSchema = z.strictObject({
  /** The readable half of the network id. */
  name: z.string().regex(/^[a-z0-9-]{1,32}$/, "1 to 32 of a-z, 0-9 and -"),
  protocol_version: z.literal(1).default(1),
  /** A network for trying things out: keys may lie in the clear. */
  devnet: z.boolean().default(false),
  /** Null for a network without a chain: nothing is paid, and `validators` below is the validator set. */
  chain: z
    .strictObject({
      chain_id: z.int().positive(),
      token: address,
      validator_registry: address,
      inference_payment: address,
      treasury: address,
      /** Blocks on top of a payment, its own included, before it counts. */
      confirmations: z.int().min(1).max(1000).default(12),
    })
    .nullable(),
  validators: z
    .array(z.strictObject({ address, stake_wei: wei }))
    .max(1000)
    .default([]),
  cosign: z
    .strictObject({
      /** N: validators asked in a round. */
      asked: z.int().min(1).max(100).default(5),
      /** M: signatures needed; 0 for a private pool that trusts itself. */
      required: z.int().min(0).max(100).default(3),
      deadline_ms: z.int().min(100).max(60_000).default(5_000),
    })
    .prefault({}),
  /** Shares of a price in basis points; what integer division leaves over goes to compute. */
  split_bps: z
    .strictObject({
      gateway: z.int().min(0).max(10_000).default(1_000),
      validators: z.int().min(0).max(10_000).default(500),
      treasury: z.int().min(0).max(10_000).default(500),
    })
    .prefault({}),
  /** How long each step of a task may take, one after the other; their sum is the quote's expiry. */
  deadlines_sec: z
    .strictObject({
      payment: z.int().min(1).max(86_400).default(120),
      execution: z.int().min(1).max(86_400).default(120),
      /** How long one compute node has before the task may go to the next. */
      lease: z.int().min(1).max(86_400).default(30),
      validation: z.int().min(1).max(86_400).default(60),
    })
    .prefault({}),
  subnet_fee: z
    .strictObject({
      base_wei: wei.default("1000000000000000000"),
      per_model_wei: wei.default("100000000000000000"),
      per_token_wei: wei.default("1000000000000"),
      free_tokens: z.int().min(0).default(4_096),
    })
    .prefault({}),
});

export type Genesis = z.infer<typeof genesisSchema>;

/** A genesis never changes; its form and id are asked for with every call and every receipt. */
const canonicalForms = new WeakMap<Genesis, string>();
const networkIds = new WeakMap<Genesis, string>();

/** The RFC 8785 form of a genesis. */
export function canonicalGenesis(genesis: Genesis): string {
  const known = canonicalForms.get(genesis);
  if (known !== undefined) return known;
  const text = canonicalJson(genesis);
  canonicalForms.set(genesis, text);
  return text;
}

/** `<name>-<first 8 hex of SHA-256 of the genesis' canonical JSON>`. */
export function networkId(genesis: Genesis): string {
  const known = networkIds.get(genesis);
  if (known !== undefined) return known;
  const hash = toHex(sha256(canonicalGenesis(genesis)));
  const id = `${genesis.name}-${hash.slice(2, 10)}`;
  networkIds.set(genesis, id);
  return id;
}

/**
 * The EIP-712 domain of a task's signatures. Unpaid work is signed under a domain without a contract, so that no
 * signature over unpaid work can ever open somebody's escrow.
 */
export function signingDomain(
  genesis: Genesis,
  isPaid: boolean,
): { chainId: number; verifyingContract: string } {
  return {
    chainId: genesis.chain?.chain_id ?? 0,
    verifyingContract: isPaid && genesis.chain !== null ? genesis.chain.inference_payment : zeroAddress,
  };
}
