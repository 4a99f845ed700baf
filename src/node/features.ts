import type { Genesis } from "../base/index.ts";
import type { NodeConfig } from "./config.ts";

/** What this node can do, by its running configuration; its peers are told. */
export function featuresOf(config: NodeConfig, genesis: Genesis): string[] {
  const has = (role: NodeConfig["roles"][number]) => config.roles.includes(role);
  return [
    ...config.roles,
    ...(genesis.chain === null ? [] : ["chain"]),
    ...(has("gateway") && config.gateway.federation.enabled ? ["federation"] : []),
    ...(has("validator") && has("compute") && config.validator.recheck_share > 0 ? ["recheck"] : []),
  ];
}
