import { equalBytes, isCode, nowSec, sha256 } from "../../base/index.ts";
import { type Escrow, recoverSigner } from "../../chain/index.ts";
import {
  type CompletionAsked,
  deadlinesOf,
  type Judgement,
  quotedAtSec,
  type TaskTerms,
} from "../../cosign/index.ts";
import { clockToleranceSec, isAssigned, notYet, type PolicyOptions, refuse, sign } from "./checks.ts";

/** Judges a result: whether the right node made it, in time, of a task that was agreed on and paid. */
export async function judgeCompletion(asked: CompletionAsked, options: PolicyOptions): Promise<Judgement> {
  const { genesis, clock } = options;
  const { terms } = asked;
  const now = nowSec(clock);
  if (terms.expirySec <= now) return refuse("EXPIRED");
  if (asked.completionSec > now + clockToleranceSec) return refuse("TOO_FAR_AHEAD");
  if (isLate(asked, options)) return refuse("LATE");
  if (!(await isAssigned(terms, asked.grants, options))) return refuse("NOT_PREPROCESSED");

  const assigned = asked.grants.at(-1)?.computeNodeWallet ?? terms.computeNodeWallet;
  const signer = recoverSigner(asked.computeMessage.digest, asked.computeSignature);
  if (asked.computeNodeWallet !== assigned || signer !== assigned) return refuse("BAD_COMPUTE_SIGNATURE");
  if (asked.outputData !== undefined && !equalBytes(sha256(asked.outputData), asked.resultHash)) {
    return refuse("HASH_MISMATCH");
  }
  if (terms.isPaid) {
    const unpaid = await paymentTrouble(terms, genesis.chain?.confirmations ?? 1, options);
    if (unpaid !== undefined) return unpaid;
  }
  return await judgeResult(asked, options);
}

function isLate(
  { terms, completionSec, computationTimeMs }: CompletionAsked,
  options: PolicyOptions,
): boolean {
  const { execution } = deadlinesOf(terms.expirySec, options.genesis);
  const quotedSec = quotedAtSec(terms.expirySec, options.genesis);
  if (completionSec > execution || completionSec < quotedSec - clockToleranceSec) return true;
  // Longer than there was time since the quote: the node's statement contradicts itself.
  return computationTimeMs / 1000 > completionSec - quotedSec + clockToleranceSec;
}

async function paymentTrouble(
  terms: TaskTerms,
  confirmations: number,
  { payments }: PolicyOptions,
): Promise<Judgement | undefined> {
  let escrow: Escrow | undefined;
  try {
    escrow = await payments?.escrow(terms.requestId);
  } catch (error) {
    // This validator cannot tell; another may.
    if (isCode(error, "CHAIN_UNAVAILABLE")) return notYet("OVERLOADED");
    throw error;
  }
  if (escrow === undefined) return refuse("NOT_PAID");
  const isOurs =
    escrow.client.toLowerCase() === terms.client &&
    escrow.gatewayWallet.toLowerCase() === terms.gatewayWallet &&
    escrow.totalWei === terms.totalWei &&
    equalBytes(escrow.validationDigest, terms.message.digest);
  // A block that this node has not read yet may be on its way; another task's escrow stays another's.
  if (escrow.state === "none") return notYet("NOT_PAID");
  if (escrow.state !== "paid" || !isOurs) return refuse("NOT_PAID");
  return escrow.depth >= confirmations ? undefined : notYet("NOT_PAID");
}

async function judgeResult(asked: CompletionAsked, { recheck }: PolicyOptions): Promise<Judgement> {
  if (asked.inputData === undefined || asked.outputData === undefined) return sign;
  const output = await recheck(asked.terms.modelUuid, asked.inputData);
  return output === undefined || output === asked.outputData ? sign : refuse("RESULT_DIFFERS");
}
