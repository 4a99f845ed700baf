import { type Cancel, type Logger, messageOf } from "../base/index.ts";
import { nodeLifeMs } from "../records/index.ts";
import type { countersign, NodeInfo } from "../wire/index.ts";
import { firstAddressOf } from "./first-address.ts";
import type { NodeServices } from "./node-services.ts";

/** A node says again who it is well before its record expires. */
const renewPeriodMs = nodeLifeMs / 4;
/** Addresses become known one after the other (listeners, peers' observations); this catches the late ones. */
const recheckPeriodMs = 30_000;

export interface OwnRecordOptions {
  readonly services: NodeServices;
  readonly nodeId: string;
  readonly roles: readonly string[];
  readonly version: string;
  /** With `https://` where it wants TLS. */
  readonly grpcAddress: string;
  readonly registryAddress: string;
  /** What the compute role says of its models and slots. */
  readonly computeInfo: NodeInfo.$Properties | undefined;
  readonly logger: Logger;
}

/** Publishes this node's record, and again whenever it would say something else or grows old. */
export async function keepOwnRecord(options: OwnRecordOptions): Promise<Cancel> {
  const { services, logger } = options;
  const { replica, kinds, clock } = services;
  let published = "";
  let publishedMs = 0;
  const publish = async (): Promise<void> => {
    const record = recordOf(options);
    const text = JSON.stringify(record, (_key, value) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    if (text === published && clock.nowMs() - publishedMs < renewPeriodMs) return;
    await replica.publish(kinds.node, options.nodeId, record);
    published = text;
    publishedMs = clock.nowMs();
  };
  await publish();
  return clock.every(recheckPeriodMs, () => {
    publish().catch((error) =>
      logger.warn({ error: messageOf(error) }, "own node record could not be published"),
    );
  });
}

function recordOf(options: OwnRecordOptions): countersign.v1.NodeRecord.$Properties {
  const { services, roles, computeInfo } = options;
  const addresses = services.mesh.addresses();
  const { ip, port } = firstAddressOf(services.mesh);
  return {
    info: {
      ...computeInfo,
      node_id: options.nodeId,
      node_type: roles.find((role) => role !== "registry") ?? "registry",
      ip_address: ip,
      port,
      capabilities: computeInfo?.capabilities ?? [],
      wallet_address: services.signer.address,
      supported_models: computeInfo?.supported_models ?? [],
      peer_id: services.mesh.peerId,
      multiaddrs: addresses,
    },
    roles: [...roles],
    grpc_address: reachable(options.grpcAddress, ip),
    registry_address: reachable(options.registryAddress, ip),
    software_version: options.version,
  };
}

/** An address that listens on every interface, as others may dial it. */
function reachable(listen: string, ip: string): string {
  return listen.replace(/(?<=^|^https:\/\/)(0\.0\.0\.0|\[::\]):/, ip.includes(":") ? `[${ip}]:` : `${ip}:`);
}
