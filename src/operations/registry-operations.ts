import type { Registry } from "../roles/registry/index.ts";
import { registryService as rpc } from "../wire/index.ts";
import { each } from "./gateway-operations.ts";
import { type Operation, operation } from "./operation.ts";
import { requestChecks as checks } from "./requests.ts";

export function registryOperations(registry: Registry): Operation[] {
  return [
    operation(rpc.RegisterNode, "wallet", checks.RegisterNode, (request, { caller, signal }) =>
      registry.registerNode(request, caller, signal),
    ),
    operation(rpc.UpdateNodeHeartbeat, "wallet", checks.UpdateNodeHeartbeat, (request, { caller, signal }) =>
      registry.updateNodeHeartbeat(request, caller, signal),
    ),
    operation(rpc.DeregisterNode, "wallet", checks.DeregisterNode, (request, { caller, signal }) =>
      registry.deregisterNode(request, caller, signal),
    ),
    operation(rpc.DiscoverNodes, "open", checks.DiscoverNodes, (request, { caller, signal }) =>
      eachOf(registry.discoverNodes(request, caller, signal)),
    ),
    operation(
      rpc.RequestPreprocessingValidation,
      "wallet",
      checks.RequestPreprocessingValidation,
      (request, { caller, signal }) => registry.requestPreprocessingValidation(request, caller, signal),
    ),
    operation(
      rpc.RequestCompletionValidation,
      "wallet",
      checks.RequestCompletionValidation,
      (request, { caller, signal }) => registry.requestCompletionValidation(request, caller, signal),
    ),
    operation(rpc.EstimateSubnetFee, "open", checks.EstimateSubnetFee, (request, { caller, signal }) =>
      registry.estimateSubnetFee(request, caller, signal),
    ),
    operation(rpc.CreateSubnet, "wallet", checks.CreateSubnet, (request, { caller, signal }) =>
      registry.createSubnet(request, caller, signal),
    ),
    operation(rpc.GetSubnet, "open", checks.GetSubnet, (request, { caller, signal }) =>
      registry.getSubnet(request, caller, signal),
    ),
    operation(rpc.ListSubnets, "open", checks.ListSubnets, (request, { caller, signal }) =>
      eachOf(registry.listSubnets(request, caller, signal)),
    ),
    // These two may carry their signature in the message itself.
    operation(rpc.RegisterValidator, "proven", checks.RegisterValidator, (request, { caller, signal }) =>
      registry.registerValidator(request, caller, signal),
    ),
    operation(rpc.UnregisterValidator, "proven", checks.UnregisterValidator, (request, { caller, signal }) =>
      registry.unregisterValidator(request, caller, signal),
    ),
    operation(rpc.GetValidatorInfo, "open", checks.GetValidatorInfo, (request, { caller, signal }) =>
      registry.getValidatorInfo(request, caller, signal),
    ),
    operation(rpc.ListValidators, "open", checks.ListValidators, (request, { caller, signal }) =>
      eachOf(registry.listValidators(request, caller, signal)),
    ),
  ];
}

async function* eachOf<T>(items: Promise<Iterable<T>>): AsyncGenerator<T> {
  yield* each(await items);
}
