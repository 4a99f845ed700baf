import { errorView } from "../front/index.ts";
import type { ActionName } from "./action.ts";

// What the server says beside events, as text.

/** @param cursor up to where the topic's events were told; a subscription that begins there misses nothing */
export function ackText(action: ActionName, id: string | undefined, timeMs: number, cursor?: number): string {
  return JSON.stringify({ ack: action === "ping" ? "pong" : action, id, time: timeMs, cursor });
}

/** @param topic of a subscription that ended by the error */
export function errorText(error: unknown, id: string | undefined, timeMs: number, topic?: string): string {
  const { code, number, message, field, allowed, fix, rate } = errorView(error);
  const retry = rate === undefined || rate.retryMs === 0 ? undefined : rate.retryMs;
  return JSON.stringify({
    error: { code, number, message, field, allowed, fix, retry_after_ms: retry },
    topic,
    id,
    time: timeMs,
  });
}
