import { nowSec } from "../../base/index.ts";
import {
  deadlinesOf,
  type Judgement,
  quotedAtSec,
  type ReassignmentAsked,
  taskLifeSec,
} from "../../cosign/index.ts";
import {
  clockToleranceSec,
  gatewayTrouble,
  isAssigned,
  nodeOf,
  notYet,
  type PolicyOptions,
  priceOf,
  refuse,
  sign,
} from "./checks.ts";

/** Judges a re-assignment: only once the last node's lease is over, and while time remains for the next. */
export async function judgeReassignment(
  asked: ReassignmentAsked,
  options: PolicyOptions,
): Promise<Judgement> {
  const { genesis, clock, nodes } = options;
  const { terms, previous } = asked;
  const now = nowSec(clock);
  const { execution } = deadlinesOf(terms.expirySec, genesis);
  if (terms.expirySec > now + taskLifeSec(genesis) + clockToleranceSec) return refuse("TOO_FAR_AHEAD");
  if (asked.deadlineSec <= now || execution <= now) return refuse("EXPIRED");
  if (asked.deadlineSec > execution) return refuse("TOO_FAR_AHEAD");
  const leaseEndSec =
    previous.at(-1)?.deadlineSec ?? quotedAtSec(terms.expirySec, genesis) + genesis.deadlines_sec.lease;
  if (now + clockToleranceSec < leaseEndSec) return refuse("TOO_FAR_AHEAD");
  if (!(await isAssigned(terms, previous, options))) return refuse("NOT_PREPROCESSED");

  const trouble = gatewayTrouble(nodes, terms.gatewayWallet);
  if (trouble !== undefined) return trouble;
  const node = nodeOf(nodes, asked.computeNodeWallet, asked.computeNodeId);
  if (node === undefined) return notYet("NODE_UNKNOWN");
  if (node.status === "offline") return notYet("NODE_OFFLINE");
  return priceOf(node, terms.modelUuid) === undefined ? refuse("MODEL_NOT_SERVED") : sign;
}
