import {
  checkConfirmPayment,
  checkEmpty,
  checkReceiveTask,
  checkRegisterComputeNode,
  checkSubmitInferenceTask,
  checkSubmitResult,
  checkTaskId,
  checkUpdateHeartbeat,
} from "./gateway-requests.ts";
import {
  checkCreateSubnet,
  checkDeregisterNode,
  checkDiscoverNodes,
  checkEstimateSubnetFee,
  checkGetSubnet,
  checkGetValidatorInfo,
  checkListValidators,
  checkRegisterNode,
  checkRegisterValidator,
  checkRequestCompletionValidation,
  checkRequestPreprocessingValidation,
  checkUnregisterValidator,
  checkUpdateNodeHeartbeat,
} from "./registry-requests.ts";
import { address, count, flag, isUnset, listLimit, messageOf, oneOf } from "./request-fields.ts";

/** More peers prove no more, and each costs it a look at its records. */
const maxComparedPeers = 16;
const defaultComparedPeers = 3;

export const taskStatuses = ["queued", "processing", "completed", "failed"] as const;

export function checkListTasks(message: unknown) {
  const m = messageOf("request", message);
  return {
    status: isUnset(m["status"]) ? "" : oneOf("status", m["status"], taskStatuses),
    limit: listLimit("limit", m["limit"]),
  };
}

export function checkGetSyncStatus(message: unknown) {
  const m = messageOf("request", message);
  return { peers: count("peers", m["peers"], maxComparedPeers) || defaultComparedPeers };
}

export function checkListPeers(message: unknown) {
  return { all: flag("all", messageOf("request", message)["all"]) };
}

export function checkAccountWeight(message: unknown) {
  return { account: address("account", messageOf("request", message)["account"]) };
}

/**
 * What each RPC accepts: one message in, the same message out with addresses in lower case, defaults filled in and
 * unset optional fields null. Pure; throws INVALID_ARGUMENT or TOO_LARGE naming the field and what is allowed.
 */
export const requestChecks = {
  SubmitInferenceTask: checkSubmitInferenceTask,
  SubscribeToTaskUpdates: checkTaskId,
  GetTaskStatus: checkTaskId,
  CancelTask: checkTaskId,
  ConfirmPayment: checkConfirmPayment,
  GetSupportedModels: checkEmpty,

  RegisterComputeNode: checkRegisterComputeNode,
  UpdateHeartbeat: checkUpdateHeartbeat,
  ReceiveTask: checkReceiveTask,
  SubmitResult: checkSubmitResult,
  GetTask: checkTaskId,

  RegisterNode: checkRegisterNode,
  UpdateNodeHeartbeat: checkUpdateNodeHeartbeat,
  DeregisterNode: checkDeregisterNode,
  DiscoverNodes: checkDiscoverNodes,
  RequestPreprocessingValidation: checkRequestPreprocessingValidation,
  RequestCompletionValidation: checkRequestCompletionValidation,
  EstimateSubnetFee: checkEstimateSubnetFee,
  CreateSubnet: checkCreateSubnet,
  GetSubnet: checkGetSubnet,
  ListSubnets: checkEmpty,
  RegisterValidator: checkRegisterValidator,
  UnregisterValidator: checkUnregisterValidator,
  GetValidatorInfo: checkGetValidatorInfo,
  ListValidators: checkListValidators,

  GetNodeStatus: checkEmpty,
  ListTasks: checkListTasks,
  GetSyncStatus: checkGetSyncStatus,
  ListPeers: checkListPeers,

  AccountWeight: checkAccountWeight,
  IsAlive: checkEmpty,
} as const;

export type RpcName = keyof typeof requestChecks;
/** A checked request of an RPC. */
export type Checked<Name extends RpcName> = ReturnType<(typeof requestChecks)[Name]>;
