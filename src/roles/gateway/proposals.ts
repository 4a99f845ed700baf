import type { Genesis } from "../../base/index.ts";
import { signingDomain } from "../../base/index.ts";
import {
  completionMessage,
  type PreprocessingTerms,
  preprocessingMessage,
  reassignmentMessage,
  type TypedMessage,
} from "../../chain/index.ts";
import type { RoundRequest } from "../../cosign/round.ts";
import type { ComputeCompletion, countersign, PreprocessingValidation } from "../../wire/index.ts";
import type { Quote, Task } from "./task.ts";

// What a gateway asks validators to sign, for each of a task's rounds. Pure.

type Asked = Omit<RoundRequest, "deadlineMs">;

export function preprocessingRound(task: Task, quote: Quote, genesis: Genesis): Asked {
  return {
    round: "preprocessing",
    subject: task.key,
    typed: preprocessingTyped(quote, task.client, genesis),
    proposal: {
      preprocessing: {
        client: task.client,
        model_uuid: task.modelUuid,
        validation: { ...quote.validation, validator_signatures: [] },
        subnet_id: task.subnetId ?? null,
      },
    },
  };
}

export function preprocessingTyped(quote: Quote, client: string, genesis: Genesis): TypedMessage {
  return preprocessingMessage(signingDomain(genesis, quote.isPaid), preprocessingTerms(quote, client));
}

/** A quote as validators sign it and the escrow contract reads it. */
export function preprocessingTerms(quote: Quote, client: string): PreprocessingTerms {
  const validation: PreprocessingValidation.$Properties = quote.validation;
  const tree = validation.payment_tree;
  return {
    requestId: validation.request_id ?? "",
    client,
    gatewayWallet: validation.gateway_wallet ?? "",
    computeNodeId: validation.compute_node_id ?? "",
    computeNodeWallet: validation.compute_node_wallet ?? "",
    computePriceWei: tree?.compute_price_wei ?? "0",
    gatewayGasWei: tree?.gateway_gas_wei ?? "0",
    validatorRewardWei: tree?.validator_reward_wei ?? "0",
    treasuryFeeWei: tree?.treasury_fee_wei ?? "0",
    expiryTimestamp: validation.expiry_timestamp ?? 0,
  };
}

export function completionRound(
  task: Task,
  quote: Quote,
  completion: ComputeCompletion.$Properties,
  wallet: string,
  genesis: Genesis,
): Asked {
  return {
    round: "completion",
    subject: task.key,
    typed: completionMessage(signingDomain(genesis, quote.isPaid), {
      requestId: task.requestId,
      computeNodeWallet: wallet,
      resultHash: completion.result_hash ?? new Uint8Array(32),
      completionTimestamp: completion.completion_timestamp ?? 0,
      computationTimeMs: completion.computation_time_ms ?? 0,
    }),
    proposal: {
      completion: {
        client: task.client,
        model_uuid: task.modelUuid,
        preprocessing: quote.validation,
        completion,
        compute_node_wallet: wallet,
        reassignments: task.grants,
        output_data: task.recheck ? (task.result?.outputData ?? null) : null,
        input_data: task.recheck ? task.inputData : null,
      },
    },
  };
}

export function reassignmentRound(
  task: Task,
  quote: Quote,
  grant: countersign.v1.ReassignmentGrant.$Properties,
  genesis: Genesis,
): Asked {
  const attempt = grant.attempt ?? 1;
  return {
    round: "reassignment",
    subject: `${task.key}/${attempt}`,
    typed: reassignmentMessage(signingDomain(genesis, quote.isPaid), {
      requestId: task.requestId,
      client: task.client,
      attempt,
      computeNodeId: grant.compute_node_id ?? "",
      computeNodeWallet: grant.compute_node_wallet ?? "",
      deadline: grant.deadline ?? 0,
    }),
    proposal: {
      reassignment: {
        client: task.client,
        model_uuid: task.modelUuid,
        preprocessing: quote.validation,
        attempt,
        compute_node_id: grant.compute_node_id ?? "",
        compute_node_wallet: grant.compute_node_wallet ?? "",
        deadline: grant.deadline ?? 0,
        previous: task.grants,
      },
    },
  };
}
