import { equalBytes, fromHex, toHex } from "../base/bytes.ts";
import { messageOf, shown } from "../base/errors.ts";
import { networkId } from "../base/genesis.ts";
import { receiptHash, requestHash, resultHash } from "./receipt-hashes.ts";
import { type Receipt, receiptSchema } from "./receipt-schema.ts";
import { type CompletionAsked, readCompletion } from "./task-terms.ts";
import { deadlinesOf, equalSplits, quotedAtSec, splitPrice } from "./terms.ts";
import { recoverHashSigner, recoverSigner } from "./wallet.ts";

export interface ReceiptProblem {
  /** Path of the member, such as `completion.signatures.2`; empty for the whole. */
  readonly field: string;
  readonly problem: string;
}

export interface ReceiptSummary {
  readonly network: string;
  readonly request_id: string;
  readonly client: string;
  readonly model_uuid: string;
  readonly gateway: string;
  readonly compute_node: string;
  readonly result_hash: string;
  readonly total_wei: string;
  /** Such as "preprocessing 4, completion 3, required 3". */
  readonly signatures: string;
}

export interface ReceiptCheck {
  readonly ok: boolean;
  readonly problems: ReceiptProblem[];
  /** What the receipt says; undefined when it has not even the form of one. */
  readonly summary: ReceiptSummary | undefined;
}

/** Texts that a long receipt names by their hash only. */
export interface ReceiptTexts {
  readonly inputData?: string;
  readonly outputData?: string;
}

/** The largest receipt: 10,000 validators and two texts, each character escaped. */
export const maxReceiptCharacters = 4 * 1024 * 1024;

/**
 * Checks a receipt with no network: everything in it that is signed, hashed or computed. It cannot know whether the
 * validator set was the chain's, nor whether the transactions are on it. Never throws.
 */
export function verifyReceipt(receipt: unknown, texts: ReceiptTexts = {}): ReceiptCheck {
  try {
    const value = typeof receipt === "string" ? parse(receipt) : receipt;
    if (value === undefined) return failed("", "no JSON, or far too long for a receipt");
    const parsed = receiptSchema.safeParse(value);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => ({
        field: path.map(String).join("."),
        problem: message,
      }));
      return { ok: false, problems, summary: undefined };
    }
    const problems = problemsOf(parsed.data, value as object, texts);
    return { ok: problems.length === 0, problems, summary: summaryOf(parsed.data) };
  } catch (error) {
    // Something that is no JSON value: a cycle, a getter that throws.
    return failed("", messageOf(error));
  }
}

function failed(field: string, problem: string): ReceiptCheck {
  return { ok: false, problems: [{ field, problem }], summary: undefined };
}

