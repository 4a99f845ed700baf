import { nowSec } from "../../base/index.ts";
import {
  deadlinesOf,
  equalSplits,
  type Judgement,
  type PreprocessingAsked,
  splitPrice,
  taskLifeSec,
} from "../../cosign/index.ts";
import {
  clockToleranceSec,
  gatewayTrouble,
  nodeOf,
  notYet,
  type PolicyOptions,
  priceOf,
  refuse,
  sign,
} from "./checks.ts";

/** Judges a quote: a live gateway and node, the model, the node's own price, the network's split and times. */
export function judgePreprocessing(asked: PreprocessingAsked, options: PolicyOptions): Judgement {
  const { genesis, clock, nodes } = options;
  const { terms } = asked;
  const now = nowSec(clock);
  if (terms.expirySec > now + taskLifeSec(genesis) + clockToleranceSec) return refuse("TOO_FAR_AHEAD");
  if (deadlinesOf(terms.expirySec, genesis).payment <= now) return refuse("EXPIRED");

  const trouble = gatewayTrouble(nodes, terms.gatewayWallet);
  if (trouble !== undefined) return trouble;
  const node = nodeOf(nodes, terms.computeNodeWallet, terms.computeNodeId);
  if (node === undefined) return notYet("NODE_UNKNOWN");
  if (node.status === "offline") return notYet("NODE_OFFLINE");
  if (asked.subnetId !== undefined && node.info.subnet_id !== asked.subnetId)
    return refuse("MODEL_NOT_SERVED");
  const published = priceOf(node, terms.modelUuid);
  if (published === undefined) return refuse("MODEL_NOT_SERVED");
  if (terms.totalWei > published || !equalSplits(terms.split, splitPrice(terms.totalWei, genesis))) {
    return refuse("PRICE_MISMATCH");
  }
  return sign;
}
