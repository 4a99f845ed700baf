import {
  CountersignError,
  equalBytes,
  fromHex,
  invalidField,
  nowSec,
  sha256,
  signingDomain,
  zeroAddress,
} from "../../base/index.ts";
import { computeCompletionMessage, recoverSigner } from "../../chain/index.ts";
import { readProposal } from "../../cosign/proposal.ts";
import type { Proposal, RoundResult } from "../../cosign/round.ts";
import { taskLifeSec } from "../../proof/terms.ts";
import {
  type CompletionValidation,
  type InferenceRequest,
  type InferenceResponse,
  PreprocessingValidation,
} from "../../wire/index.ts";
import { type Caller, requireWallet } from "./caller.ts";
import type { RegistryContext } from "./collaborators.ts";

/** Clocks may differ by this much. */
const toleranceSec = 2;

interface Preprocessed {
  readonly client: string;
  readonly modelUuid: string;
  readonly validation: PreprocessingValidation.$Properties;
}

/**
 * RequestPreprocessingValidation and RequestCompletionValidation: this registry runs a co-sign round for a gateway.
 * A completion names no client and brings no preprocessing validation, so this registry remembers, until it expires,
 * each one that it obtained: both rounds of a request are asked of the same registry.
 */
export class RegistryValidations {
  readonly #context: RegistryContext;

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  /**
   * @throws CountersignError UNAUTHENTICATED, ACCESS_DENIED unless the proposal's gateway asks; INVALID_ARGUMENT;
   *   ALREADY_EXISTS when another client's request of this gateway has the id; QUORUM_NOT_REACHED with `data.trail`
   */
  async preprocessing(
    request: InferenceRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<PreprocessingValidation.$Properties> {
    const { genesis, signer, clock } = this.#context;
    const proposal = request.preprocessing_validation ?? {};
    const gateway = proposal.gateway_wallet ?? "";
    requireWallet(caller, signer.address, "preprocessing_validation.gateway_wallet", gateway);
    const expirySec = proposal.expiry_timestamp ?? 0;
    const now = nowSec(clock);
    const latestSec = now + taskLifeSec(genesis) + toleranceSec;
    if (expirySec <= now || expirySec > latestSec) {
      throw invalidField(
        "preprocessing_validation.expiry_timestamp",
        expirySec,
        `a time after ${now} and not after ${latestSec}`,
      );
    }
    const client = request.originator_client_id || zeroAddress;
    const earlier = await this.#recall(gateway, request.request_id);
    if (earlier !== undefined && earlier.client !== client) {
      throw new CountersignError(
        "ALREADY_EXISTS",
        `request_id: "${request.request_id}" is another client's, ${earlier.client}, at this gateway`,
        { field: "request_id" },
      );
    }
    const result = await this.#run(
      {
        preprocessing: {
          client,
          model_uuid: request.model_uuid,
          validation: { ...proposal, validator_signatures: [] },
          subnet_id: request.subnet_id ?? null,
        },
      },
      signal,
    );
    const validation = { ...proposal, validator_signatures: result.signatures };
    await this.#remember(
      gateway,
      request.request_id,
      { client, modelUuid: request.model_uuid, validation },
      expirySec,
    );
    return validation;
  }

  /**
   * @throws CountersignError UNAUTHENTICATED; NOT_FOUND when this registry obtained no live preprocessing validation of the
   *   request for the calling gateway; INVALID_ARGUMENT for a false attestation; QUORUM_NOT_REACHED with `data.trail`
   */
  async completion(
    response: InferenceResponse,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<CompletionValidation.$Properties> {
    const { signer } = this.#context;
    const gateway = caller.wallet ?? (caller.isLocal ? signer.address : undefined);
    if (gateway === undefined) {
      throw new CountersignError("UNAUTHENTICATED", "request_id: sign the call with the gateway's wallet", {
        field: "request_id",
      });
    }
    const earlier = await this.#recall(gateway, response.request_id);
    if (earlier === undefined) {
      throw new CountersignError(
        "NOT_FOUND",
        `request_id: this registry obtained no preprocessing validation of "${response.request_id}" for ${gateway} that is still valid`,
        { field: "request_id" },
      );
    }
    if (earlier.modelUuid !== response.model_uuid) {
      throw invalidField(
        "model_uuid",
        response.model_uuid,
        `the model that was validated, ${earlier.modelUuid}`,
      );
    }
    const computeWallet = earlier.validation.compute_node_wallet ?? "";
    this.#checkAttestation(response, computeWallet);
    const result = await this.#run(
      {
        completion: {
          client: earlier.client,
          model_uuid: earlier.modelUuid,
          preprocessing: earlier.validation,
          completion: response.compute_completion ?? null,
          compute_node_wallet: computeWallet,
        },
      },
      signal,
    );
    return {
      request_id: response.request_id,
      validator_signatures: result.signatures,
      compute_completion: response.compute_completion ?? null,
    };
  }

  async forgetExpired(): Promise<void> {
    const { store, clock } = this.#context;
    await store.transact([
      { sql: "DELETE FROM registry_preprocessed WHERE expires_at_sec < ?", params: [nowSec(clock)] },
    ]);
  }

  /** The assigned wallet must have made the compute node's statement, and about this output. */
  #checkAttestation(response: InferenceResponse, computeWallet: string): void {
    const completion = response.compute_completion ?? {};
    const terms = {
      requestId: response.request_id,
      modelUuid: response.model_uuid,
      resultHash: completion.result_hash ?? new Uint8Array(32),
      completionTimestamp: completion.completion_timestamp ?? 0,
      computationTimeMs: completion.computation_time_ms ?? 0,
    };
    if (response.output_data !== "" && !equalBytes(sha256(response.output_data), terms.resultHash)) {
      throw invalidField("compute_completion.result_hash", "another hash", "the SHA-256 of output_data");
    }
    const message = computeCompletionMessage(signingDomain(this.#context.genesis, true), terms);
    if (recoverSigner(message.digest, fromHex(completion.compute_node_signature ?? "")) !== computeWallet) {
      throw invalidField(
        "compute_completion.compute_node_signature",
        completion.compute_node_signature,
        `a signature of the assigned node's wallet, ${computeWallet}`,
      );
    }
  }

  async #run(proposal: Proposal, signal: AbortSignal): Promise<RoundResult> {
    const { cosigner, clock, genesis } = this.#context;
    const asked = readProposal(proposal, genesis);
    if (asked === undefined) throw new CountersignError("INVALID_ARGUMENT", "request: no complete proposal");
    const { round, subject, typed } = asked;
    const deadlineMs = clock.nowMs() + genesis.cosign.deadline_ms;
    const result = await cosigner.run({ round, subject, proposal, typed, deadlineMs }, signal);
    if (result.reached) return result;
    const required = result.trail.required ?? genesis.cosign.required;
    throw new CountersignError(
      "QUORUM_NOT_REACHED",
      `${result.signatures.length} of ${required} signatures for the ${round} of ${subject}`,
      { trail: result.trail },
    );
  }

  async #remember(gateway: string, requestId: string, entry: Preprocessed, expirySec: number): Promise<void> {
    const { client, modelUuid, validation } = entry;
    await this.#context.store.transact([
      {
        sql: `INSERT INTO registry_preprocessed (gateway, request_id, client, model_uuid, validation, expires_at_sec)
              VALUES (?, ?, ?, ?, ?, ?)
              ON CONFLICT (gateway, request_id) DO UPDATE SET client = excluded.client,
                model_uuid = excluded.model_uuid, validation = excluded.validation, expires_at_sec = excluded.expires_at_sec`,
        params: [
          gateway,
          requestId,
          client,
          modelUuid,
          PreprocessingValidation.encode(validation).finish(),
          expirySec,
        ],
      },
    ]);
  }

  async #recall(gateway: string, requestId: string): Promise<Preprocessed | undefined> {
    const { store, clock } = this.#context;
    const [row] = await store.all(
      "SELECT client, model_uuid, validation FROM registry_preprocessed WHERE gateway = ? AND request_id = ? AND expires_at_sec >= ?",
      [gateway, requestId, nowSec(clock)],
    );
    if (row === undefined) return undefined;
    return {
      client: String(row["client"]),
      modelUuid: String(row["model_uuid"]),
      validation: PreprocessingValidation.decode(row["validation"] as Uint8Array),
    };
  }
}
