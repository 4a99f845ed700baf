import { join } from "node:path";
import { CountersignError, nowSec } from "../base/index.ts";
import { buildReceipt, type Cosigner } from "../cosign/index.ts";
import { HostedNodes, type NodeView } from "../records/index.ts";
import { type ComputeRole, startCompute } from "../roles/compute/index.ts";
import { type Gateway, startGateway, type Task } from "../roles/gateway/index.ts";
import { createRegistry, type Registry, subnetRules } from "../roles/registry/index.ts";
import { guardMarkFileName, type Recheck, startValidator, type Validator } from "../roles/validator/index.ts";
import { NodeInfo } from "../wire/index.ts";
import type { NodeConfig } from "./config.ts";
import { firstAddressOf } from "./first-address.ts";
import type { ValidationTopic } from "./live-topics/validation-topic.ts";
import { nodeIdOf } from "./node-id.ts";
import type { NodeServices } from "./node-services.ts";
import { otherGateways } from "./other-gateways.ts";

// Each role, handed what it needs of the node. Roles know nothing of each other.

export function openRegistry(services: NodeServices, config: NodeConfig, cosigner: Cosigner): Registry {
  const { replica, directory, mesh, kinds, chain, signer, store, clock, random, genesis } = services;
  const latencyMsOf = (node: NodeView): number | undefined => {
    const host =
      node.peerId ?? directory.byWallet(node.owner).find((one) => one.peerId !== undefined)?.peerId;
    return host === undefined ? undefined : mesh.peers().find((peer) => peer.peerId === host)?.latencyMs;
  };
  return createRegistry({
    config: config.registry,
    genesis,
    replica,
    kinds,
    nodes: directory,
    latencyMsOf,
    liveness: services.liveness,
    reputation: services.reputation,
    chain,
    cosigner,
    signer,
    store,
    clock,
    random,
    logger: services.logger.child({ component: "registry" }),
  });
}

export function openValidator(
  services: NodeServices,
  config: NodeConfig,
  nodeId: string,
  recheck: Recheck,
  watcher?: ValidationTopic,
): Promise<Validator> {
  const { mesh, replica, kinds, chain, directory } = services;
  return startValidator({
    config: config.validator,
    genesis: services.genesis,
    mesh,
    store: services.store,
    markFile: services.platform.markFile(join(config.data_dir, guardMarkFileName)),
    signer: services.signer,
    clock: services.clock,
    random: services.random,
    logger: services.logger.child({ component: "validator" }),
    nodeId,
    nodes: directory,
    subnets: subnetRules,
    payments: chain,
    recheck,
    validatorSet: services.validatorSet,
    clockOffsetMs: () => mesh.clockOffsetMs(),
    mergeRecords: (records) => replica.merge(records),
    onKnowledge(listener) {
      const cancels = [
        replica.onChange(kinds.node, listener),
        services.liveness.onReturn(listener),
        chain?.onEscrow(listener),
      ];
      return () => {
        for (const cancel of cancels) cancel?.();
      };
    },
    publishRecord: (record) => replica.publish(kinds.validator, services.signer.address, record),
    onVerdict: (request, verdict) => watcher?.onVerdict(request, verdict),
  });
}

/** What a host knows and says of the nodes that it vouches for. */
export function openHostedNodes(services: NodeServices, config: NodeConfig): HostedNodes {
  return new HostedNodes({
    replica: services.replica,
    kind: services.kinds.node,
    liveness: services.liveness,
    wallet: services.signer.address,
    intervalMs: config.heartbeat_interval_ms,
    clock: services.clock,
    logger: services.logger.child({ component: "records" }),
  });
}

export function openGateway(
  services: NodeServices,
  config: NodeConfig,
  cosigner: Cosigner,
  hosted: HostedNodes,
): Promise<Gateway> {
  const { replica, kinds, directory, genesis, signer, clock, reputation, chain } = services;
  return startGateway({
    config: config.gateway,
    genesis,
    signer,
    store: services.store,
    events: services.events,
    chain,
    validatorSet: services.validatorSet,
    cosigner,
    receiptOf: (task, validators) =>
      buildReceipt(
        {
          genesis,
          validators,
          client: task.client,
          modelUuid: task.modelUuid,
          inputData: task.inputData,
          outputData: task.result?.outputData ?? "",
          validation: required(task, task.quote).validation,
          grants: task.grants,
          completion: required(task, task.result).completion,
          completionSignatures: task.completionSignatures,
          paymentTx: task.paymentTx,
          payoutTx: task.payoutTx,
          issuedAtSec: nowSec(clock),
        },
        signer,
      ),
    observer: reputation,
    reputationOf: (wallet) => reputation.reputationOf(wallet),
    // After a restart, nodes that were not heard again yet count too: the task waits for one of them.
    knowsModel: (modelUuid) => directory.list({ modelUuid, includeOffline: true }).length > 0,
    async vouch(info, proof) {
      // The record holds what the node signed, not what defaults made of it.
      const signed = NodeInfo.decode(proof.body ?? new Uint8Array(0));
      signed.wallet_address = signed.wallet_address.toLowerCase();
      // This node's own compute role: its own record says it already, and names its other roles too.
      const isSelf =
        signed.wallet_address === signer.address && info.node_id === nodeIdOf(config, signer.address);
      if (isSelf || hosted.isVouched(info.node_id ?? "", proof)) return;
      await replica.publish(kinds.node, info.node_id ?? "", { info: signed, roles: ["compute"], proof });
    },
    otherGateways: otherGateways({ directory, mesh: services.mesh, wallet: signer.address, clock }),
    heartbeatIntervalMs: config.heartbeat_interval_ms,
    clock,
    random: services.random,
    logger: services.logger.child({ component: "gateway" }),
  });
}

export function openCompute(
  services: NodeServices,
  config: NodeConfig,
  nodeId: string,
  environment: NodeJS.ProcessEnv,
  configFolder: string,
): Promise<ComputeRole> {
  if (config.compute === undefined)
    throw new CountersignError("CONFIG_INVALID", "compute: this section is missing");
  const { directory, replica, kinds } = services;
  const { ip: ipAddress, port } = firstAddressOf(services.mesh);
  for (const model of config.compute.models) services.mesh.provide(model.model_uuid);
  return startCompute({
    config: config.compute,
    nodeId,
    peer: {
      ipAddress,
      port,
      peerId: services.mesh.peerId,
      multiaddrs: services.mesh.addresses(),
    },
    genesis: services.genesis,
    signer: services.signer,
    store: services.store,
    clock: services.clock,
    random: services.random,
    logger: services.logger.child({ component: "compute" }),
    gatewaysOnMesh: {
      list: () => directory.list({ role: "gateway" }).flatMap(({ record }) => record.grpc_address || []),
      onChange: (listener) => replica.onChange(kinds.node, listener),
    },
    configFolder,
    environment,
  });
}

function required<T>(task: Task, value: T | undefined): T {
  if (value === undefined) throw new CountersignError("INTERNAL", `task ${task.key} has no result to prove`);
  return value;
}
