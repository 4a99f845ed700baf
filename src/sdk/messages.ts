// Messages as REST has them: Protobuf's JSON with the protos' field names. 64-bit integers, wei among them, are decimal
// text, bytes are base64.

export interface PaymentTree {
  readonly compute_price_wei: string;
  readonly gateway_gas_wei: string;
  readonly validator_reward_wei: string;
  readonly treasury_fee_wei: string;
}

export interface ValidatorSignature {
  readonly validator_address: string;
  readonly signature: string;
  readonly timestamp: string;
}

export interface PreprocessingValidation {
  readonly request_id: string;
  readonly gateway_wallet: string;
  readonly compute_node_id: string;
  readonly compute_node_wallet: string;
  readonly payment_tree: PaymentTree;
  readonly validator_signatures: readonly ValidatorSignature[];
  /** Unix seconds. */
  readonly expiry_timestamp: string;
}

export interface PaymentStatus {
  readonly required: boolean;
  readonly preprocessing_complete: boolean;
  readonly payment_confirmed: boolean;
  readonly completion_validated: boolean;
  readonly payment_tree: PaymentTree;
  readonly contract_address: string;
  readonly payment_tx?: string;
  readonly payout_tx?: string;
  readonly refund_tx?: string;
}

export interface Verdict {
  readonly validator_address: string;
  /** "signed", "refused", "no_answer", "invalid". */
  readonly outcome: string;
  readonly reason: string;
  readonly latency_ms: number;
  readonly signature: string;
}

export interface QuorumTrail {
  /** "preprocessing", "completion", "reassignment", "subnet". */
  readonly round: string;
  readonly subject: string;
  readonly required: number;
  readonly asked: number;
  readonly verdicts: readonly Verdict[];
}

/** When each step must be over, unix seconds. */
export interface Deadlines {
  readonly quote: string;
  readonly payment: string;
  readonly execution: string;
  readonly validation: string;
}

export interface TaskStatus {
  readonly request_id: string;
  /** "queued", "processing", "completed", "failed". */
  readonly status: string;
  readonly error_message: string;
  readonly payment_status?: PaymentStatus;
  readonly preprocessing_validation?: PreprocessingValidation;
  readonly quorum_trail: readonly QuorumTrail[];
  readonly deadlines?: Deadlines;
  readonly receipt_json?: string;
}

export interface ComputeCompletion {
  readonly request_id: string;
  readonly compute_node_signature: string;
  readonly result_hash: string;
  readonly completion_timestamp: string;
  readonly computation_time_ms: string;
}

export interface CompletionValidation {
  readonly request_id: string;
  readonly validator_signatures: readonly ValidatorSignature[];
  readonly compute_completion: ComputeCompletion;
}

export interface InferenceResponse {
  readonly request_id: string;
  readonly model_uuid: string;
  /** JSON text. */
  readonly output_data: string;
  readonly status: string;
  readonly error_message: string;
  readonly compute_completion?: ComputeCompletion;
  readonly completion_validation?: CompletionValidation;
  readonly quorum_trail: readonly QuorumTrail[];
  readonly deadlines?: Deadlines;
  readonly receipt_json?: string;
  readonly running_hash?: string;
}

export interface ModelInfo {
  readonly model_uuid: string;
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly version: string;
  readonly max_tokens: string;
  readonly input_format: string;
  readonly output_format: string;
  readonly available_nodes: number;
  readonly min_price_wei: string;
  readonly subnet_ids: readonly string[];
  readonly nodes_elsewhere: number;
}

export interface ModelData {
  readonly model_uuid: string;
  readonly name: string;
  readonly version: string;
  readonly category: string;
  readonly price_wei: string;
  readonly max_tokens: string;
}

export interface NodeInfo {
  readonly node_id: string;
  readonly node_type: string;
  readonly ip_address: string;
  readonly port: number;
  readonly capabilities: readonly string[];
  readonly wallet_address: string;
  readonly last_heartbeat: string;
  readonly supported_models: readonly ModelData[];
  readonly subnet_id?: string;
  readonly max_tasks?: number;
  readonly peer_id?: string;
  readonly multiaddrs: readonly string[];
  readonly status?: string;
}

export interface ValidatorInfo {
  readonly validator_address: string;
  readonly stake_wei: string;
  readonly reputation: string;
  /** "pending", "active", "unbonding", "inactive", "slashed". */
  readonly status: string;
  readonly registered_at: string;
  readonly last_seen: string;
  readonly validations_total: string;
  readonly validations_failed: string;
  readonly node_id: string;
}

export interface NetworkStatus {
  readonly node_id: string;
  readonly wallet_address: string;
  readonly peer_id: string;
  /** The network's id. */
  readonly network: string;
  readonly software_version: string;
  readonly roles: readonly string[];
  readonly started_at_ms: string;
  readonly listen_addresses: readonly string[];
  readonly connected_peers: number;
  readonly topics: readonly { readonly topic: string; readonly subscribers: number; readonly mesh: number }[];
  /** Live records by kind. */
  readonly records: Readonly<Record<string, string>>;
  /** Tasks by state. */
  readonly tasks: Readonly<Record<string, string>>;
  readonly chain: {
    readonly connected: boolean;
    readonly chain_id: string;
    readonly block_number: string;
    readonly payment_contract: string;
  };
  readonly validators_active: number;
  readonly validators_asked: number;
  readonly validators_required: number;
  readonly warnings: readonly string[];
  /** What defines the network; its hash is in the network's id. */
  readonly genesis_json: string;
}

export interface Ack {
  readonly success: boolean;
  readonly message: string;
}
