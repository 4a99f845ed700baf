import { silentLogger } from "../../../src/base/index.ts";
import { digestMessage, hostedHash, hostedLists } from "../../../src/records/hosted-digest.ts";
import {
  HostedNodes,
  Liveness,
  type LiveRecord,
  NodeDirectory,
  type NodeRecord,
} from "../../../src/records/index.ts";
import { countersign } from "../../../src/wire/index.ts";
import { SharedRecords } from "../../unit/records/hosting.ts";
import { wallet } from "../../unit/records/network.ts";
import type { Figures } from "../bench.ts";
import { cpuUsPerCall, usedBytes } from "./costs.ts";
import { clock, kinds } from "./network.ts";

const { Heartbeat } = countersign.v1;
const host = wallet("host").address;
const beats = 2_000;
const rounds = 20;
/** So many that what else happens in memory does not show. */
const directoryNodes = 20_000;

/** The heartbeat of a host with so many nodes, of which this share is silent. */
export function beatOf(nodes: number, silentShare: number, sequence: number): Uint8Array {
  const silent = Math.round(nodes * silentShare);
  const lists = hostedLists(
    Array.from({ length: nodes }, (_, index) => ({
      hash: hostedHash(host, `compute-${index}`),
      status: index < silent ? ("offline" as const) : ("alive" as const),
      silentSinceMs: 0,
    })),
  );
  const digest = { heard: nodes - silent, freeSlots: nodes, activeTasks: nodes, ...lists };
  return Heartbeat.encode({
    node_id: "gateway-17",
    wallet: host,
    sequence,
    time_ms: clock.nowMs(),
    active_tasks: 12,
    max_tasks: 10_000,
    load: 0.25,
    hosted: digestMessage(digest),
  }).finish();
}

/** What one node's entry took in a heartbeat before there were digests. */
export function entryBytes(): number {
  // The same fields as a heartbeat has without its sequence, and two bytes to frame it.
  const entry = {
    node_id: "compute-123",
    wallet: host,
    time_ms: clock.nowMs(),
    active_tasks: 1,
    max_tasks: 4,
    load: 0.25,
  };
  return Heartbeat.encode(entry).finish().length + 2;
}

export async function measureHeartbeats(hosted: number, silentShare: number): Promise<Figures> {
  const records = new SharedRecords(clock);
  records.host("host");
  const replica = records.as("observer");
  const liveness = new Liveness({ replica, kind: kinds.node, clock });
  let sequence = 0;
  const take = (nodes: number) => {
    const data = beatOf(nodes, silentShare, 1);
    const decoded = Heartbeat.decode(data);
    return cpuUsPerCall(beats, () => {
      decoded.sequence = ++sequence;
      decoded.node_id = "host";
      liveness.onGossip({ author: "host", data: Heartbeat.encode(decoded).finish() });
    });
  };
  const figures: Figures = {
    beatBytes: beatOf(hosted, silentShare, 1).length,
    beatBytesAllWell: beatOf(hosted, 0, 1).length,
    entryBytesBefore: entryBytes(),
    handledUs: await take(hosted),
    ...(await measureHost(hosted)),
    ...(await measureDirectory(records, liveness)),
  };
  liveness.stop();
  return figures;
}

/** The host's own work for a heartbeat. */
async function measureHost(nodes: number): Promise<Figures> {
  const records = new SharedRecords(clock);
  const liveness = new Liveness({ replica: records.as("host"), kind: kinds.node, clock });
  const own = new HostedNodes({
    replica: records.as("host"),
    kind: kinds.node,
    liveness,
    wallet: host,
    intervalMs: 10_000,
    clock,
    logger: silentLogger,
  });
  const heard = vouchMany(records, nodes).map(({ id, payload }) => ({
    wallet: payload.info?.wallet_address ?? "",
    nodeId: id,
    heardMs: clock.nowMs(),
    activeTasks: 1,
    maxTasks: 4,
    load: 0.25,
  }));
  own.addSource(() => heard);
  const digestUsPerNode = (await cpuUsPerCall(rounds, () => own.digest())) / nodes;
  await own.stop();
  liveness.stop();
  return { digestUsPerNode };
}

/** Who asks for all nodes pays for each. */
async function measureDirectory(records: SharedRecords, liveness: Liveness): Promise<Figures> {
  const nodes = directoryNodes;
  vouchMany(records, nodes);
  const before = await usedBytes();
  const directory = new NodeDirectory({ replica: records.as("observer"), kind: kinds.node, liveness, clock });
  const directoryBytesPerNode = ((await usedBytes()) - before) / nodes;
  const listedUsPerNode =
    (await cpuUsPerCall(rounds, () => directory.list({ includeOffline: true }))) / nodes;
  directory.stop();
  return { directoryBytesPerNode, listedUsPerNode };
}

function vouchMany(records: SharedRecords, nodes: number): LiveRecord<NodeRecord>[] {
  return Array.from({ length: nodes }, (_, index) => {
    const node_id = `compute-${index}`;
    const wallet_address = `0x${index.toString(16).padStart(40, "a")}`;
    const supported_models = [{ model_uuid: `model-${index % 50}`, price_wei: "1000" }];
    const info = { node_id, node_type: "compute", wallet_address, supported_models, capabilities: [] };
    return records.put(host, node_id, { info, roles: ["compute"] } as unknown as NodeRecord);
  });
}
