import { fromHex, toHex } from "../../base/index.ts";
import type { Row, Store } from "../../storage/index.ts";
import { type TaskResult, taskKey } from "./task.ts";

/** Most results kept; beyond it the node takes no new tasks. */
export const maxStoredResults = 10_000;

export async function saveResult(store: Store, result: TaskResult): Promise<void> {
  const { outcome } = result;
  const isCompleted = outcome.status === "completed";
  await store.transact([
    {
      sql: `INSERT INTO compute_result (gateway, client, request_id, model_uuid, expires_at_sec, is_paid, status,
          output_data, error_message, result_hash, signature, completed_at_sec, computation_time_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (gateway, client, request_id) DO NOTHING`,
      params: [
        result.gateway,
        result.client,
        result.requestId,
        result.modelUuid,
        result.expirySec,
        result.isPaid ? 1 : 0,
        outcome.status,
        isCompleted ? outcome.outputData : "",
        isCompleted ? "" : outcome.errorMessage,
        isCompleted ? toHex(outcome.resultHash) : "",
        isCompleted ? outcome.signature : "",
        isCompleted ? outcome.completedAtSec : 0,
        isCompleted ? outcome.computationTimeMs : 0,
      ],
    },
  ]);
}

export async function deleteResult(store: Store, result: TaskResult): Promise<void> {
  await store.transact([
    {
      sql: "DELETE FROM compute_result WHERE gateway = ? AND client = ? AND request_id = ?",
      params: [result.gateway, result.client, result.requestId],
    },
  ]);
}

export async function loadResults(store: Store): Promise<TaskResult[]> {
  const rows = await store.all("SELECT * FROM compute_result ORDER BY completed_at_sec, request_id LIMIT ?", [
    maxStoredResults,
  ]);
  return rows.map(resultOf);
}

function resultOf(row: Row): TaskResult {
  const text = (column: string): string => String(row[column]);
  const number = (column: string): number => Number(row[column]);
  const [gateway, client, requestId] = [text("gateway"), text("client"), text("request_id")];
  return {
    key: taskKey(gateway, client, requestId),
    gateway,
    client,
    requestId,
    modelUuid: text("model_uuid"),
    expirySec: number("expires_at_sec"),
    isPaid: number("is_paid") === 1,
    outcome:
      text("status") === "completed"
        ? {
            status: "completed",
            outputData: text("output_data"),
            resultHash: fromHex(text("result_hash")),
            signature: text("signature"),
            completedAtSec: number("completed_at_sec"),
            computationTimeMs: number("computation_time_ms"),
          }
        : { status: "failed", errorMessage: text("error_message") },
  };
}
