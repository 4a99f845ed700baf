import { equalBytes, type Genesis } from "../../base/index.ts";
import { countersign, NodeInfo } from "../../wire/index.ts";
import type { RecordKind } from "../record.ts";
import { firstProblem, maxNameLength, maxPathLength, oneOf, type Problem, text } from "./field-bounds.ts";
import { nodeInfoProblem, nodeTypes } from "./node-info-bounds.ts";
import { isProofOf } from "./registration-proof.ts";

export type NodeRecord = countersign.v1.NodeRecord.$Properties;

const hourMs = 3_600_000;
/** A node says at least daily that it is still there. */
export const nodeLifeMs = 24 * hourMs;
/** A host may go on vouching with one registration this long; then the node has to agree again to its price and models. */
export const proofLifeMs = 30 * 24 * hourMs;
/** A node's clock against its host's. */
const proofAheadMs = 10 * 60_000;
/** An entry with every model at its longest, once as info and once inside the proof, fits. */
const maxPayloadBytes = 224 * 1024;
const registrations = ["RegisterComputeNode", "RegisterNode"];

/** Who a node is, what it serves and for how much; id = its node id. */
export function createNodeKind(genesis: Genesis): RecordKind<NodeRecord> {
  return {
    name: "node",
    maxPayloadBytes,
    lifeMs: nodeLifeMs,
    encode: (payload) => countersign.v1.NodeRecord.encode(payload).finish(),
    decode: (bytes) => countersign.v1.NodeRecord.decode(bytes),
    check: (record, payload) =>
      payload.info == null
        ? "info is missing"
        : (fieldsProblem(record.id, payload, payload.info) ??
          ownerProblem(genesis, record.owner, record.version, payload, payload.info)),
  };
}

function fieldsProblem(id: string, payload: NodeRecord, info: NodeInfo.$Properties): Problem {
  const roles = payload.roles ?? [];
  if (info.node_id !== id) return "info.node_id is not the record's id";
  if (new Set(roles).size < roles.length) return "roles names a role twice";
  return (
    nodeInfoProblem(info) ??
    firstProblem(roles, (role) => oneOf("roles", role, nodeTypes)) ??
    text("grpc_address", payload.grpc_address ?? "", maxPathLength) ??
    text("registry_address", payload.registry_address ?? "", maxPathLength) ??
    text("software_version", payload.software_version ?? "", maxNameLength)
  );
}

/** The node's own wallet, or a host that shows the node's signed registration of exactly this info. */
function ownerProblem(
  genesis: Genesis,
  owner: string,
  versionMs: number,
  { proof }: NodeRecord,
  info: NodeInfo.$Properties,
): Problem {
  const wallet = (info.wallet_address ?? "").toLowerCase();
  if (owner === wallet) return undefined;
  if (proof == null) return "the owner is neither the node's wallet nor shows its registration";
  const signedAtMs = (proof.timestamp ?? 0) * 1000;
  if (signedAtMs > versionMs + proofAheadMs || signedAtMs < versionMs - proofLifeMs) {
    return "the node's registration is too old, or of the future";
  }
  const signedInfo = NodeInfo.decode(proof.body ?? new Uint8Array(0));
  if (!isSameInfo(signedInfo, info)) return "the node registered something else";
  return isProofOf(genesis, proof, wallet, registrations)
    ? undefined
    : "the registration was not signed by the node's wallet";
}

/** Compared as values: another protobuf library may have put the same fields into other bytes, or the address in other case. */
function isSameInfo(a: NodeInfo.$Properties, b: NodeInfo.$Properties): boolean {
  return equalBytes(comparable(a), comparable(b));
}

function comparable(info: NodeInfo.$Properties): Uint8Array {
  const copy = new NodeInfo(info);
  copy.wallet_address = copy.wallet_address.toLowerCase();
  return NodeInfo.encode(copy).finish();
}
