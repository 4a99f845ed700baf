import { type Cancel, type Clock, type Logger, messageOf, networkId } from "../../base/index.ts";
import type { HostedNode } from "../../records/index.ts";
import type * as wire from "../../wire/index.ts";
import type { Caller } from "./caller.ts";
import type { RegistryContext } from "./collaborators.ts";
import type { RegistryConfig } from "./config.ts";
import { RegistryNodes } from "./nodes.ts";
import { RegistrySubnets } from "./subnets.ts";
import { RegistryValidations } from "./validations.ts";
import { RegistryValidators } from "./validators.ts";

/**
 * The fourteen RPCs of P2PRegistryService over checked requests, answered from the local replica. A write becomes a
 * signed record, is stored durably, then gossiped, then acknowledged. What each throws stands at its implementation.
 */
export interface Registry {
  registerNode(request: wire.NodeInfo, caller: Caller, signal: AbortSignal): Promise<wire.Ack.$Properties>;
  updateNodeHeartbeat(
    request: wire.UpdateNodeHeartbeatRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.Ack.$Properties>;
  deregisterNode(
    request: wire.WalletAddress,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.Ack.$Properties>;
  discoverNodes(
    request: wire.DiscoverNodesRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.NodeInfo.$Properties[]>;
  requestPreprocessingValidation(
    request: wire.InferenceRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.PreprocessingValidation.$Properties>;
  requestCompletionValidation(
    request: wire.InferenceResponse,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.CompletionValidation.$Properties>;
  estimateSubnetFee(
    request: wire.EstimateSubnetFeeRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.EstimateSubnetFeeResponse.$Properties>;
  createSubnet(
    request: wire.CreateSubnetRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.CreateSubnetResponse.$Properties>;
  getSubnet(
    request: wire.GetSubnetRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.GetSubnetResponse.$Properties>;
  listSubnets(
    request: wire.Empty,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.SubnetMetadata.$Properties[]>;
  registerValidator(
    request: wire.RegisterValidatorRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.RegisterValidatorResponse.$Properties>;
  unregisterValidator(
    request: wire.UnregisterValidatorRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.Ack.$Properties>;
  getValidatorInfo(
    request: wire.ValidatorAddressRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.ValidatorInfoResponse.$Properties>;
  listValidators(
    request: wire.ListValidatorsRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<wire.ValidatorInfoMessage.$Properties[]>;

  /** Not an RPC of the reference: its gateway gives a subnet up. */
  deprecateSubnet(subnetId: bigint, caller: Caller): Promise<wire.SubnetMetadata.$Properties>;
  /** The nodes that heartbeat to this registry, as each was last heard. */
  hosted(): Iterable<HostedNode>;
  /** One round of upkeep: pending subnets are asked for again, records renewed, what expired is forgotten. */
  sweep(signal: AbortSignal): Promise<void>;
  /** Begins to sweep, at once and then every `sweep_interval_ms`. */
  start(): void;
  stop(): Promise<void>;
}

export type RegistryOptions = Omit<RegistryContext, "network"> & { readonly config: RegistryConfig };

export function createRegistry(options: RegistryOptions): Registry {
  const { config, ...given } = options;
  const context: RegistryContext = { ...given, network: networkId(given.genesis) };
  const nodes = new RegistryNodes(context, config);
  const validations = new RegistryValidations(context);
  const subnets = new RegistrySubnets(context);
  const validators = new RegistryValidators(context);
  const sweep = sweeper(context.logger, [
    (signal) => subnets.sweep(signal),
    () => validators.renew(),
    () => validations.forgetExpired(),
  ]);
  return {
    registerNode: (request, caller) => nodes.register(request, caller),
    updateNodeHeartbeat: (request, caller) => nodes.heartbeat(request, caller),
    deregisterNode: (request, caller) => nodes.deregister(request, caller),
    discoverNodes: async (request) => nodes.discover(request),
    requestPreprocessingValidation: (request, caller, signal) =>
      validations.preprocessing(request, caller, signal),
    requestCompletionValidation: (request, caller, signal) => validations.completion(request, caller, signal),
    estimateSubnetFee: (request) => subnets.estimateFee(request),
    createSubnet: (request, caller, signal) => subnets.create(request, caller, signal),
    getSubnet: async (request) => subnets.get(request),
    listSubnets: async () => subnets.list(),
    registerValidator: (request, caller) => validators.register(request, caller),
    unregisterValidator: (request, caller) => validators.unregister(request, caller),
    getValidatorInfo: async (request) => validators.info(request),
    listValidators: async (request) => validators.list(request),
    deprecateSubnet: (subnetId, caller) => subnets.deprecate(subnetId, caller),
    hosted: () => nodes.hosted(),
    sweep,
    ...repeated(context.clock, config.sweep_interval_ms, sweep),
  };
}

type Chore = (signal: AbortSignal) => Promise<void>;

/** Does the chores one after the other; one that fails leaves the others alone and is tried again next time. */
function sweeper(logger: Logger, chores: readonly Chore[]): Chore {
  return async (signal) => {
    for (const chore of chores) {
      signal.throwIfAborted();
      try {
        await chore(signal);
      } catch (error) {
        signal.throwIfAborted();
        logger.warn({ error: messageOf(error) }, "registry upkeep failed, will try again");
      }
    }
  };
}

/** A round that is still busy when the next is due is not doubled. */
function repeated(clock: Clock, periodMs: number, chore: Chore): Pick<Registry, "start" | "stop"> {
  const stopping = new AbortController();
  let cancel: Cancel | undefined;
  let busy: Promise<void> | undefined;
  async function round(): Promise<void> {
    try {
      await chore(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    } finally {
      busy = undefined;
    }
  }
  const begin = () => {
    busy ??= round();
  };
  return {
    start() {
      cancel ??= clock.every(periodMs, begin);
      begin();
    },
    async stop() {
      cancel?.();
      stopping.abort();
      await busy;
    },
  };
}
