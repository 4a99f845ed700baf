import { type Clock, type Genesis, type Logger, toHex } from "../base/index.ts";
import { type Abis, loadAbis } from "./abis.ts";
import type { ValidatorStatus } from "./chain.ts";
import { validatorStatuses } from "./contract-reader.ts";
import { permitDigest, splitSignature } from "./permit.ts";
import { RpcClient } from "./rpc.ts";
import type { TransactionSender } from "./transaction-sender.ts";
import { TransactionQueue } from "./transactions.ts";
import type { CompletionTerms, ComputeResult } from "./typed-messages.ts";
import { view } from "./view.ts";

export interface RegistryCallOptions {
  readonly rpcUrl: string;
  readonly chain: Pick<NonNullable<Genesis["chain"]>, "chain_id" | "token" | "validator_registry">;
  readonly sender: TransactionSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

const usualPollMs = 250;
const permitLifetimeSec = 3_600;

/** Stakes and joins, or adds to the stake; answers the transaction. @throws STAKE_INVALID, CHAIN_UNAVAILABLE */
export function stakeValidator(options: RegistryCallOptions, stakeWei: bigint): Promise<string> {
  return withQueue(options, async (abis, send, ask) => {
    const { chain, sender, clock } = options;
    const { token, validator_registry: registry, chain_id: chainId } = chain;
    if (sender.signDigest === undefined) {
      await send(token, abis.token.encodeFunctionData("approve", [registry, stakeWei]));
      return send(registry, abis.registry.encodeFunctionData("registerValidator", [stakeWei]));
    }
    const deadline = Math.floor(clock.nowMs() / 1000) + permitLifetimeSec;
    const nonce = BigInt(await ask(token, abis.token.encodeFunctionData("nonces", [sender.address])));
    const terms = {
      chainId,
      token,
      owner: sender.address,
      spender: registry,
      valueWei: stakeWei,
      nonce,
      deadline,
    };
    const { v, r, s } = splitSignature(await sender.signDigest(permitDigest(terms)));
    return send(
      registry,
      abis.registry.encodeFunctionData("registerWithPermit", [stakeWei, deadline, v, r, s]),
    );
  });
}

/** A wallet's place in the validator registry, and what it could stake. Amounts in wei. */
export interface StakeView {
  readonly address: string;
  readonly status: ValidatorStatus | "none";
  readonly stakeWei: bigint;
  /** Least stake of a validator. */
  readonly minimumStakeWei: bigint;
  /** Unix seconds from which the stake of one that left may be withdrawn; 0 otherwise. */
  readonly withdrawableAtSec: number;
  readonly balanceWei: bigint;
}

/** @throws CountersignError CHAIN_UNAVAILABLE */
export async function readStake(
  options: Omit<RegistryCallOptions, "sender" | "logger" | "pollMs">,
  address: string,
): Promise<StakeView> {
  const { rpcUrl, chain, clock, signal } = options;
  const rpc = new RpcClient(rpcUrl, clock, signal);
  const { registry, token } = await loadAbis();
  const [[entry], [minimumStakeWei], [balanceWei]] = (await Promise.all([
    view(rpc, chain.validator_registry, registry, "validatorOf", [address]),
    view(rpc, chain.validator_registry, registry, "minimumStake", []),
    view(rpc, chain.token, token, "balanceOf", [address]),
  ])) as unknown as [[{ status: bigint; stakeWei: bigint; withdrawableAt: bigint }], [bigint], [bigint]];
  return {
    address,
    status: validatorStatuses[Number(entry.status)] ?? "none",
    stakeWei: entry.stakeWei,
    minimumStakeWei,
    withdrawableAtSec: Number(entry.withdrawableAt),
    balanceWei,
  };
}

/** Leaves the set; the stake can be withdrawn after the unbonding time. */
export function unstakeValidator(options: RegistryCallOptions): Promise<string> {
  return callRegistry(options, "unregisterValidator", []);
}

/** Takes out the stake of a validator that left. */
export function withdrawStake(options: RegistryCallOptions): Promise<string> {
  return callRegistry(options, "withdrawStake", []);
}

/** Two different messages of one kind and subject with one validator's signatures, for `slashEquivocation`. */
export interface EquivocationProof {
  readonly kind: "PreprocessingValidation" | "CompletionValidation" | "Reassignment";
  /** The messages' values, as `TypedMessage.value` has them. */
  readonly first: { readonly value: object; readonly signature: Uint8Array };
  readonly second: { readonly value: object; readonly signature: Uint8Array };
}

const slashFunctions = {
  PreprocessingValidation: "slashPreprocessing",
  CompletionValidation: "slashCompletion",
  Reassignment: "slashReassignment",
} as const;

/** Slashes a validator that signed twice. Both messages are of the paid domain. */
export function slashEquivocation(
  options: RegistryCallOptions,
  { kind, first, second }: EquivocationProof,
): Promise<string> {
  return callRegistry(options, slashFunctions[kind], [
    first.value,
    toHex(first.signature),
    second.value,
    toHex(second.signature),
  ]);
}

/** Accuses a validator of approving a result other than its compute node's. It may be answered for some time. */
export function accuseOfWrongResult(
  options: RegistryCallOptions,
  approved: { readonly value: CompletionTerms; readonly signature: Uint8Array },
  computed: { readonly value: ComputeResult; readonly signature: Uint8Array },
): Promise<string> {
  return callRegistry(options, "accuse", [
    approved.value,
    toHex(approved.signature),
    computed.value,
    toHex(computed.signature),
  ]);
}

/** Clears a validator by the compute node's signature over what the validator approved. */
export function answerAccusation(
  options: RegistryCallOptions,
  accusationId: string,
  computed: { readonly value: ComputeResult; readonly signature: Uint8Array },
): Promise<string> {
  return callRegistry(options, "answerAccusation", [accusationId, computed.value, toHex(computed.signature)]);
}

function callRegistry(options: RegistryCallOptions, name: string, args: unknown[]): Promise<string> {
  return withQueue(options, (abis, send) =>
    send(options.chain.validator_registry, abis.registry.encodeFunctionData(name, args)),
  );
}

async function withQueue(
  options: RegistryCallOptions,
  work: (
    abis: Abis,
    send: (to: string, data: string) => Promise<string>,
    ask: (to: string, data: string) => Promise<string>,
  ) => Promise<string>,
): Promise<string> {
  const { rpcUrl, chain, sender, clock, logger, signal, pollMs = usualPollMs } = options;
  const rpc = new RpcClient(rpcUrl, clock, signal);
  const queue = new TransactionQueue({ rpc, sender, chainId: chain.chain_id, clock, logger, pollMs });
  try {
    return await work(
      await loadAbis(),
      async (to, data) => (await queue.send({ to, data }, signal)).hash,
      (to, data) => rpc.call<string>("eth_call", [{ to, data }, "latest"], signal),
    );
  } finally {
    queue.stop();
  }
}
