import { randomUUID } from "node:crypto";
import { GrpcClient } from "../../../src/wire/grpc-client.ts";
import { gatewayClientService as rpc } from "../../../src/wire/index.ts";
import { serveRuns } from "../serve-runs.ts";

// Keeps a number of calls in flight and measures each. Arguments: address, `tasks` or `echo`. Told by messages
// `{ run: { count, inFlight } }`, it answers `{ ran: { wallMs, latenciesMs } }`.

const [address = "", kind = "tasks"] = process.argv.slice(2);
const client = new GrpcClient(address);
const { signal } = new AbortController();
const request = (requestId: string) => ({
  request_id: requestId,
  model_uuid: "instant",
  input_data: '{"prompt":"How many nodes sign a result?","max_tokens":24}',
});

const once = kind === "echo" ? echo : task;

async function echo(): Promise<void> {
  await client.call(rpc.SubmitInferenceTask, request(randomUUID()) as never, { signal });
}

async function task(): Promise<void> {
  const id = randomUUID();
  await client.call(rpc.SubmitInferenceTask, request(id) as never, { signal });
  let status = "";
  for await (const update of client.stream(rpc.SubscribeToTaskUpdates, { id }, { signal }))
    status = update.status;
  if (status !== "completed") throw new Error(`the task ended as ${status}`);
}

serveRuns(once);
