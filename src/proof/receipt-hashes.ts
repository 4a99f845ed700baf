import { canonicalJson, sha256, utf8 } from "../base/bytes.ts";

export interface HashedRequest {
  readonly requestId: string;
  readonly modelUuid: string;
  readonly inputData: string;
  readonly client: string;
}

/** SHA-256 of the RFC 8785 form of {client, input_data, model_uuid, request_id}. */
export function requestHash({ requestId, modelUuid, inputData, client }: HashedRequest): Uint8Array {
  const request = { request_id: requestId, model_uuid: modelUuid, input_data: inputData, client };
  return sha256(canonicalJson(request));
}

/** What the gateway signs: SHA-256 of the receipt's RFC 8785 form without its own signature. */
export function receiptHash(receipt: object): Uint8Array {
  const { gateway_signature: _signature, ...rest } = receipt as { gateway_signature?: unknown };
  return sha256(canonicalJson(rest));
}

/** SHA-256 of the UTF-8 output, as a compute node signs it. */
export function resultHash(outputData: string): Uint8Array {
  return sha256(utf8(outputData));
}
