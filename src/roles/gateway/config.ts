import { z } from "zod";
import { addressPattern } from "../../base/index.ts";

const wallets = z
  .array(z.string().regex(addressPattern, "an address: 0x and 40 hex digits").toLowerCase())
  .max(10_000)
  .default([]);

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
  /** Tasks that go to other gateways' compute nodes when none here can take them, and those that come from others. */
  federation: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Tasks of other gateways under way here at once, with the slots that are held for more. */
      max_tasks: z.int().min(0).max(1_000_000).default(1_000),
      /** Wallets of the gateways to deal with; all of them where none is named. */
      allow: wallets,
      /** Wallets of gateways to have nothing to do with. */
      deny: wallets,
    })
    .prefault({}),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
