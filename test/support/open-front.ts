import { silentLogger, systemClock } from "../../src/base/index.ts";
import { Front, type FrontOptions, Limits, limitsConfigSchema } from "../../src/facade/front/index.ts";
import type { Caller } from "../../src/operations/index.ts";

export const anyone: Caller = { wallet: undefined, proof: undefined, isLocal: false };

/** A front that lets everybody in, but for what `options` say. */
export function openFront(options: Partial<FrontOptions> = {}): Front {
  return new Front({
    identity: { identify: async () => anyone },
    permissions: { check: () => {} },
    limits: new Limits(limitsConfigSchema.parse({})),
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
}
