import { type Message, type MessageDescriptor, messageNamed } from "../../../src/facade/messages/index.ts";

const hex = (seed: number, bytes: number): string =>
  `0x${Array.from({ length: bytes }, (_none, i) => ((seed * 31 + i * 7) & 0xff).toString(16).padStart(2, "0")).join("")}`;
const now = 1_790_000_000;

const request = {
  request_id: "7f1c2a9e-4b1d-4a61-9d0e-3c1f5b6a7d88",
  model_uuid: "llama-3.1-8b-instruct",
  input_data: JSON.stringify({
    messages: [
      { role: "system", content: "You answer in one sentence." },
      { role: "user", content: "Why is the sky blue?\nAnd why does it turn red in the evening? ".repeat(6) },
    ],
    temperature: 0.2,
  }),
  originator_client_id: hex(1, 20),
  subnet_id: 4_611_686_018_427_387_905n,
};

const validation = {
  request_id: request.request_id,
  gateway_wallet: hex(2, 20),
  compute_node_id: "compute-1",
  compute_node_wallet: hex(3, 20),
  payment_tree: {
    compute_price_wei: "1200000000000000",
    gateway_gas_wei: "30000000000000",
    validator_reward_wei: "50000000000000",
    treasury_fee_wei: "12000000000000",
  },
  validator_signatures: [4, 5, 6].map((one) => ({
    validator_address: hex(one, 20),
    signature: hex(one, 65),
    timestamp: now,
  })),
  expiry_timestamp: now + 600,
};

const status = {
  request_id: request.request_id,
  status: "processing",
  payment_status: { required: true, preprocessing_complete: true, payment_tree: validation.payment_tree },
  preprocessing_validation: validation,
  quorum_trail: [
    {
      round: "preprocessing",
      subject: hex(7, 32),
      required: 3,
      asked: 5,
      verdicts: [4, 5, 6, 8, 9].map((one) => ({
        validator_address: hex(one, 20),
        outcome: one < 7 ? "signed" : "no_answer",
        latency_ms: 11 + one,
        signature: one < 7 ? hex(one, 65) : "",
      })),
    },
  ],
  deadlines: { quote: now + 60, payment: now + 120, execution: now + 500, validation: now + 560 },
};

const node = {
  node_id: "compute-1",
  node_type: "compute",
  ip_address: "203.0.113.7",
  port: 50_051,
  capabilities: ["text", "cuda", "fp16"],
  wallet_address: hex(3, 20),
  last_heartbeat: now,
  supported_models: ["llama-3.1-8b-instruct", "qwen-2.5-7b", "bge-small"].map((model_uuid) => ({
    model_uuid,
    name: model_uuid.toUpperCase(),
    version: "1.0",
    category: "text",
    price_wei: "1200000000000000",
    max_tokens: 8_192,
  })),
  max_tasks: 4,
};

/** What goes most often through a gateway: a request, its status with trail, a node, and the smallest there is. */
export function typicalMessages(): { readonly message: MessageDescriptor; readonly value: Message }[] {
  return [
    { message: messageNamed("InferenceRequest"), value: request },
    { message: messageNamed("InferenceTaskStatus"), value: status },
    { message: messageNamed("NodeInfo"), value: node },
    { message: messageNamed("TaskID"), value: { id: request.request_id } },
  ];
}
