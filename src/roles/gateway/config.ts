import { z } from "zod";

/** The `gateway` section of a node's configuration. */
export const gatewayConfigSchema = z.strictObject({
  /** How much each quality counts when a compute node is chosen. */
  weights: z
    .strictObject({
      price: z.number().min(0).max(100).default(1),
      latency: z.number().min(0).max(100).default(1),
      success: z.number().min(0).max(100).default(2),
      load: z.number().min(0).max(100).default(1),
    })
    .prefault({}),
  /** Nodes below this reputation get no task. */
  min_reputation: z.int().min(-1_000_000).max(1_000_000).default(-50),
  /** How long a new task may wait for a free slot before it fails with NO_FREE_SLOT. */
  slot_wait_ms: z.int().min(0).max(60_000).default(10_000),
  /** Tasks under way at once; more are refused. */
  max_open_tasks: z.int().min(1).max(1_000_000).default(10_000),
  /** Ended tasks stay on record this long; clients keep their receipts. At least as long as an escrow can live. */
  keep_tasks_days: z.int().min(4).max(3_650).default(30),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
