import { Metadata, type StatusObject } from "@grpc/grpc-js";
import protobuf from "protobufjs/minimal.js";
import { grpcStatus, type RateState } from "../../base/index.ts";
import { QuorumTrail } from "../../wire/index.ts";
import { errorView, rateHeaders } from "../front/index.ts";

/** gRPC keeps status text in a header; longer texts are cut so that no proxy drops the answer. */
const maxDetailsCharacters = 2_000;

/** The status that a caller gets for an error. */
export function statusOf(error: unknown): Partial<StatusObject> {
  const view = errorView(error);
  const code = grpcStatus[view.grpc];
  const details = `${view.code}: ${view.message}`.slice(0, maxDetailsCharacters);
  const metadata = new Metadata();
  metadata.set("countersign-code", view.code);
  if (view.rate !== undefined) addRate(metadata, view.rate);
  if (view.trail !== undefined) {
    metadata.set(
      "grpc-status-details-bin",
      richStatus(code, details, "QuorumTrail", QuorumTrail.encode(view.trail).finish()),
    );
  }
  return { code, details, metadata };
}

/** What HTTP says in headers of the same names. */
export function addRate(metadata: Metadata, state: RateState): void {
  for (const [name, value] of Object.entries(rateHeaders(state, Date.now()))) metadata.set(name, value);
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
