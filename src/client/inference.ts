import { type Clock, CountersignError, type ErrorCode, errorCatalogue, sleep } from "../base/index.ts";
import { type CallHeaders, GrpcClient } from "../wire/grpc-client.ts";
import {
  type InferenceResponse,
  type InferenceTaskStatus,
  gatewayClientService as rpc,
} from "../wire/index.ts";

/** Pays a task's escrow. */
export interface Payer {
  /** Lower-case address that pays. */
  readonly address: string;
  pay(
    terms: InferenceTaskStatus.$Properties,
    signal: AbortSignal,
  ): Promise<{ txHash: string; blockNumber: number }>;
}

export interface InferenceCall {
  /** `host:port` of a gateway. */
  readonly gateway: string;
  readonly requestId?: string;
  readonly modelUuid: string;
  /** JSON text. */
  readonly inputData: string;
  /** Wallet address of the client; empty for none. */
  readonly client: string;
  readonly subnetId?: bigint;
  readonly recheck?: boolean;
  /** Signs the calls; without it only what the gateway leaves open works. */
  readonly headers?: CallHeaders;
  readonly payer: Payer | undefined;
  /** Waits for the payout too, not only for the result. */
  readonly untilSettled: boolean;
}

export type InferenceStep =
  | { readonly step: "terms"; readonly status: InferenceTaskStatus.$Properties }
  | { readonly step: "paid"; readonly txHash: string; readonly blockNumber: number }
  | { readonly step: "confirmed"; readonly message: string }
  | { readonly step: "partial"; readonly outputData: string }
  | { readonly step: "result"; readonly response: InferenceResponse.$Properties }
  | { readonly step: "settled"; readonly status: InferenceTaskStatus.$Properties };

export interface InferenceOutcome {
  readonly requestId: string;
  readonly outputData: string;
  readonly receiptJson: string;
  readonly status: InferenceTaskStatus.$Properties;
}

/** A submit waits for a co-sign round at most; the node bounds it too. */
const callDeadlineMs = 30_000;
const settlePollMs = 100;

/**
 * The client's whole way: submit, look at the terms, pay, confirm, wait for the result.
 * @throws CountersignError with the task's failure; ServiceError when the gateway refuses or cannot be reached
 */
export async function runInference(
  call: InferenceCall,
  clock: Clock,
  signal: AbortSignal,
  onStep: (step: InferenceStep) => void = () => {},
): Promise<InferenceOutcome> {
  const client = new GrpcClient(call.gateway);
  const options = { signal, ...(call.headers === undefined ? {} : { headers: call.headers }) };
  const unary = { ...options, deadlineMs: callDeadlineMs };
  try {
    const terms = await client.call(
      rpc.SubmitInferenceTask,
      {
        request_id: call.requestId ?? "",
        model_uuid: call.modelUuid,
        input_data: call.inputData,
        originator_client_id: call.client,
        subnet_id: call.subnetId ?? null,
        options: call.recheck === true ? { recheck: true } : null,
      },
      unary,
    );
    onStep({ step: "terms", status: terms });
    throwIfFailed(terms);
    const id = taskIdOf(call.client, terms.request_id);
    const payment = terms.payment_status;
    if (payment?.required === true && payment.payment_confirmed !== true && payment.prepaid !== true) {
      const confirmation = await payTerms(call, terms, signal, onStep);
      const ack = await client.call(rpc.ConfirmPayment, confirmation, unary);
      onStep({ step: "confirmed", message: ack.message });
    }
    const response = await waitForResult(client, id, options, onStep);
    onStep({ step: "result", response });
    let status = await client.call(rpc.GetTaskStatus, { id }, unary);
    while (call.untilSettled && status.payment_status?.required === true && !isClosed(status)) {
      await sleep(clock, settlePollMs, signal);
      status = await client.call(rpc.GetTaskStatus, { id }, unary);
    }
    if (call.untilSettled) onStep({ step: "settled", status });
    return {
      requestId: terms.request_id,
      outputData: response.output_data ?? "",
      receiptJson: status.receipt_json ?? response.receipt_json ?? "",
      status,
    };
  } finally {
    client.close();
  }
}

async function payTerms(
  call: InferenceCall,
  terms: InferenceTaskStatus,
  signal: AbortSignal,
  onStep: (step: InferenceStep) => void,
) {
  if (call.payer === undefined) {
    throw new CountersignError(
      "PAYMENT_INVALID",
      "the task must be paid and no wallet was given; nothing was sent",
    );
  }
  const { txHash, blockNumber } = await call.payer.pay(terms, signal);
  onStep({ step: "paid", txHash, blockNumber });
  return {
    request_id: terms.request_id,
    tx_hash: txHash,
    block_number: blockNumber,
    originator_wallet: call.client,
  };
}

async function waitForResult(
  client: GrpcClient,
  id: string,
  options: { signal: AbortSignal; headers?: CallHeaders },
  onStep: (step: InferenceStep) => void,
): Promise<InferenceResponse> {
  let last: InferenceResponse | undefined;
  for await (const response of client.stream(rpc.SubscribeToTaskUpdates, { id }, options)) {
    last = response;
    if (response.status === "processing" && response.output_data !== "") {
      onStep({ step: "partial", outputData: response.output_data });
    }
  }
  if (last !== undefined) throwIfFailed(last);
  if (last?.status === "completed") return last;
  throw new CountersignError(
    "UNAVAILABLE",
    "the gateway closed the stream before the task ended; ask for its status",
  );
}

/** How a client names its task to a gateway: with its address, since two clients may use one request id. */
function taskIdOf(client: string, requestId: string): string {
  return client === "" ? requestId : `${client}/${requestId}`;
}

function isClosed(status: InferenceTaskStatus): boolean {
  const payment = status.payment_status;
  return (payment?.payout_tx ?? payment?.refund_tx ?? null) !== null;
}

function throwIfFailed(message: { readonly status: string; readonly error_message: string }): void {
  if (message.status !== "failed") return;
  const [code = "INTERNAL"] = message.error_message.split(":");
  const text = message.error_message.slice(code.length + 2);
  throw new TaskFailedError(code, text, message);
}

/** A task's own failure, with the status or response that told of it, quorum trail included. */
export class TaskFailedError extends CountersignError {
  readonly answer: object;

  constructor(code: string, text: string, answer: object) {
    super(isErrorCode(code) ? code : "INTERNAL", text);
    this.answer = answer;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
