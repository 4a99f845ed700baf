import { type Clock, CountersignError, type Genesis, invalidField } from "../../../base/index.ts";
import type { ValidatorSet } from "../../../chain/index.ts";
import { hasQuorum } from "../../../cosign/signatures.ts";
import { type Grant, readAssignment, type TaskTerms } from "../../../proof/task-terms.ts";
import { deadlinesOf, taskLifeSec } from "../../../proof/terms.ts";
import { nodeKey } from "../../../records/index.ts";
import type { countersign } from "../../../wire/index.ts";
import type { Task } from "../task.ts";
import { hostedKey, maxInputBytes, type TaskRef } from "./task-messages.ts";

/** How far two honest clocks may be apart (docs: clocks). */
const clockToleranceMs = 2_000;

export interface HandOverReading {
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly validatorSet: () => ValidatorSet;
}

/**
 * A hand-over as a task that is with its node, once it has shown that the network agreed to it.
 * @throws CountersignError INVALID_ARGUMENT naming what is wrong; TASK_ENDED when its time is over
 */
export function readHandOver(
  ref: TaskRef,
  ask: countersign.v1.TaskHandOver.$Properties,
  { genesis, clock, validatorSet }: HandOverReading,
): Task {
  const modelUuid = ask.model_uuid ?? "";
  const inputData = ask.input_data ?? "";
  if (Buffer.byteLength(inputData) > maxInputBytes || !isJson(inputData)) {
    throw invalidField(
      "hand_over.input_data",
      inputData,
      `a JSON document of at most ${maxInputBytes} bytes`,
    );
  }
  const { client } = ref;
  const shown = readAssignment(
    { client, modelUuid, validation: ask.validation, grants: ask.grants },
    genesis,
  );
  if (shown === undefined) throw invalidField("hand_over.validation", "", "a quote and its re-assignments");
  const { terms, grants } = shown;
  const isOfRef =
    terms.requestId === ref.requestId && terms.gatewayWallet === ref.gateway && grants.length === ref.attempt;
  if (!isOfRef) throw invalidField("hand_over.validation", "", "the quote of the task that is named");
  const nowMs = clock.nowMs();
  const { execution } = deadlinesOf(terms.expirySec, genesis);
  // Validators see to it too, where there are any.
  if (terms.expirySec * 1000 > nowMs + taskLifeSec(genesis) * 1000 + clockToleranceMs) {
    throw invalidField(
      "hand_over.validation.expiry_timestamp",
      terms.expirySec,
      "a time that the genesis allows",
    );
  }
  if (execution * 1000 <= nowMs) throw new CountersignError("TASK_ENDED", "the task's time is over");
  if (!isAgreed(terms, grants, validatorSet())) {
    throw new CountersignError(
      "INVALID_ARGUMENT",
      "hand_over: the validators' signatures do not make a quorum",
    );
  }
  const last = grants.at(-1) ?? terms;
  return {
    key: hostedKey(ref),
    requestId: ref.requestId,
    client,
    modelUuid,
    inputData,
    subnetId: ask.subnet_id ?? undefined,
    recheck: false,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    state: "dispatched",
    quote: { validation: ask.validation ?? {}, isPaid: terms.isPaid, totalWei: terms.totalWei.toString() },
    assignment: {
      attempt: ref.attempt,
      nodeId: last.computeNodeId,
      wallet: last.computeNodeWallet,
      leaseEndsMs: execution * 1000,
    },
    triedNodes: [nodeKey(last.computeNodeWallet, last.computeNodeId)],
    proposedGrant: undefined,
    grants: [...(ask.grants ?? [])],
    result: undefined,
    completionSignatures: [],
    trails: [...(ask.trails ?? [])],
    paymentTx: undefined,
    payoutTx: undefined,
    refundTx: undefined,
    failure: undefined,
    receiptJson: undefined,
    origin: ref.gateway,
  };
}

function isAgreed(terms: TaskTerms, grants: readonly Grant[], set: ValidatorSet): boolean {
  return (
    hasQuorum(terms.message.digest, terms.signatures, set) &&
    grants.every((grant) => hasQuorum(grant.message.digest, grant.signatures, set))
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
