import assert from "node:assert/strict";
import fc from "fast-check";
import { CountersignError } from "../../../src/base/index.ts";
import { type RpcName, requestChecks } from "../../../src/operations/requests.ts";
import {
  ComputeCompletion,
  gatewayClientService,
  gatewayComputeService,
  InferenceRequest,
  InferenceResponse,
  messageService,
  NodeInfo,
  nodeService,
  registryService,
} from "../../../src/wire/index.ts";

type Plain = Record<string, unknown>;

const wallet = `0x${"Ab".repeat(20)}`;
const lower = wallet.toLowerCase();
const signature = `0x${"1f".repeat(65)}`;
const txHash = `0x${"0A".repeat(32)}`;
const hash = new Uint8Array(32).fill(7);

const tree = {
  compute_price_wei: "800",
  gateway_gas_wei: "100",
  validator_reward_wei: "50",
  treasury_fee_wei: "50",
};
const proposal = {
  request_id: "r-1",
  gateway_wallet: wallet,
  compute_node_id: "node-1",
  compute_node_wallet: wallet,
  payment_tree: tree,
  validator_signatures: [],
  expiry_timestamp: 1_800_000_000,
};
const confirmation = {
  request_id: "r-1",
  tx_hash: txHash,
  block_number: 4,
  confirmations: 1,
  originator_wallet: wallet,
  amount_wei: "1000",
  timestamp: 1_700_000_000,
};
const completion = {
  request_id: "r-1",
  compute_node_signature: signature,
  result_hash: hash,
  completion_timestamp: 1_700_000_000,
  computation_time_ms: 12,
};
const task = {
  request_id: "r-1",
  model_uuid: "m-1",
  input_data: '{"prompt":"hi"}',
  originator_client_id: wallet,
};
const node = {
  node_id: "node-1",
  node_type: "compute",
  ip_address: "127.0.0.1",
  port: 9000,
  capabilities: ["gpu"],
  wallet_address: wallet,
  last_heartbeat: 0,
  supported_models: [
    { model_uuid: "m-1", name: "n", version: "1", category: "text", price_wei: "10", max_tokens: 9 },
  ],
  subnet_id: 7n,
  max_tasks: 2,
  peer_id: "12D3",
  multiaddrs: ["/ip4/127.0.0.1/tcp/1"],
};
const descriptor = {
  model_uuid: "m-1",
  source: "url",
  path: "http://x",
  name: "n",
  category: "text",
  description: "",
  max_tokens: 1,
  version: "1",
  input_format: "",
  output_format: "",
};

const good: Record<RpcName, Plain> = {
  SubmitInferenceTask: {
    ...task,
    preprocessing_validation: proposal,
    transaction_confirmation: confirmation,
    assigned_timestamp: 1,
    assigned_compute_node_id: "node-1",
    subnet_id: 7n,
    options: { recheck: true },
  },
  SubscribeToTaskUpdates: { id: "r-1" },
  GetTaskStatus: { id: "r-1" },
  CancelTask: { id: "r-1" },
  ConfirmPayment: confirmation,
  GetSupportedModels: {},
  RegisterComputeNode: node,
  UpdateHeartbeat: {
    node_id: "node-1",
    timestamp: 1,
    active_tasks: 1,
    max_tasks: 2,
    load: 0.5,
    active_request_ids: ["r-1"],
  },
  ReceiveTask: node,
  SubmitResult: {
    request_id: "r-1",
    model_uuid: "m-1",
    output_data: '"x"',
    status: "completed",
    error_message: "",
    compute_completion: completion,
  },
  GetTask: { id: "r-1" },
  RegisterNode: node,
  UpdateNodeHeartbeat: {
    node_id: "node-1",
    wallet_address: wallet,
    timestamp: 1,
    active_tasks: 0,
    max_tasks: 1,
    load: 0,
  },
  DeregisterNode: { address: wallet },
  DiscoverNodes: {
    node_type: "compute",
    model_uuid: "m-1",
    subnet_id: 7n,
    capabilities: ["gpu"],
    include_offline: true,
    limit: 5,
  },
  RequestPreprocessingValidation: {
    ...task,
    preprocessing_validation: proposal,
    assigned_compute_node_id: "node-1",
  },
  RequestCompletionValidation: {
    request_id: "r-1",
    model_uuid: "m-1",
    output_data: "",
    status: "completed",
    compute_completion: completion,
  },
  EstimateSubnetFee: { gateway_address: wallet, models: [descriptor] },
  CreateSubnet: {
    gateway_address: wallet,
    models: [descriptor],
    fee_quote_id: "q.1",
    payment_tx: txHash,
    config_hash: hash,
  },
  GetSubnet: { subnet_id: 7n },
  ListSubnets: {},
  RegisterValidator: {
    validator_address: wallet,
    stake_wei: "5",
    stake_tx: txHash,
    node_id: "v",
    timestamp: 1,
    signature,
  },
  UnregisterValidator: { validator_address: wallet, timestamp: 1, signature },
  GetValidatorInfo: { address: wallet },
  ListValidators: { active_only: true, limit: 1 },
  GetNodeStatus: {},
  GetSyncStatus: { peers: 3 },
  ListPeers: { all: true },
  ListTasks: { status: "queued", limit: 1 },
  AccountWeight: { account: wallet },
  IsAlive: {},
};

