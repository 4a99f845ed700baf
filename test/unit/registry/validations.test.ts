import assert from "node:assert/strict";
import { fromHex, nowSec, sha256, signingDomain, toHex, zeroAddress } from "../../../src/base/index.ts";
import { computeCompletionMessage, recoverSigner, type Signer } from "../../../src/chain/index.ts";
import { requestChecks } from "../../../src/operations/requests.ts";
import {
  anonymous,
  by,
  computeWallet,
  gatewayWallet,
  local,
  never,
  refusal,
  startRegistry,
  strangerWallet,
  type TestRegistry,
  type TestRegistryOptions,
  validatorWallets,
} from "./network.ts";

describe("rounds that a registry runs for a gateway", () => {
  let net: TestRegistry;

  beforeEach(async () => {
    net = await startRegistry();
  });
  afterEach(() => net.stop());

  async function restartWith(options: TestRegistryOptions): Promise<void> {
    await net.stop();
    net = await startRegistry(options);
  }

  const client = strangerWallet.address;
  const output = '"result"';

  const request = (changes: object = {}, proposal: object = {}) =>
    requestChecks.RequestPreprocessingValidation({
      request_id: "r-1",
      model_uuid: "m-1",
      originator_client_id: client,
      assigned_compute_node_id: "node-1",
      preprocessing_validation: {
        request_id: "r-1",
        gateway_wallet: gatewayWallet.address,
        compute_node_id: "node-1",
        compute_node_wallet: computeWallet.address,
        payment_tree: {
          compute_price_wei: "80",
          gateway_gas_wei: "10",
          validator_reward_wei: "5",
          treasury_fee_wei: "5",
        },
        expiry_timestamp: nowSec(net.clock) + 300,
        ...proposal,
      },
      ...changes,
    });

  async function response(changes: object = {}, completion: object = {}, signer: Signer = computeWallet) {
    const terms = {
      requestId: "r-1",
      modelUuid: "m-1",
      resultHash: sha256(output),
      completionTimestamp: nowSec(net.clock),
      computationTimeMs: 12,
    };
    const typed = computeCompletionMessage(signingDomain(net.genesis, true), terms);
    return requestChecks.RequestCompletionValidation({
      request_id: "r-1",
      model_uuid: "m-1",
      output_data: output,
      status: "completed",
      compute_completion: {
        request_id: "r-1",
        compute_node_signature: toHex(await signer.signTyped(typed)),
        result_hash: terms.resultHash,
        completion_timestamp: terms.completionTimestamp,
        computation_time_ms: terms.computationTimeMs,
        ...completion,
      },
      ...changes,
    });
  }

  const preprocess = (message = request(), caller = by(gatewayWallet)) =>
    net.registry.requestPreprocessingValidation(message, caller, never);
  const complete = async (message = response(), caller = by(gatewayWallet)) =>
    net.registry.requestCompletionValidation(await message, caller, never);

  it("answers the proposal with the validators' signatures over its terms", async () => {
    const signed = await preprocess();
    const [round] = net.cosigner.asked;
    assert.equal(round?.round, "preprocessing");
    assert.equal(round?.subject, `${client}/r-1`);
    assert.equal(round?.deadlineMs, net.clock.nowMs() + net.genesis.cosign.deadline_ms);
    assert.equal(round?.proposal.preprocessing?.client, client);
    assert.deepEqual({ ...signed, validator_signatures: [] }, request().preprocessing_validation);
    const signers = signed.validator_signatures?.map(({ signature }) =>
      recoverSigner(round?.typed.digest ?? new Uint8Array(), fromHex(signature ?? "")),
    );
    assert.deepEqual(
      signers,
      validatorWallets.map((validator) => validator.address),
    );
  });

  it("names no client with the zero address", async () => {
    await preprocess(request({ originator_client_id: "" }));
    assert.equal(net.cosigner.asked[0]?.subject, `${zeroAddress}/r-1`);
  });

  it("signs paid tasks under the payment contract and unpaid ones under none", async () => {
    await restartWith({ isPaid: true });
    await preprocess();
    assert.equal(net.cosigner.asked[0]?.typed.domain.verifyingContract, net.genesis.chain?.inference_payment);
    await preprocess(request({ request_id: "r-2" }, { request_id: "r-2", payment_tree: {} }));
    assert.equal(net.cosigner.asked[1]?.typed.domain.verifyingContract, zeroAddress);
  });

  it("runs a round only for the gateway that the proposal names", async () => {
    assert.equal((await refusal(preprocess(request(), anonymous))).code, "UNAUTHENTICATED");
    assert.equal((await refusal(preprocess(request(), by(strangerWallet)))).code, "ACCESS_DENIED");
    assert.equal((await refusal(preprocess(request(), local))).code, "ACCESS_DENIED");
    assert.equal(net.cosigner.asked.length, 0);
  });

  it("refuses an expiry that has passed or lies beyond the network's deadlines", async () => {
    for (const expiry of [nowSec(net.clock), nowSec(net.clock) + 303]) {
      const problem = await refusal(preprocess(request({}, { expiry_timestamp: expiry })));
      assert.equal(problem.data["field"], "preprocessing_validation.expiry_timestamp");
    }
    await preprocess(request({}, { expiry_timestamp: nowSec(net.clock) + 302 }));
  });

  it("fails below M signatures with the trail, and remembers nothing", async () => {
    net.cosigner.willing = 1;
    const problem = await refusal(preprocess());
    assert.equal(problem.code, "QUORUM_NOT_REACHED");
    assert.equal(problem.entry.grpc, "FAILED_PRECONDITION");
    const trail = problem.data["trail"] as { verdicts: { reason: string }[]; required: number };
    assert.equal(trail.required, 2);
    assert.deepEqual(
      trail.verdicts.map((verdict) => verdict.reason),
      ["", "NODE_UNKNOWN", "NODE_UNKNOWN"],
    );
    net.cosigner.willing = 3;
    assert.equal((await refusal(complete())).code, "NOT_FOUND");
  });

  it("refuses a request id that the gateway uses for another client", async () => {
    await preprocess();
    await preprocess();
    const other = request({ originator_client_id: computeWallet.address });
    assert.equal((await refusal(preprocess(other))).code, "ALREADY_EXISTS");
  });

  it("completes what it preprocessed, also after a restart", async () => {
    const preprocessed = await preprocess();
    const again = net.restart();
    const message = await response();
    const signed = await again.requestCompletionValidation(message, by(gatewayWallet), never);
    const round = net.cosigner.asked.at(-1);
    assert.equal(round?.round, "completion");
    assert.equal(round?.subject, `${client}/r-1`);
    assert.equal(round?.proposal.completion?.compute_node_wallet, computeWallet.address);
    assert.equal(
      round?.proposal.completion?.preprocessing?.validator_signatures?.length,
      preprocessed.validator_signatures?.length,
    );
    assert.equal(round?.proposal.completion?.output_data ?? null, null);
    assert.equal(signed.request_id, "r-1");
    assert.equal(signed.validator_signatures?.length, 3);
    assert.deepEqual(signed.compute_completion, message.compute_completion);
  });

  it("completes for the gateway alone that had it preprocessed", async () => {
    await preprocess();
    assert.equal((await refusal(complete(response(), anonymous))).code, "UNAUTHENTICATED");
    assert.equal((await refusal(complete(response(), by(strangerWallet)))).code, "NOT_FOUND");
    assert.equal((await refusal(complete(response(), local))).code, "NOT_FOUND");
  });

  it("forgets a preprocessing once it has expired", async () => {
    await preprocess();
    net.clock.advance(301_000);
    assert.equal((await refusal(complete())).code, "NOT_FOUND");
    await net.registry.sweep(never);
    assert.deepEqual(await net.store.all("SELECT * FROM registry_preprocessed"), []);
  });

  it("refuses another model, another output and another node's attestation by field", async () => {
    await preprocess();
    const field = async (message: ReturnType<typeof response>) =>
      (await refusal(complete(message))).data["field"];
    assert.equal(await field(response({ model_uuid: "m-2" })), "model_uuid");
    assert.equal(await field(response({ output_data: '"other"' })), "compute_completion.result_hash");
    const signature = "compute_completion.compute_node_signature";
    assert.equal(await field(response({}, {}, strangerWallet)), signature);
    assert.equal(await field(response({}, { computation_time_ms: 13 })), signature);
    assert.equal(net.cosigner.asked.length, 1);
  });

  it("needs no output to validate its hash", async () => {
    await preprocess();
    assert.equal((await complete(response({ output_data: "" }))).validator_signatures?.length, 3);
  });

  it("fails a completion below M signatures with the trail", async () => {
    await preprocess();
    net.cosigner.willing = 0;
    const problem = await refusal(complete());
    assert.equal(problem.code, "QUORUM_NOT_REACHED");
    assert.equal((problem.data["trail"] as { round: string }).round, "completion");
  });

  it("gives up when the caller does", async () => {
    const gone = AbortSignal.abort(new Error("the caller hung up"));
    await assert.rejects(
      net.registry.requestPreprocessingValidation(request(), by(gatewayWallet), gone),
      /the caller hung up/,
    );
  });
});
