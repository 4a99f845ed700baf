import { AsyncQueue } from "../base/index.ts";
import type { Gateway } from "../roles/gateway/index.ts";
import {
  gatewayClientService as clients,
  gatewayComputeService as compute,
  type InferenceRequest,
} from "../wire/index.ts";
import { type Operation, operation } from "./operation.ts";
import { requestChecks as checks } from "./requests.ts";

/** Tasks that wait for a slow stream to a compute node; its slots bound them far below this. */
const maxQueuedTasks = 4_096;

export function gatewayOperations(gateway: Gateway): Operation[] {
  const { clients: client, compute: node } = gateway;
  return [
    operation(
      clients.SubmitInferenceTask,
      "open",
      checks.SubmitInferenceTask,
      (request, { caller, signal }) => client.submit(request, caller, signal),
    ),
    operation(
      clients.SubscribeToTaskUpdates,
      "open",
      checks.SubscribeToTaskUpdates,
      ({ id }, { caller, signal }) => client.updates(id, caller, signal),
    ),
    operation(clients.GetTaskStatus, "open", checks.GetTaskStatus, ({ id }, { caller }) =>
      client.status(id, caller),
    ),
    operation(clients.CancelTask, "open", checks.CancelTask, ({ id }, { caller }) =>
      client.cancel(id, caller),
    ),
    operation(clients.ConfirmPayment, "open", checks.ConfirmPayment, (claim, { caller, signal }) =>
      client.confirmPayment(claim, caller, signal),
    ),
    operation(clients.GetSupportedModels, "open", checks.GetSupportedModels, () => each(client.models())),

    operation(compute.RegisterComputeNode, "wallet", checks.RegisterComputeNode, (info, { caller }) =>
      node.register(info, caller),
    ),
    operation(compute.UpdateHeartbeat, "wallet", checks.UpdateHeartbeat, (beat, { caller }) =>
      node.heartbeat(beat, caller),
    ),
    operation(compute.ReceiveTask, "wallet", checks.ReceiveTask, (info, { caller, signal }) => {
      const queue = new AsyncQueue<InferenceRequest.$Properties>(maxQueuedTasks);
      signal.addEventListener("abort", () => queue.close(), { once: true });
      node.receive(info, caller, (task) => queue.push(task), signal);
      return queue;
    }),
    operation(compute.SubmitResult, "proven", checks.SubmitResult, (response, { caller }) =>
      node.submitResult(response, caller),
    ),
    operation(compute.GetTask, "wallet", checks.GetTask, ({ id }, { caller }) => node.taskFor(id, caller)),
  ];
}

export async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