const names = Object.keys(requestChecks) as RpcName[];

function problemOf(name: RpcName, message: unknown): CountersignError {
  try {
    requestChecks[name](message);
  } catch (error) {
    assert.ok(error instanceof CountersignError, `${name} threw ${String(error)}`);
    return error;
  }
  return assert.fail(`${name} accepted the message`);
}

/** The same message with one field, named by its path, replaced. */
function replaced(message: Plain, path: string, value: unknown): Plain {
  const [first = "", ...rest] = path.split(".");
  const match = /^(.+)\[(\d+)\]$/.exec(first);
  if (match) {
    const [, name = "", index = "0"] = match;
    const entries = [...(message[name] as unknown[])];
    entries[Number(index)] =
      rest.length === 0 ? value : replaced(entries[Number(index)] as Plain, rest.join("."), value);
    return { ...message, [name]: entries };
  }
  return {
    ...message,
    [first]: rest.length === 0 ? value : replaced(message[first] as Plain, rest.join("."), value),
  };
}

/** Paths of all leaves that the good message sets. */
function leaves(message: Plain, prefix = ""): string[] {
  return Object.entries(message).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (Array.isArray(value)) {
      return value.flatMap((entry, i) =>
        typeof entry === "object" ? leaves(entry as Plain, `${path}[${i}].`) : [`${path}[${i}]`],
      );
    }
    if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
      return leaves(value as Plain, `${path}.`);
    }
    return [path];
  });
}

