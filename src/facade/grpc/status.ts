import { Metadata, type StatusObject } from "@grpc/grpc-js";
import protobuf from "protobufjs/minimal.js";
import { CountersignError, grpcStatus, isAbort } from "../../base/index.ts";
import { QuorumTrail } from "../../wire/index.ts";

/** gRPC keeps status text in a header; longer texts are cut so that no proxy drops the answer. */
const maxDetailsCharacters = 2_000;

/** The status that a caller gets for an error. What is not one of ours says nothing of the inside. */
export function statusOf(error: unknown): Partial<StatusObject> {
  if (!(error instanceof CountersignError)) {
    if (isAbort(error))
      return { code: grpcStatus.CANCELLED, details: "the call was cancelled", metadata: new Metadata() };
    return {
      code: grpcStatus.INTERNAL,
      details: "INTERNAL: the node could not process the call",
      metadata: new Metadata(),
    };
  }
  const code = grpcStatus[error.entry.grpc];
  const details = `${error.code}: ${error.message}`.slice(0, maxDetailsCharacters);
  const metadata = new Metadata();
  metadata.set("countersign-code", error.code);
  const trail = error.data["trail"];
  if (trail != null) {
    metadata.set(
      "grpc-status-details-bin",
      richStatus(code, details, "QuorumTrail", QuorumTrail.encode(trail).finish()),
    );
  }
  return { code, details, metadata };
}

/** google.rpc.Status: code = 1, message = 2, details = 3, each an Any of type_url = 1 and value = 2. */
function richStatus(code: number, message: string, type: string, value: Uint8Array): Buffer {
  const any = protobuf.Writer.create()
    .uint32(10)
    .string(`type.googleapis.com/${type}`)
    .uint32(18)
    .bytes(value)
    .finish();
  const status = protobuf.Writer.create()
    .uint32(8)
    .int32(code)
    .uint32(18)
    .string(message)
    .uint32(26)
    .bytes(any);
  return Buffer.from(status.finish());
}
