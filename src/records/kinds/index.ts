import type { Genesis } from "../../base/index.ts";
import type { RecordKind } from "../record.ts";
import { createNodeKind, type NodeRecord } from "./node.ts";
import { createReputationKind, type ReputationRecord } from "./reputation.ts";
import { createSubnetKind, type SubnetRecord } from "./subnet.ts";
import { createValidatorKind, type ValidatorRecord } from "./validator.ts";

export { createNodeKind, type NodeRecord, nodeLifeMs, proofLifeMs } from "./node.ts";
export { nodeInfoProblem, nodeTypes } from "./node-info-bounds.ts";
export { isProofOf, type RegistrationProof } from "./registration-proof.ts";
export { createReputationKind, type ReputationRecord, reputationLifeMs } from "./reputation.ts";
export { createSubnetKind, type SubnetRecord, subnetIdOf, subnetLifeMs } from "./subnet.ts";
export { createValidatorKind, type ValidatorRecord, validatorLifeMs } from "./validator.ts";

/** The kinds that every node replicates. */
export interface CoreKinds {
  readonly node: RecordKind<NodeRecord>;
  readonly validator: RecordKind<ValidatorRecord>;
  readonly subnet: RecordKind<SubnetRecord>;
  readonly reputation: RecordKind<ReputationRecord>;
}

export function createCoreKinds(genesis: Genesis): CoreKinds {
  return {
    node: createNodeKind(genesis),
    validator: createValidatorKind(genesis),
    subnet: createSubnetKind(),
    reputation: createReputationKind(),
  };
}