describe("request checks", () => {
  it("cover every RPC of the five services", () => {
    const services = [
      gatewayClientService,
      gatewayComputeService,
      registryService,
      nodeService,
      messageService,
    ];
    const rpcs = services.flatMap((service) => Object.keys(service));
    assert.deepEqual([...names].sort(), rpcs.sort());
  });

  for (const name of names) {
    it(`${name} accepts a full message and its own answer to it`, () => {
      const once = requestChecks[name](good[name]);
      assert.deepEqual(requestChecks[name](once), once);
    });

    it(`${name} throws nothing but CountersignError whatever it is given`, () => {
      const fields = Object.keys(good[name]);
      const mutated = fc.record(
        Object.fromEntries(
          fields.map((field) => [field, fc.oneof(fc.constant(good[name][field]), fc.anything())]),
        ),
        { requiredKeys: [] },
      );
      const garbage = fc.oneof(
        mutated,
        fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true }),
      );
      fc.assert(
        fc.property(garbage, (message) => {
          try {
            requestChecks[name](message);
          } catch (error) {
            assert.ok(error instanceof CountersignError, String(error));
            assert.equal(error.entry.grpc, "INVALID_ARGUMENT");
            assert.equal(typeof error.data["field"], "string");
          }
        }),
        { numRuns: 60 },
      );
    });

    for (const path of leaves(good[name])) {
      it(`${name} refuses a bad ${path} by name`, () => {
        // No field of any form takes any of these.
        for (const bad of [{ a: 1n }, Symbol("x"), [[]], Number.NaN, Number.POSITIVE_INFINITY, () => 1]) {
          const problem = problemOf(name, replaced(good[name], path, bad));
          assert.equal(problem.data["field"], path);
          assert.ok(problem.message.startsWith(`${path}: `));
        }
      });
    }
  }

  const refusals: [RpcName, string, unknown][] = [
    ["SubmitInferenceTask", "request_id", "r 1"],
    ["SubmitInferenceTask", "request_id", "r".repeat(129)],
    ["SubmitInferenceTask", "model_uuid", ""],
    ["SubmitInferenceTask", "model_uuid", "m".repeat(129)],
    ["SubmitInferenceTask", "input_data", ""],
    ["SubmitInferenceTask", "input_data", "{"],
    ["SubmitInferenceTask", "input_data", `${"[".repeat(33)}${"]".repeat(33)}`],
    ["SubmitInferenceTask", "input_data", `"${"x".repeat(1 << 20)}"`],
    ["SubmitInferenceTask", "input_data", `"${"é".repeat(1 << 19)}"`],
    ["SubmitInferenceTask", "originator_client_id", "0x12"],
    ["SubmitInferenceTask", "preprocessing_validation.request_id", "other"],
    ["SubmitInferenceTask", "transaction_confirmation.request_id", "other"],
    ["SubmitInferenceTask", "assigned_timestamp", 2 ** 60],
    ["SubmitInferenceTask", "subnet_id", -1],
    ["ConfirmPayment", "tx_hash", ""],
    ["ConfirmPayment", "request_id", ""],
    ["ConfirmPayment", "amount_wei", "1e18"],
    ["ConfirmPayment", "amount_wei", "-1"],
    ["ConfirmPayment", "amount_wei", "9".repeat(78)],
    ["ConfirmPayment", "amount_wei", "1".repeat(79)],
    ["ConfirmPayment", "timestamp", -1],
    ["ConfirmPayment", "timestamp", 1.5],
    ["GetTask", "id", ""],
    ["RegisterComputeNode", "node_type", "gateway"],
    ["RegisterComputeNode", "port", 0],
    ["RegisterComputeNode", "port", 65_536],
    ["RegisterComputeNode", "node_id", "n".repeat(129)],
    ["RegisterComputeNode", "wallet_address", ""],
    ["RegisterComputeNode", "capabilities", Array(65).fill("x")],
    ["RegisterComputeNode", "capabilities[0]", "x".repeat(65)],
    ["RegisterComputeNode", "supported_models", Array(257).fill(node.supported_models[0])],
    ["RegisterComputeNode", "supported_models[0].price_wei", "ten"],
    ["RegisterNode", "node_type", "miner"],
    ["RegisterNode", "node_type", ""],
    ["UpdateHeartbeat", "load", 1.01],
    ["UpdateHeartbeat", "load", -0.1],
    ["UpdateHeartbeat", "active_tasks", 65_537],
    ["UpdateNodeHeartbeat", "max_tasks", 65_537],
    ["EstimateSubnetFee", "models[0].name", "é".repeat(65)],
    ["UpdateHeartbeat", "active_request_ids", Array(4_097).fill("r")],
    ["SubmitResult", "status", "done"],
    ["SubmitResult", "output_data", "x".repeat((2 << 20) + 1)],
    ["SubmitResult", "compute_completion", null],
    ["SubmitResult", "compute_completion.request_id", "other"],
    ["SubmitResult", "compute_completion.result_hash", new Uint8Array(31)],
    ["SubmitResult", "compute_completion.compute_node_signature", "0x12"],
    ["SubmitResult", "compute_completion.completion_timestamp", 0],
    ["SubmitResult", "error_message", "but it did fail"],
    ["RequestPreprocessingValidation", "request_id", ""],
    ["RequestPreprocessingValidation", "preprocessing_validation", null],
    ["RequestPreprocessingValidation", "preprocessing_validation.request_id", "other"],
    ["RequestPreprocessingValidation", "preprocessing_validation.expiry_timestamp", 0],
    ["RequestPreprocessingValidation", "assigned_compute_node_id", "another-node"],
    ["RequestCompletionValidation", "compute_completion", null],
    ["RequestCompletionValidation", "status", "failed"],
    ["DiscoverNodes", "limit", 1_001],
    ["DiscoverNodes", "node_type", "client"],
    ["EstimateSubnetFee", "models", []],
    ["EstimateSubnetFee", "models[0].source", "ftp"],
    ["CreateSubnet", "config_hash", new Uint8Array(31)],
    ["CreateSubnet", "fee_quote_id", ""],
    ["CreateSubnet", "fee_quote_id", "q".repeat(513)],
    ["CreateSubnet", "payment_tx", "0x1"],
    ["GetSubnet", "subnet_id", 0n],
    ["RegisterValidator", "signature", "0x12"],
    ["ListValidators", "limit", 1_001],
    ["ListTasks", "status", "done"],
  ];
  for (const [name, path, value] of refusals) {
    const shown = typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? "");
    it(`${name} refuses ${path} ${shown.slice(0, 30)}`, () => {
      assert.equal(problemOf(name, replaced(good[name], path, value)).data["field"], path);
    });
  }

  it("refuses signatures in a proposal, since the round makes them", () => {
    const signed = [{ validator_address: wallet, signature, timestamp: 1 }];
    const message = replaced(
      good.RequestPreprocessingValidation,
      "preprocessing_validation.validator_signatures",
      signed,
    );
    const problem = problemOf("RequestPreprocessingValidation", message);
    assert.equal(problem.data["field"], "preprocessing_validation.validator_signatures");
  });

  it("refuses a failed result without a message, and attestations of what is not completed", () => {
    const failed = { ...good.SubmitResult, status: "failed", compute_completion: null };
    assert.equal(problemOf("SubmitResult", failed).data["field"], "error_message");
    for (const status of ["failed", "processing"]) {
      const attested = { ...good.SubmitResult, status };
      assert.equal(problemOf("SubmitResult", attested).data["field"], "compute_completion");
    }
  });

  it("refuses a model that is listed twice", () => {
    const twice = { ...good.CreateSubnet, models: [descriptor, descriptor] };
    assert.equal(problemOf("CreateSubnet", twice).data["field"], "models[1].model_uuid");
  });

  it("says that a prompt is too large, not that it is malformed", () => {
    const problem = problemOf("SubmitInferenceTask", { ...task, input_data: `"${"x".repeat(1 << 20)}"` });
    assert.equal(problem.code, "TOO_LARGE");
  });

  it("takes JSON at the bounds: 32 levels, brackets in strings, escaped quotes", () => {
    const deep = `${"[".repeat(32)}"${"[".repeat(99)}\\"${"{".repeat(99)}\\\\"${"]".repeat(32)}`;
    assert.equal(requestChecks.SubmitInferenceTask({ ...task, input_data: deep }).input_data, deep);
    const longest = `"${"x".repeat((1 << 20) - 2)}"`;
    assert.equal(requestChecks.SubmitInferenceTask({ ...task, input_data: longest }).input_data, longest);
  });

  it("accepts any JSON value as input, as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (json) => {
        assert.equal(requestChecks.SubmitInferenceTask({ ...task, input_data: json }).input_data, json);
      }),
    );
  });

  it("lower-cases addresses and fills in what is unset, as a client of the reference leaves it", () => {
    const sent = InferenceRequest.decode(InferenceRequest.encode({ ...task, request_id: "" }).finish());
    assert.deepEqual(requestChecks.SubmitInferenceTask(sent), {
      ...task,
      request_id: "",
      originator_client_id: lower,
      preprocessing_validation: null,
      transaction_confirmation: null,
      assigned_timestamp: null,
      assigned_compute_node_id: null,
      subnet_id: null,
      options: null,
    });
  });

  it("accepts a decoded registration without address, port, models and subnet", () => {
    const bytes = NodeInfo.encode({
      node_id: "n",
      node_type: "compute",
      wallet_address: wallet,
      subnet_id: 0n,
    }).finish();
    const info = requestChecks.RegisterComputeNode(NodeInfo.decode(bytes));
    assert.equal(info.wallet_address, lower);
    assert.equal(info.subnet_id, null);
    assert.equal(info.max_tasks, null);
    assert.deepEqual(info.supported_models, []);
  });

  it("keeps every subnet id exact", () => {
    const id = 0x7fff_ffff_ffff_fff1n;
    assert.equal(requestChecks.GetSubnet({ subnet_id: id }).subnet_id, id);
  });

  it("answers messages that encode as the wire's own", () => {
    const result: InferenceResponse = requestChecks.SubmitResult(good.SubmitResult);
    const read = InferenceResponse.decode(InferenceResponse.encode(result).finish());
    assert.equal(read.status, "completed");
    assert.deepEqual(
      new Uint8Array(read.compute_completion?.result_hash ?? []),
      new Uint8Array(ComputeCompletion.decode(ComputeCompletion.encode(completion).finish()).result_hash),
    );
  });

  it("strips an amount's leading zeros", () => {
    assert.equal(requestChecks.ConfirmPayment({ ...confirmation, amount_wei: "000" }).amount_wei, "0");
    assert.equal(requestChecks.ConfirmPayment({ ...confirmation, amount_wei: "0010" }).amount_wei, "10");
  });
});