function parse(text: string): unknown {
  if (text.length > maxReceiptCharacters) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Report = (field: string, problem: string) => void;

/** `raw` is the receipt as it came, without the defaults that the schema fills in. */
function problemsOf(receipt: Receipt, raw: object, texts: ReceiptTexts): ReceiptProblem[] {
  const problems: ReceiptProblem[] = [];
  const report: Report = (field, problem) => problems.push({ field, problem });
  const { genesis, preprocessing } = receipt;

  const network = networkId(genesis);
  if (receipt.network !== network) report("network", `the genesis is that of ${network}`);
  const signer = recoverHashSigner(receiptHash(raw), fromHex(receipt.gateway_signature));
  if (signer !== preprocessing.gateway_wallet) {
    report("gateway_signature", "not the gateway's signature over this receipt: something was changed");
  }
  const asked = readCompletion(completionOf(receipt), genesis);
  if (asked === undefined) {
    report("", "the parts do not make a task");
    return problems;
  }
  checkRequest(receipt, texts, report);
  checkValidators(receipt, report);
  checkTerms(receipt, asked, report);
  checkAssignments(receipt, asked, report);
  checkResult(receipt, asked, texts, report);
  checkPayment(receipt, asked.terms.isPaid, report);
  return problems;
}

function completionOf({ request, preprocessing, reassignments, result }: Receipt) {
  return {
    client: request.client,
    model_uuid: request.model_uuid,
    preprocessing: {
      request_id: request.request_id,
      gateway_wallet: preprocessing.gateway_wallet,
      compute_node_id: preprocessing.compute_node_id,
      compute_node_wallet: preprocessing.compute_node_wallet,
      payment_tree: preprocessing.payment_tree,
      validator_signatures: [],
      expiry_timestamp: preprocessing.expiry_timestamp,
    },
    completion: {
      request_id: request.request_id,
      compute_node_signature: result.compute_node_signature,
      result_hash: fromHex(result.result_hash),
      completion_timestamp: result.completion_timestamp,
      computation_time_ms: result.computation_time_ms,
    },
    compute_node_wallet: result.compute_node_wallet,
    reassignments: reassignments.map(({ attempt, compute_node_id, compute_node_wallet, deadline }) => ({
      attempt,
      compute_node_id,
      compute_node_wallet,
      deadline,
      validator_signatures: [],
    })),
  };
}

function checkRequest({ request }: Receipt, texts: ReceiptTexts, report: Report): void {
  for (const inputData of [request.input_data, texts.inputData]) {
    if (inputData == null) continue;
    const hash = requestHash({
      requestId: request.request_id,
      modelUuid: request.model_uuid,
      inputData,
      client: request.client,
    });
    if (toHex(hash) !== request.request_hash) report("request.request_hash", "not the hash of this request");
  }
}

function checkValidators({ genesis, validators }: Receipt, report: Report): void {
  const addresses = validators.entries.map((entry) => entry.address);
  if (new Set(addresses).size !== addresses.length) report("validators.entries", "names a validator twice");
  if (validators.required < genesis.cosign.required) {
    report("validators.required", `the genesis requires ${genesis.cosign.required}`);
  }
  if (genesis.chain !== null) return;
  const listed = new Map(genesis.validators.map(({ address, stake_wei }) => [address, stake_wei]));
  const isSame =
    listed.size === addresses.length &&
    validators.entries.every(({ address, stake_wei }) => listed.get(address) === stake_wei);
  if (!isSame) report("validators.entries", "not the validators that the genesis lists");
}

function checkTerms(receipt: Receipt, { terms }: CompletionAsked, report: Report): void {
  const { preprocessing, genesis } = receipt;
  if (preprocessing.total_wei !== String(terms.totalWei))
    report("preprocessing.total_wei", `the amounts sum to ${terms.totalWei}`);
  if (preprocessing.is_paid !== terms.isPaid) report("preprocessing.is_paid", `must be ${terms.isPaid}`);
  if (!equalSplits(terms.split, splitPrice(terms.totalWei, genesis))) {
    report("preprocessing.payment_tree", "not the split of the genesis");
  }
  checkRound(receipt, "preprocessing", preprocessing, terms.message.digest, report);
}

function checkAssignments(receipt: Receipt, asked: CompletionAsked, report: Report): void {
  const { execution } = deadlinesOf(asked.terms.expirySec, receipt.genesis);
  for (const [index, grant] of asked.grants.entries()) {
    const listed = receipt.reassignments[index];
    if (listed === undefined) continue;
    const field = `reassignments.${index}`;
    if (grant.deadlineSec > execution)
      report(`${field}.deadline`, `after the execution deadline ${execution}`);
    checkRound(receipt, field, listed, grant.message.digest, report);
  }
}

function checkResult(receipt: Receipt, asked: CompletionAsked, texts: ReceiptTexts, report: Report): void {
  const { result, completion, genesis } = receipt;
  for (const outputData of [result.output_data, texts.outputData]) {
    if (outputData != null && !equalBytes(resultHash(outputData), asked.resultHash)) {
      report("result.result_hash", "not the hash of this output");
    }
  }
  const assigned = asked.grants.at(-1)?.computeNodeWallet ?? asked.terms.computeNodeWallet;
  if (result.compute_node_wallet !== assigned)
    report("result.compute_node_wallet", `the task was assigned to ${assigned}`);
  if (recoverSigner(asked.computeMessage.digest, asked.computeSignature) !== assigned) {
    report("result.compute_node_signature", `not a signature of ${assigned} over this result`);
  }
  const { execution } = deadlinesOf(asked.terms.expirySec, genesis);
  if (asked.completionSec > execution)
    report("result.completion_timestamp", `after the execution deadline ${execution}`);
  if (asked.completionSec < quotedAtSec(asked.terms.expirySec, genesis) - 2) {
    report("result.completion_timestamp", "before the task was quoted");
  }
  checkRound(receipt, "completion", completion, asked.typed.digest, report);
}

/** Each listed signature must be one, by M or more different validators of the set. */
function checkRound(
  { validators }: Receipt,
  field: string,
  round: Receipt["completion"],
  digest: Uint8Array,
  report: Report,
): void {
  if (round.digest !== toHex(digest)) report(`${field}.digest`, `the signed digest is ${toHex(digest)}`);
  const members = new Set(validators.entries.map((entry) => entry.address));
  const signed = new Set<string>();
  for (const [index, { validator_address, signature }] of round.signatures.entries()) {
    const at = `${field}.signatures.${index}`;
    if (!members.has(validator_address))
      report(at, `${shown(validator_address)} is not in the validator set`);
    else if (recoverSigner(digest, fromHex(signature)) !== validator_address)
      report(at, "the signature is false");
    else if (signed.has(validator_address)) report(at, "this validator is listed twice");
    else signed.add(validator_address);
  }
  if (signed.size < validators.required) {
    report(`${field}.signatures`, `${signed.size} validators signed; ${validators.required} are required`);
  }
}

function checkPayment({ genesis, payment }: Receipt, isPaid: boolean, report: Report): void {
  if (!isPaid || genesis.chain === null) {
    if (payment !== null) report("payment", "must be null: nothing was paid");
    return;
  }
  if (payment === null) return report("payment", "missing: the task was paid");
  if (payment.chain_id !== genesis.chain.chain_id) report("payment.chain_id", "not the chain of the genesis");
  if (payment.contract !== genesis.chain.inference_payment)
    report("payment.contract", "not the contract of the genesis");
}

function summaryOf(receipt: Receipt): ReceiptSummary {
  const { request, preprocessing, result, completion, validators } = receipt;
  return {
    network: receipt.network,
    request_id: request.request_id,
    client: request.client,
    model_uuid: request.model_uuid,
    gateway: preprocessing.gateway_wallet,
    compute_node: result.compute_node_wallet,
    result_hash: result.result_hash,
    total_wei: preprocessing.total_wei,
    signatures:
      `preprocessing ${preprocessing.signatures.length}, completion ${completion.signatures.length}, ` +
      `required ${validators.required}`,
  };
}
