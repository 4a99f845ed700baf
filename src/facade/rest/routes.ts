// The table of REST: which operation stands behind which path. Routes and OpenAPI document are both made from it.

export type HttpMethod = "GET" | "POST" | "DELETE";

/**
 * What is answered. `message`: the operation's answer. `items`: the stream's messages, as `{items: […]}`. `submit`: a
 * task's status, its HTTP status by what became of the task. `status`, `result`, `receipt`: of a task, also after a
 * wait. `events`: server-sent events.
 */
export type AnswerKind = "message" | "items" | "submit" | "status" | "result" | "receipt" | "events";

export interface Route {
  readonly method: HttpMethod;
  /** Parameters in braces. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly answer: AnswerKind;
  /** Status of a success; 200 when left out. */
  readonly status?: number;
  /** The request's field that the path's parameter fills. */
  readonly pathField?: string;
  /** The request's fields that the query may fill; a POST takes a body instead. */
  readonly query?: readonly string[];
  /** A request that is accepted by a network where it makes sense. */
  readonly example?: Readonly<Record<string, unknown>>;
  readonly deprecation?: Deprecation;
}

/** From when on a route should not be used any more, and when it goes; six months lie between them. */
export interface Deprecation {
  readonly since: Date;
  readonly sunset: Date;
}

export const apiRoot = "/api/v1";

const wallet = "0x5aeda56215b167893e80b4fe645ba6d5bab767de";
const models = [
  { model_uuid: "tiny-text", source: "path", path: "builtin:tiny-text", name: "Tiny text", max_tokens: 256 },
];

