import { type Genesis, toHex } from "../base/index.ts";
import type { CompletionTerms, ComputeResult } from "../proof/typed-messages.ts";
import { loadAbis } from "./abis.ts";
import type { ValidatorStatus } from "./chain.ts";
import { allowTaking, type ContractCallOptions, withContracts } from "./contract-calls.ts";
import { validatorStatuses } from "./contract-reader.ts";
import { RpcClient } from "./rpc.ts";
import { view } from "./view.ts";

export interface RegistryCallOptions extends ContractCallOptions {
  readonly chain: Pick<NonNullable<Genesis["chain"]>, "chain_id" | "token" | "validator_registry">;
}

/** Stakes and joins, or adds to the stake; answers the transaction. @throws STAKE_INVALID, CHAIN_UNAVAILABLE */
export function stakeValidator(options: RegistryCallOptions, stakeWei: bigint): Promise<string> {
  return withContracts(options, async (calls) => {
    const { validator_registry: registry } = options.chain;
    const permit = await allowTaking(options, calls, registry, stakeWei);
    const name = permit === undefined ? "registerValidator" : "registerWithPermit";
    return calls.send(registry, calls.abis.registry.encodeFunctionData(name, [stakeWei, ...(permit ?? [])]));
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
  return withContracts(options, ({ abis, send }) =>
    send(options.chain.validator_registry, abis.registry.encodeFunctionData(name, args)),
  );
}
