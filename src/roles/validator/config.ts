import { z } from "zod";

/** The `validator` section of a node's configuration. */
export const validatorConfigSchema = z.strictObject({
  /** Share of tasks, shown with input and output, that this node runs again if it can run their model. */
  recheck_share: z.number().min(0).max(1).default(0),
  /** How long such a run may take; slower than this the task is signed unchecked. */
  recheck_timeout_ms: z.int().min(100).max(60_000).default(2_000),
});

export type ValidatorConfig = z.infer<typeof validatorConfigSchema>;