export const restRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/inference",
    operation: "ListTasks",
    summary: "The gateway's tasks, newest first.",
    answer: "items",
    query: ["status", "limit"],
  },
  {
    method: "POST",
    path: "/api/v1/inference",
    operation: "SubmitInferenceTask",
    summary: "Submits a task. Answers its terms once validators have signed them.",
    answer: "submit",
    status: 202,
    example: { model_uuid: "tiny-text", input_data: '{"prompt":"The network","max_tokens":8}' },
  },
  {
    method: "GET",
    path: "/api/v1/inference/{id}",
    operation: "GetTaskStatus",
    summary: "A task's status: payment, terms, trail and, at the end, the receipt.",
    answer: "status",
    pathField: "id",
  },
  {
    method: "DELETE",
    path: "/api/v1/inference/{id}",
    operation: "CancelTask",
    summary: "Cancels a task; what was paid for it is refunded.",
    answer: "message",
    pathField: "id",
  },
  {
    method: "GET",
    path: "/api/v1/inference/{id}/result",
    operation: "GetTaskStatus",
    summary: "The output of a completed task, with what proves it.",
    answer: "result",
    pathField: "id",
  },
  {
    method: "GET",
    path: "/api/v1/inference/{id}/receipt",
    operation: "GetTaskStatus",
    summary: "The receipt of a completed task, as it is verified.",
    answer: "receipt",
    pathField: "id",
  },
  {
    method: "GET",
    path: "/api/v1/inference/{id}/events",
    operation: "SubscribeToTaskUpdates",
    summary: "Everything that happens to a task, as server-sent events that can be resumed.",
    answer: "events",
    pathField: "id",
  },
  {
    method: "POST",
    path: "/api/v1/inference/{id}/payment",
    operation: "ConfirmPayment",
    summary: "Says which transaction paid a task. The gateway looks at the chain itself.",
    answer: "message",
    pathField: "request_id",
    example: { tx_hash: `0x${"1".repeat(64)}` },
  },
  {
    method: "GET",
    path: "/api/v1/models",
    operation: "GetSupportedModels",
    summary: "Models that tasks can be submitted for.",
    answer: "items",
  },
  {
    method: "GET",
    path: "/api/v1/nodes",
    operation: "DiscoverNodes",
    summary: "Nodes of the network, the best first.",
    answer: "items",
    query: ["node_type", "model_uuid", "subnet_id", "capabilities", "include_offline", "limit"],
  },
  {
    method: "POST",
    path: "/api/v1/nodes",
    operation: "RegisterNode",
    summary: "Registers a node. Other nodes check the wallet's signature over the body's Protobuf form.",
    answer: "message",
    status: 201,
    example: { node_id: "node-1", node_type: "compute", wallet_address: wallet, max_tasks: 4 },
  },
  {
    method: "DELETE",
    path: "/api/v1/nodes",
    operation: "DeregisterNode",
    summary: "Removes the nodes of a wallet that this node has registered.",
    answer: "message",
    query: ["address"],
  },
  {
    method: "GET",
    path: "/api/v1/subnets",
    operation: "ListSubnets",
    summary: "All subnets.",
    answer: "items",
  },
  {
    method: "POST",
    path: "/api/v1/subnets",
    operation: "CreateSubnet",
    summary: "Registers a subnet on a quote, once its fee is paid and validators agree.",
    answer: "message",
    status: 201,
    example: {
      gateway_address: wallet,
      models,
      fee_quote_id: "quote.1",
      config_hash: Buffer.alloc(32, 7).toString("base64"),
    },
  },
  {
    method: "POST",
    path: "/api/v1/subnets/estimate",
    operation: "EstimateSubnetFee",
    summary: "A signed quote for a subnet's fee.",
    answer: "message",
    example: { gateway_address: wallet, models },
  },
  {
    method: "GET",
    path: "/api/v1/subnets/estimate",
    operation: "EstimateSubnetFee",
    summary: "A signed quote for a subnet's fee; each `models` is one model as JSON.",
    answer: "message",
    query: ["gateway_address", "models"],
  },
  {
    method: "GET",
    path: "/api/v1/subnets/{id}",
    operation: "GetSubnet",
    summary: "One subnet.",
    answer: "message",
    pathField: "subnet_id",
  },
  {
    method: "GET",
    path: "/api/v1/validators",
    operation: "ListValidators",
    summary: "Validators, most stake first.",
    answer: "items",
    query: ["active_only", "limit"],
  },
  {
    method: "POST",
    path: "/api/v1/validators",
    operation: "RegisterValidator",
    summary: "Says that a staked validator is at work.",
    answer: "message",
    status: 201,
    example: { validator_address: wallet, stake_wei: "1000000000000000000000", node_id: "validator-1" },
  },
  {
    method: "DELETE",
    path: "/api/v1/validators",
    operation: "UnregisterValidator",
    summary: "Says that a validator is no longer at work.",
    answer: "message",
    query: ["validator_address", "timestamp", "signature"],
  },
  {
    method: "GET",
    path: "/api/v1/validators/{address}",
    operation: "GetValidatorInfo",
    summary: "One validator: stake, reputation, conduct.",
    answer: "message",
    pathField: "address",
  },
  {
    method: "GET",
    path: "/api/v1/network",
    operation: "GetNodeStatus",
    summary: "This node and what it sees of its network.",
    answer: "message",
  },
  {
    method: "GET",
    path: "/api/v1/network/sync",
    operation: "GetSyncStatus",
    summary: "Whether this node's records equal its peers'.",
    answer: "message",
    query: ["peers"],
  },
  {
    method: "GET",
    path: "/api/v1/network/peers",
    operation: "ListPeers",
    summary: "Connected peers; with `all` also those that are not, and why.",
    answer: "items",
    query: ["all"],
  },
];

/** Kinds of answers that a caller may wait for. */
export const canWait = ({ answer }: Route): boolean =>
  answer === "status" || answer === "result" || answer === "receipt";

/** Every path with the methods that it has. */
export function methodsByPath(routes: readonly Route[]): Map<string, HttpMethod[]> {
  const methods = new Map<string, HttpMethod[]>();
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}
