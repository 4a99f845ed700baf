import type { Registry } from "../roles/registry/index.ts";
import { registryService as rpc } from "../wire/index.ts";
import { each } from "./gateway-operations.ts";
import { type Operation, operation, rulesOf } from "./operation.ts";
import { provable } from "./provable.ts";
import { requestChecks as checks } from "./requests.ts";

const rules = rulesOf("registry");

export function registryOperations(registry: Registry): Operation[] {
  return [
    operation(
      rpc.RegisterNode,
      rules("wallet", "act"),
      checks.RegisterNode,
      provable(rpc.RegisterNode, checks.RegisterNode, (request, { caller, signal }) =>
        registry.registerNode(request, caller, signal),
      ),
    ),
    operation(
      rpc.UpdateNodeHeartbeat,
      rules("wallet", "work"),
      checks.UpdateNodeHeartbeat,
      (request, { caller, signal }) => registry.updateNodeHeartbeat(request, caller, signal),
    ),
    operation(
      rpc.DeregisterNode,
      rules("wallet", "act"),
      checks.DeregisterNode,
      (request, { caller, signal }) => registry.deregisterNode(request, caller, signal),
    ),
    operation(rpc.DiscoverNodes, rules("open", "read"), checks.DiscoverNodes, (request, { caller, signal }) =>
      eachOf(registry.discoverNodes(request, caller, signal)),
    ),
    operation(
      rpc.RequestPreprocessingValidation,
      rules("wallet", "work"),
      checks.RequestPreprocessingValidation,
      (request, { caller, signal }) => registry.requestPreprocessingValidation(request, caller, signal),
    ),
    operation(
      rpc.RequestCompletionValidation,
      rules("wallet", "work"),
      checks.RequestCompletionValidation,
      (request, { caller, signal }) => registry.requestCompletionValidation(request, caller, signal),
    ),
    operation(
      rpc.EstimateSubnetFee,
      rules("open", "read"),
      checks.EstimateSubnetFee,
      (request, { caller, signal }) => registry.estimateSubnetFee(request, caller, signal),
    ),
    operation(rpc.CreateSubnet, rules("wallet", "act"), checks.CreateSubnet, (request, { caller, signal }) =>
      registry.createSubnet(request, caller, signal),
    ),
    operation(rpc.GetSubnet, rules("open", "read"), checks.GetSubnet, (request, { caller, signal }) =>
      registry.getSubnet(request, caller, signal),
    ),
    operation(rpc.ListSubnets, rules("open", "read"), checks.ListSubnets, (request, { caller, signal }) =>
      eachOf(registry.listSubnets(request, caller, signal)),
    ),
    // These two may carry their signature in the message itself.
    operation(
      rpc.RegisterValidator,
      rules("proven", "act"),
      checks.RegisterValidator,
      provable(rpc.RegisterValidator, checks.RegisterValidator, (request, { caller, signal }) =>
        registry.registerValidator(request, caller, signal),
      ),
    ),
    operation(
      rpc.UnregisterValidator,
      rules("proven", "act"),
      checks.UnregisterValidator,
      provable(rpc.UnregisterValidator, checks.UnregisterValidator, (request, { caller, signal }) =>
        registry.unregisterValidator(request, caller, signal),
      ),
    ),
    operation(
      rpc.GetValidatorInfo,
      rules("open", "read"),
      checks.GetValidatorInfo,
      (request, { caller, signal }) => registry.getValidatorInfo(request, caller, signal),
    ),
    operation(
      rpc.ListValidators,
      rules("open", "read"),
      checks.ListValidators,
      (request, { caller, signal }) => eachOf(registry.listValidators(request, caller, signal)),
    ),
  ];
}

async function* eachOf<T>(items: Promise<Iterable<T>>): AsyncGenerator<T> {
  yield* each(await items);
}
