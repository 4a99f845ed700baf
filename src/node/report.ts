import { clockTrouble } from "../mesh/index.ts";
import type { NodeReport } from "../operations/index.ts";
import { errorMessageOf, type Gateway, publishedStatus, type Task } from "../roles/gateway/index.ts";
import type { countersign } from "../wire/index.ts";
import type { NodeServices } from "./node-services.ts";
import { peerStatusOf } from "./peer-status.ts";
import { syncStatusOf } from "./sync-status.ts";

export interface ReportOptions {
  readonly services: NodeServices;
  readonly nodeId: string;
  readonly roles: readonly string[];
  readonly version: string;
  readonly gateway: Gateway | undefined;
  readonly startedAtMs: number;
}

/** What this node says of itself. */
export function createReport(options: ReportOptions): NodeReport {
  const { services, gateway } = options;
  const { mesh, chain, genesis } = services;
  return {
    async status() {
      const chainStatus = chain?.status();
      const set = services.validatorSet();
      return {
        node_id: options.nodeId,
        wallet_address: services.signer.address,
        peer_id: mesh.peerId,
        network: services.network,
        software_version: options.version,
        roles: [...options.roles],
        started_at_ms: options.startedAtMs,
        listen_addresses: mesh.addresses(),
        connected_peers: mesh.peers().length,
        topics: mesh.topics().map((topic) => ({ ...topic })),
        records: services.replica.counts(),
        tasks: (await gateway?.tasks.counts()) ?? {},
        chain:
          chainStatus === undefined || genesis.chain === null
            ? null
            : {
                connected: chainStatus.connected,
                chain_id: chainStatus.chainId,
                block_number: chainStatus.blockNumber,
                payment_contract: genesis.chain.inference_payment,
              },
        validators_active: set.entries.length,
        validators_asked: set.asked,
        validators_required: set.required,
        warnings: warningsOf(services),
        genesis_json: JSON.stringify(genesis),
      };
    },
    async sync(peers, signal) {
      return syncStatusOf(await services.replica.compare(peers, signal));
    },
    peers: (all) => mesh.peerReports(all).map((peer) => peerStatusOf(peer, services.directory)),
    async tasks({ status, limit }) {
      const found: Task[] = (await gateway?.tasks.list(status, limit)) ?? [];
      return found.map(summaryOf);
    },
  };
}

function warningsOf({ mesh, chain }: NodeServices): string[] {
  const warnings: string[] = [];
  if (chain?.status().connected === false) warnings.push("the chain node does not answer; paid tasks wait");
  if (mesh.peers().length === 0) warnings.push("no peer is connected");
  const clock = clockTrouble(mesh.clockOffsetMs());
  if (clock !== undefined) warnings.push(clock);
  return warnings;
}

function summaryOf(task: Task): countersign.v1.TaskSummary.$Properties {
  return {
    request_id: task.requestId,
    client: task.client,
    model_uuid: task.modelUuid,
    state: task.state,
    status: publishedStatus(task.state),
    error: errorMessageOf(task),
    compute_node_id: task.assignment?.nodeId ?? "",
    price_wei: task.quote?.totalWei ?? "0",
    created_at_ms: task.createdAtMs,
    updated_at_ms: task.updatedAtMs,
    for_gateway: task.origin ?? "",
    at_gateway: task.assignment?.gateway ?? "",
  };
}
