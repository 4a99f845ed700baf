import * as z from "zod";
import { genesisSchema } from "../base/genesis.ts";

// A receipt's form: every member named, bounded and in one spelling only, so that nothing can be changed unseen.

/** An input or output of more characters than this is named by its hash only. */
export const maxInlinedCharacters = 64 * 1024;
const maxIdCharacters = 128;
const maxSignatures = 200;
const maxReassignments = 64;
const maxValidators = 10_000;

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "an address in lower case");
const hash = z.string().regex(/^0x[0-9a-f]{64}$/, "32 bytes in lower-case hex");
const signature = z.string().regex(/^0x[0-9a-f]{130}$/, "65 bytes in lower-case hex");
const wei = z.string().regex(/^(0|[1-9]\d{0,77})$/, "an amount in wei: decimal digits");
const id = z.string().min(1).max(maxIdCharacters);
const seconds = z.int().min(0);
const text = z.string().max(maxInlinedCharacters).nullable();

const signatures = z
  .array(z.strictObject({ validator_address: address, signature, timestamp: seconds }))
  .max(maxSignatures);

export const receiptSchema = z.strictObject({
  version: z.literal(1),
  /** The network's id, which the genesis yields. */
  network: z.string().max(64),
  genesis: genesisSchema,
  request: z.strictObject({
    request_id: id,
    /** Zero address where there is none. */
    client: address,
    model_uuid: id,
    /** Null when it is long. */
    input_data: text,
    /** SHA-256 of the RFC 8785 form of {client, input_data, model_uuid, request_id}. */
    request_hash: hash,
  }),
  validators: z.strictObject({
    /** N and M. */
    asked: z.int().min(1).max(maxSignatures),
    required: z.int().min(0).max(maxSignatures),
    /** Block at which the set was read; null where the genesis lists it. */
    block_number: z.int().min(0).nullable(),
    entries: z.array(z.strictObject({ address, stake_wei: wei })).max(maxValidators),
  }),
  preprocessing: z.strictObject({
    gateway_wallet: address,
    compute_node_id: id,
    compute_node_wallet: address,
    payment_tree: z.strictObject({
      compute_price_wei: wei,
      gateway_gas_wei: wei,
      validator_reward_wei: wei,
      treasury_fee_wei: wei,
    }),
    total_wei: wei,
    is_paid: z.boolean(),
    expiry_timestamp: seconds,
    digest: hash,
    signatures,
  }),
  reassignments: z
    .array(
      z.strictObject({
        attempt: z.int().min(1).max(maxReassignments),
        compute_node_id: id,
        compute_node_wallet: address,
        deadline: seconds,
        digest: hash,
        signatures,
      }),
    )
    .max(maxReassignments),
  result: z.strictObject({
    /** Null when it is long. */
    output_data: text,
    /** SHA-256 of the UTF-8 output. */
    result_hash: hash,
    compute_node_wallet: address,
    completion_timestamp: seconds,
    computation_time_ms: z.int().min(0),
    compute_node_signature: signature,
  }),
  completion: z.strictObject({ digest: hash, signatures }),
  /** Null when nothing was paid. */
  payment: z
    .strictObject({
      chain_id: z.int().positive(),
      contract: address,
      payment_tx: hash,
      payout_tx: hash.nullable(),
    })
    .nullable(),
  issued_at: seconds,
  /** EIP-191 over SHA-256 of the RFC 8785 form of everything above. */
  gateway_signature: signature,
});

export type Receipt = z.infer<typeof receiptSchema>;
