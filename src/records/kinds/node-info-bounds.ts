import type { ModelData, NodeInfo } from "../../wire/index.ts";
import {
  address,
  count,
  firstProblem,
  maxNameLength,
  maxPathLength,
  oneOf,
  type Problem,
  text,
  texts,
  wei,
  wholeNumber,
} from "./field-bounds.ts";

export const nodeTypes = ["compute", "gateway", "validator", "registry", "indexer"] as const;
export const maxModels = 256;
export const maxCapabilities = 64;
/** As many addresses as a machine with a few interfaces and relays has. */
export const maxMultiaddrs = 32;
/** Tasks at once on one node: far above any machine, low enough to add up safely. */
export const maxConcurrentTasks = 65_536;
const maxPort = 65_535;

/** Why this cannot be said about a node; the first problem, naming the field. */
export function nodeInfoProblem(info: NodeInfo.$Properties): Problem {
  const models = info.supported_models ?? [];
  return (
    text("node_id", info.node_id ?? "", maxNameLength, 1) ??
    oneOf("node_type", info.node_type ?? "", nodeTypes) ??
    text("ip_address", info.ip_address ?? "", maxNameLength * 2) ??
    wholeNumber("port", info.port ?? 0, maxPort) ??
    texts("capabilities", info.capabilities ?? [], maxCapabilities, maxNameLength) ??
    address("wallet_address", info.wallet_address ?? "") ??
    wholeNumber("last_heartbeat", info.last_heartbeat ?? 0) ??
    wholeNumber("max_tasks", info.max_tasks ?? 1, maxConcurrentTasks) ??
    text("peer_id", info.peer_id ?? "", maxNameLength) ??
    texts("multiaddrs", info.multiaddrs ?? [], maxMultiaddrs, maxPathLength) ??
    text("status", info.status ?? "", maxNameLength) ??
    count("supported_models", models, maxModels) ??
    firstProblem(models, modelProblem) ??
    twice(models)
  );
}

function modelProblem(model: ModelData.$Properties): Problem {
  return (
    text("supported_models.model_uuid", model.model_uuid ?? "", maxNameLength, 1) ??
    text("supported_models.name", model.name ?? "", maxNameLength) ??
    text("supported_models.version", model.version ?? "", maxNameLength) ??
    text("supported_models.category", model.category ?? "", maxNameLength) ??
    // An absent price is 0, as proto3 has it.
    wei("supported_models.price_wei", model.price_wei || "0") ??
    wholeNumber("supported_models.max_tokens", model.max_tokens ?? 0)
  );
}

/** Two prices for one model would leave open which one holds. */
function twice(models: readonly ModelData.$Properties[]): Problem {
  const uuids = new Set(models.map(({ model_uuid }) => model_uuid));
  return uuids.size < models.length ? "supported_models names a model twice" : undefined;
}
