import { type Cancel, type Clock, type Logger, messageOf } from "../../base/index.ts";
import type { Store } from "../../storage/store.ts";

/** Deleted in one transaction: some milliseconds, so that tasks under way are not held up. */
const stepTasks = 500;
/** Steps in one period: far more than a busy gateway ends meanwhile. */
const maxSteps = 1_000;
const periodMs = 10 * 60_000;
const dayMs = 86_400_000;

export interface RetentionOptions {
  readonly store: Store;
  readonly keepDays: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Removes tasks that ended long ago: strangers must not fill the disk. */
export async function dropOldTasks({ store, keepDays, clock }: RetentionOptions): Promise<number> {
  const beforeMs = clock.nowMs() - keepDays * dayMs;
  let dropped = 0;
  for (let step = 0; step < maxSteps; step++) {
    const [changed = 0] = await store.transact([
      {
        sql: `DELETE FROM gateway_tasks WHERE key IN (
                SELECT key FROM gateway_tasks WHERE state IN ('settled', 'failed') AND updated_at_ms < ? LIMIT ${stepTasks})`,
        params: [beforeMs],
      },
    ]);
    dropped += changed;
    if (changed < stepTasks) break;
  }
  return dropped;
}

/** Does so now and every ten minutes. */
export function startRetention(options: RetentionOptions): Cancel {
  const drop = () => {
    dropOldTasks(options).then(
      (dropped) => dropped > 0 && options.logger.info({ dropped }, "old tasks dropped"),
      (error) => options.logger.warn({ error: messageOf(error) }, "old tasks could not be dropped"),
    );
  };
  drop();
  return options.clock.every(periodMs, drop);
}
