import { startHeartbeats } from "../records/index.ts";
import type { ComputeRole } from "../roles/compute/index.ts";
import type { LoadedConfig, NodeConfig } from "./config.ts";
import { openCosigner } from "./cosigner.ts";
import type { ValidationTopic } from "./live-topics/validation-topic.ts";
import { nodeIdOf } from "./node-id.ts";
import type { NodeServices } from "./node-services.ts";
import { openCompute, openGateway, openHostedNodes, openRegistry, openValidator } from "./roles.ts";
import type { StopList } from "./stop-list.ts";

export interface RolesOptions extends Pick<LoadedConfig, "config" | "folder"> {
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts the roles that the configuration names, each handed what it needs of the node. */
export async function startRoles(
  { config, folder, environment }: RolesOptions,
  services: NodeServices,
  stops: StopList,
  /** Told of rounds and verdicts, where somebody may subscribe to them. */
  watcher?: ValidationTopic,
) {
  const nodeId = nodeIdOf(config, services.signer.address);
  const has = (role: NodeConfig["roles"][number]) => config.roles.includes(role);

  // A node that only computes takes no part in rounds, nor in their gossip.
  const cosigner =
    has("gateway") || has("registry") || has("validator") ? openCosigner(services, watcher) : undefined;
  if (cosigner !== undefined) stops.add("cosigner", () => cosigner.stop());
  // Gateways speak for the compute nodes that heartbeat to them, so that gossip does not grow with those.
  const isSpokenFor = config.roles.every((role) => role === "compute");
  const hosted = isSpokenFor ? undefined : openHostedNodes(services, config);
  hosted?.start();
  if (hosted !== undefined) stops.add("hosted nodes", () => hosted.stop());
  // Gateways answer for the registry over HTTP, so that a client needs one address.
  const registry = cosigner && openRegistry(services, config, cosigner);
  registry?.start();
  if (registry !== undefined) stops.add("registry", () => registry.stop());
  let compute: ComputeRole | undefined;
  if (has("validator")) {
    const recheck = {
      canRun: (modelUuid: string) => compute?.canRepeat(modelUuid) === true,
      run: (modelUuid: string, input: string, signal: AbortSignal) =>
        compute?.repeat(modelUuid, input, signal) ?? Promise.reject(new Error("this node computes nothing")),
    };
    const validator = await openValidator(services, config, nodeId, recheck, watcher);
    cosigner?.setLocal(validator);
    stops.add("validator", () => validator.stop());
  }
  const gateway =
    cosigner && hosted && has("gateway") ? await openGateway(services, config, cosigner, hosted) : undefined;
  if (gateway !== undefined) stops.add("gateway", () => gateway.stop());
  if (has("compute")) {
    const opened = await openCompute(services, config, nodeId, environment, folder);
    compute = opened;
    stops.add("compute", () => opened.stop());
  }
  const started = { nodeId, cosigner, registry, gateway, computeInfo: compute?.nodeInfo() };
  if (hosted === undefined) return { ...started, hosted, beatNow: () => {} };
  if (gateway !== undefined) hosted.addSource(() => gateway.pool.hosted());
  if (registry !== undefined) hosted.addSource(() => registry.hosted());
  const heartbeats = startHeartbeats({
    mesh: services.mesh,
    liveness: services.liveness,
    clock: services.clock,
    logger: services.logger,
    nodeId,
    wallet: services.signer.address,
    intervalMs: config.heartbeat_interval_ms,
    state: () => {
      const status = compute?.status();
      return {
        activeTasks: status?.activeTasks ?? gateway?.tasks.liveCount ?? 0,
        maxTasks: status?.maxTasks ?? (gateway === undefined ? 0 : config.gateway.max_open_tasks),
        load: status?.load ?? 0,
        hosted: hosted.digest(),
      };
    },
  });
  stops.add("heartbeats", () => heartbeats.stop());
  // Validators choose by liveness: who is back shall not have to wait for the next heartbeat.
  gateway?.pool.onAttach((node) => {
    if (hosted.isMissed(node.info.node_id ?? "")) heartbeats.beatNow();
  });
  return { ...started, hosted, beatNow: heartbeats.beatNow };
}
