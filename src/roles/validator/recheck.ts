import { type Clock, type Logger, messageOf, type RandomBytes } from "../../base/index.ts";
import type { ValidatorConfig } from "./config.ts";
import type { Recheck } from "./lookups.ts";

/** Runs the configured share of tasks again; answers undefined for the others and when a run fails or takes too long. */
export function rechecker(options: {
  readonly config: ValidatorConfig;
  readonly recheck: Recheck | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
}): (modelUuid: string, inputData: string) => Promise<string | undefined> {
  const { config, recheck, clock, random, logger } = options;
  return async (modelUuid, inputData) => {
    if (recheck === undefined || !recheck.canRun(modelUuid)) return undefined;
    const drawn = Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32;
    if (drawn >= config.recheck_share) return undefined;
    const aborter = new AbortController();
    const cancel = clock.after(config.recheck_timeout_ms, () => aborter.abort());
    try {
      return await recheck.run(modelUuid, inputData, aborter.signal);
    } catch (error) {
      // Own trouble proves nothing about the result.
      logger.warn({ modelUuid, error: messageOf(error) }, "a task could not be run again");
      return undefined;
    } finally {
      cancel();
    }
  };
}
