/** Headers, and gRPC metadata, of a signed call. */
export const callHeaderNames = {
  address: "x-countersign-address",
  timestamp: "x-countersign-timestamp",
  nonce: "x-countersign-nonce",
  signature: "x-countersign-signature",
} as const;
