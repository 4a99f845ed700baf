import { type Clock, type Genesis, nowSec } from "../../base/index.ts";
import type { InferenceRequest } from "../../wire/index.ts";

/** A piece of work as one gateway handed it out. */
export interface Task {
  /** Names the task in this process: an id is unique only for one client at one gateway. */
  readonly key: string;
  /** host:port of the gateway that handed it out and gets the result. */
  readonly gateway: string;
  readonly requestId: string;
  readonly client: string;
  readonly modelUuid: string;
  readonly input: string;
  readonly isPaid: boolean;
  /** Unix seconds; a result after this is worth nothing. */
  readonly deadlineSec: number;
  /** Unix seconds; the gateway has forgotten the task by then. */
  readonly expirySec: number;
}

/** What becomes of a task: the fields of the response that the gateway gets. */
export interface TaskResult {
  readonly key: string;
  readonly gateway: string;
  readonly requestId: string;
  readonly client: string;
  readonly modelUuid: string;
  readonly expirySec: number;
  readonly isPaid: boolean;
  readonly outcome:
    | {
        readonly status: "completed";
        readonly outputData: string;
        readonly resultHash: Uint8Array;
        /** `0x` hex. */
        readonly signature: string;
        readonly completedAtSec: number;
        readonly computationTimeMs: number;
      }
    | { readonly status: "failed"; readonly errorMessage: string };
}

/** No quote reaches further: each of its three steps is at most a day in a genesis. */
const longestTaskSec = 3 * 86_400;

export function taskKey(gateway: string, client: string, requestId: string): string {
  return JSON.stringify([gateway, client.toLowerCase(), requestId]);
}

/** The quote's expiry fixes every other time of a task; without one the clock starts now. */
export function readTask(request: InferenceRequest, gateway: string, genesis: Genesis, clock: Clock): Task {
  const { execution, validation } = genesis.deadlines_sec;
  const quote = request.preprocessing_validation;
  const quotedExpirySec = quote?.expiry_timestamp ?? 0;
  const ownExpirySec = nowSec(clock) + execution + validation;
  const expirySec = Math.min(
    quotedExpirySec > 0 ? quotedExpirySec : ownExpirySec,
    nowSec(clock) + longestTaskSec,
  );
  const tree = quote?.payment_tree;
  const amounts = [
    tree?.compute_price_wei,
    tree?.gateway_gas_wei,
    tree?.validator_reward_wei,
    tree?.treasury_fee_wei,
  ];
  const client = request.originator_client_id.toLowerCase();
  return {
    key: taskKey(gateway, client, request.request_id),
    gateway,
    requestId: request.request_id,
    client,
    modelUuid: request.model_uuid,
    input: request.input_data,
    isPaid: amounts.some((amount) => /[1-9]/.test(amount ?? "")),
    deadlineSec: expirySec - validation,
    expirySec,
  };
}
