import { AsyncQueue } from "../base/index.ts";
import type { Gateway } from "../roles/gateway/index.ts";
import {
  gatewayClientService as clients,
  gatewayComputeService as compute,
  type InferenceRequest,
} from "../wire/index.ts";
import { actsFor, type Caller, type Operation, operation, rulesOf } from "./operation.ts";
import { provable } from "./provable.ts";
import { requestChecks as checks } from "./requests.ts";

/** Tasks that wait for a slow stream to a compute node; its slots bound them far below this. */
const maxQueuedTasks = 4_096;

const inference = rulesOf("inference");
const computing = rulesOf("compute");

export function gatewayOperations(gateway: Gateway): Operation[] {
  const { clients: client, compute: node } = gateway;
  return [
    operation(
      clients.SubmitInferenceTask,
      inference("open", "submit"),
      checks.SubmitInferenceTask,
      (request, { caller, signal }) => client.submit(request, asWallet(caller), signal),
    ),
    operation(
      clients.SubscribeToTaskUpdates,
      inference("open", "read"),
      checks.SubscribeToTaskUpdates,
      ({ id }, { caller, signal }) => client.updates(id, asWallet(caller), signal),
    ),
    operation(clients.GetTaskStatus, inference("open", "read"), checks.GetTaskStatus, ({ id }, { caller }) =>
      client.status(id, asWallet(caller)),
    ),
    operation(clients.CancelTask, inference("open", "act"), checks.CancelTask, ({ id }, { caller }) =>
      client.cancel(id, asWallet(caller)),
    ),
    operation(
      clients.ConfirmPayment,
      inference("open", "act"),
      checks.ConfirmPayment,
      (claim, { caller, signal }) => client.confirmPayment(claim, asWallet(caller), signal),
    ),
    operation(clients.GetSupportedModels, inference("open", "read"), checks.GetSupportedModels, () =>
      each(client.models()),
    ),

    operation(
      compute.RegisterComputeNode,
      computing("wallet", "act"),
      checks.RegisterComputeNode,
      provable(compute.RegisterComputeNode, checks.RegisterComputeNode, (info, { caller }) =>
        node.register(info, caller),
      ),
    ),
    operation(
      compute.UpdateHeartbeat,
      computing("wallet", "work"),
      checks.UpdateHeartbeat,
      (beat, { caller }) => node.heartbeat(beat, caller),
    ),
    operation(
      compute.ReceiveTask,
      computing("wallet", "work"),
      checks.ReceiveTask,
      (info, { caller, signal }) => {
        const queue = new AsyncQueue<InferenceRequest.$Properties>(maxQueuedTasks);
        signal.addEventListener("abort", () => queue.close(), { once: true });
        node.receive(info, caller, (task) => queue.push(task), signal);
        return queue;
      },
    ),
    operation(
      compute.SubmitResult,
      computing("proven", "work"),
      checks.SubmitResult,
      (response, { caller }) => node.submitResult(response, caller),
    ),
    operation(compute.GetTask, computing("wallet", "work"), checks.GetTask, ({ id }, { caller }) =>
      node.taskFor(id, caller),
    ),
  ];
}

/** A client's tasks belong to the wallet that signs, or to the account of the user whose key was shown. */
const asWallet = (caller: Caller) => ({
  wallet: actsFor(caller),
  paysFromDeposit: caller.wallet === undefined && caller.account !== undefined,
});

export async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
