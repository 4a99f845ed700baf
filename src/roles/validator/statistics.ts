import { type Cancel, type Clock, type Logger, messageOf } from "../../base/index.ts";
import type { Migration, Store } from "../../storage/index.ts";

/** What ValidatorInfoMessage shows: verdicts given, and how many of them were refusals. */
export interface ValidatorStatistics {
  readonly validationsTotal: number;
  readonly validationsFailed: number;
}

export const statisticsMigrations: readonly Migration[] = [
  {
    name: "validator-statistics-1",
    statements: [
      "CREATE TABLE validator_statistics (id INTEGER PRIMARY KEY, total BIGINT NOT NULL, failed BIGINT NOT NULL)",
      "INSERT INTO validator_statistics (id, total, failed) VALUES (1, 0, 0)",
    ],
  },
];

/** A crash may lose this much of a count that nothing depends on. */
const savePeriodMs = 10_000;

export interface StatisticsKeeper {
  count(isRefusal: boolean): void;
  read(): ValidatorStatistics;
  stop(): Promise<void>;
}

export async function keepStatistics(store: Store, clock: Clock, logger: Logger): Promise<StatisticsKeeper> {
  const [row] = await store.all("SELECT total, failed FROM validator_statistics WHERE id = 1");
  let total = Number(row?.["total"] ?? 0);
  let failed = Number(row?.["failed"] ?? 0);
  let saved = total;
  const save = async () => {
    if (saved === total) return;
    saved = total;
    try {
      await store.transact([
        {
          sql: "UPDATE validator_statistics SET total = ?, failed = ? WHERE id = 1",
          params: [total, failed],
        },
      ]);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "the validator's statistics were not stored");
    }
  };
  const cancel: Cancel = clock.every(savePeriodMs, () => void save());
  return {
    count(isRefusal) {
      total++;
      if (isRefusal) failed++;
    },
    read: () => ({ validationsTotal: total, validationsFailed: failed }),
    async stop() {
      cancel();
      await save();
    },
  };
}
