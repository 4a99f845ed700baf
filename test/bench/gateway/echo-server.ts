import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { gatewayClientService } from "../../../src/wire/index.ts";

// The baseline: grpc-js and nothing else. Answers with the bytes that came in.

const asIs = (bytes: Buffer): Buffer => bytes;
const { path } = gatewayClientService.SubmitInferenceTask;

const server = new Server();
server.addService(
  {
    Echo: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  },
  {
    Echo: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
      callback(null, call.request),
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.({ ready: `127.0.0.1:${port}` });
});
process.once("disconnect", () => process.exit());
process.once("SIGTERM", () => process.exit());
