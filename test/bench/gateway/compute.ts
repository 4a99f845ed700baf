import { randomBytes } from "node:crypto";
import { nowSec, sha256, signingDomain, systemClock, systemRandom, toHex } from "../../../src/base/index.ts";
import { computeCompletionMessage, createLocalSigner, signedHeaders } from "../../../src/chain/index.ts";
import { loadGenesis } from "../../../src/node/index.ts";
import { GrpcClient } from "../../../src/wire/grpc-client.ts";
import {
  type InferenceRequest,
  type NodeInfo,
  gatewayComputeService as rpc,
} from "../../../src/wire/index.ts";

// A compute node with no model behind it: it answers every task at once, signed. Arguments: gateway, genesis file.

const [address = "", genesisFile = ""] = process.argv.slice(2);
const genesis = loadGenesis(genesisFile);
const domain = signingDomain(genesis, true);
const signer = createLocalSigner(new Uint8Array(randomBytes(32)));
const client = new GrpcClient(address);
const headers = signedHeaders({ signer, genesis, clock: systemClock, random: systemRandom });
const { signal } = new AbortController();

const heartbeatMs = 1_000;
const slots = 1_024;
const nodeId = "bench-compute";
const info = {
  node_id: nodeId,
  node_type: "compute",
  wallet_address: signer.address,
  max_tasks: slots,
  supported_models: [{ model_uuid: "instant", name: "instant", price_wei: "0" }],
} as NodeInfo;

await client.call(rpc.RegisterComputeNode, info, { signal, headers });
const tasks = client.stream(rpc.ReceiveTask, info, { signal, headers });
setInterval(() => {
  const beat = { node_id: nodeId, load: 0, active_tasks: 0, max_tasks: slots };
  client.call(rpc.UpdateHeartbeat, beat, { signal, headers }).catch(() => {});
}, heartbeatMs);
process.send?.({ ready: signer.address });
process.once("disconnect", () => process.exit());
process.once("SIGTERM", () => process.exit());

for await (const task of tasks) answer(task).catch((error) => process.stderr.write(`${error}\n`));

async function answer(task: InferenceRequest): Promise<void> {
  const outputData = '{"text":"done"}';
  const resultHash = sha256(outputData);
  const completionTimestamp = nowSec(systemClock);
  const message = computeCompletionMessage(domain, {
    requestId: task.request_id,
    modelUuid: task.model_uuid,
    resultHash,
    completionTimestamp,
    computationTimeMs: 1,
  });
  await client.call(
    rpc.SubmitResult,
    {
      request_id: task.request_id,
      model_uuid: task.model_uuid,
      output_data: outputData,
      status: "completed",
      compute_completion: {
        result_hash: resultHash,
        completion_timestamp: completionTimestamp,
        computation_time_ms: 1,
        compute_node_signature: toHex(await signer.signTyped(message)),
      },
    } as never,
    // The completion's own signature says who submits; a second one over the call would say it again.
    { signal },
  );
}
