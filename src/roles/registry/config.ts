import { z } from "zod";

/** The `registry` section of a node's configuration. */
export const registryConfigSchema = z.strictObject({
  /** Nodes that are not on the mesh themselves and for which this registry vouches; more are refused. */
  max_hosted_nodes: z.int().min(0).max(100_000).default(10_000),
  /** How often pending subnets are asked for again and records are renewed. */
  sweep_interval_ms: z.int().min(1_000).max(3_600_000).default(60_000),
});

export type RegistryConfig = z.infer<typeof registryConfigSchema>;
