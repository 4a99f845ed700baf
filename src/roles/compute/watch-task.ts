import { type Clock, type Logger, messageOf, sleep } from "../../base/index.ts";
import type { GatewayLink } from "./gateway-link.ts";
import type { Task } from "./task.ts";

/** Most tasks are over by then and are never asked about. */
const firstLookMs = 5_000;
const lookEveryMs = 3_000;

/**
 * Asks the gateway now and then whether a long task is still wanted: the reference has no message that
 * cancels. Calls `unwanted` when the gateway no longer knows the task as this node's. The result stops it.
 */
export function watchTask(
  task: Task,
  context: { nodeId: string; link: Pick<GatewayLink, "getTask">; clock: Clock; logger: Logger },
  signal: AbortSignal,
  unwanted: (why: string) => void,
): () => void {
  const stopped = new AbortController();
  const watching = AbortSignal.any([signal, stopped.signal]);
  void watch(task, context, watching, unwanted);
  return () => stopped.abort();
}

async function watch(
  task: Task,
  {
    nodeId,
    link,
    clock,
    logger,
  }: { nodeId: string; link: Pick<GatewayLink, "getTask">; clock: Clock; logger: Logger },
  signal: AbortSignal,
  unwanted: (why: string) => void,
): Promise<void> {
  for (let delayMs = firstLookMs; !signal.aborted; delayMs = lookEveryMs) {
    try {
      await sleep(clock, delayMs, signal);
      const answer = await link.getTask(task.requestId, signal);
      if ("refusal" in answer) return unwanted(`gateway wants it no more: ${answer.refusal}`);
      const assigned = answer.value.assigned_compute_node_id ?? "";
      if (assigned !== "" && assigned !== nodeId) return unwanted(`it was given to ${assigned}`);
    } catch (error) {
      if (!signal.aborted) logger.debug({ reason: messageOf(error) }, "gateway cannot be asked about a task");
    }
  }
}
