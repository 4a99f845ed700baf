// The EIP-712 types that this network signs, as any wallet is told of them.

export interface TypedField {
  readonly name: string;
  readonly type: "string" | "address" | "uint256" | "uint64" | "uint32" | "bytes32";
}

const fieldsOf = (definition: string): TypedField[] =>
  definition.split(",").map((field) => {
    const [type, name] = field.trim().split(" ");
    return { type, name } as TypedField;
  });

export const typedFields = {
  PreprocessingValidation: fieldsOf(
    "string requestId,address client,address gatewayWallet,string computeNodeId,address computeNodeWallet," +
      "uint256 computePriceWei,uint256 gatewayGasWei,uint256 validatorRewardWei,uint256 treasuryFeeWei,uint64 expiryTimestamp",
  ),
  ComputeCompletion: fieldsOf(
    "string requestId,string modelUuid,bytes32 resultHash,uint64 completionTimestamp,uint64 computationTimeMs",
  ),
  CompletionValidation: fieldsOf(
    "string requestId,address computeNodeWallet,bytes32 resultHash,uint64 completionTimestamp,uint64 computationTimeMs",
  ),
  Reassignment: fieldsOf(
    "string requestId,address client,uint32 attempt,string computeNodeId,address computeNodeWallet,uint64 deadline",
  ),
  Refusal: fieldsOf("string requestId,string round,string reason"),
  SubnetActivation: fieldsOf("uint64 subnetId,address gateway,bytes32 configHash,string feeQuoteId"),
  ClientRequest: fieldsOf("string network,string operation,bytes32 bodyHash,uint64 timestamp,bytes32 nonce"),
  Snapshot: fieldsOf(
    "string network,string lang,bytes32 root,uint64 count,uint64 fromTime,uint64 toTime,bytes32 paramsHash," +
      "bytes32 previousRoot,string bundleCid",
  ),
} as const;

export type TypedName = keyof typeof typedFields;

export const domainFields = fieldsOf("string name,string version,uint256 chainId,address verifyingContract");
export const domainName = "Countersign";
export const domainVersion = "1";
