import { createCosigner, type Proposal, type RunningCosigner } from "../cosign/index.ts";
import type { ValidationTopic } from "./live-topics/validation-topic.ts";
import type { NodeServices } from "./node-services.ts";

/** Runs co-sign rounds for this node's gateway and registry. */
export function openCosigner(services: NodeServices, watcher?: ValidationTopic): RunningCosigner {
  const { genesis, mesh, clock, logger, signer, directory, replica, kinds, reputation, validatorSet } =
    services;
  const recordsOf = (wallet: string): Uint8Array[] =>
    directory
      .byWallet(wallet)
      .flatMap((node) => replica.get(kinds.node, node.owner, node.info.node_id)?.encoded ?? []);
  return createCosigner({
    genesis,
    mesh,
    clock,
    logger: logger.child({ component: "cosign" }),
    initiator: signer.address,
    validatorSet,
    peerOf: (validator) => directory.byWallet(validator).find((node) => node.peerId !== undefined)?.peerId,
    recordsFor: (proposal) => [...new Set([signer.address, ...walletsIn(proposal)])].flatMap(recordsOf),
    onOutcome: (validator, outcome) => {
      if (outcome === "signed") reputation.observe(validator, "success");
      else if (outcome === "no_answer") reputation.observe(validator, "no_answer");
      else if (outcome === "invalid") reputation.observe(validator, "failure");
    },
    onResult: (roundId, result) => watcher?.onResult(roundId, result),
  });
}

/** Wallets whose nodes a validator must know to judge the proposal. */
function walletsIn({ preprocessing, completion, reassignment, subnet }: Proposal): string[] {
  const validation = preprocessing?.validation ?? completion?.preprocessing ?? reassignment?.preprocessing;
  return [
    validation?.gateway_wallet,
    validation?.compute_node_wallet,
    completion?.compute_node_wallet,
    reassignment?.compute_node_wallet,
    subnet?.metadata?.gateway_address,
  ].filter((wallet): wallet is string => typeof wallet === "string" && wallet !== "");
}
