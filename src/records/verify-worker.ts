// A thread that checks records' form, signatures and statements: what looks at nothing but their bytes.
import { parentPort, workerData } from "node:worker_threads";
import { createCoreKinds } from "./kinds/index.ts";
import type { RecordKind } from "./record.ts";
import { checkStatement, type StatementContext } from "./verify.ts";
import type { VerifyReply, VerifyRequest, VerifyWorkerOptions } from "./verify-messages.ts";

const digestBytes = 32;

const port = parentPort;
if (port === null) throw new Error("records/verify-worker runs as a worker thread only");

const { genesis, network } = workerData as VerifyWorkerOptions;
const kinds = new Map<string, RecordKind<unknown>>(
  Object.values(createCoreKinds(genesis)).map((kind) => [kind.name, kind as RecordKind<unknown>]),
);
const context: StatementContext = { network, kind: (name) => kinds.get(name) };

function check({ id, bytes, lengths }: VerifyRequest): VerifyReply {
  const digests = new Uint8Array(lengths.length * digestBytes);
  const refused: VerifyReply["refused"] = [];
  let from = 0;
  for (const [index, length] of lengths.entries()) {
    const checked = checkStatement(bytes.subarray(from, from + length), context);
    from += length;
    if ("digest" in checked) digests.set(checked.digest, index * digestBytes);
    else refused.push({ index, outcome: checked.outcome, reason: checked.reason ?? "" });
  }
  return { id, digests, refused };
}

port.on("message", (request: VerifyRequest) => {
  const reply = check(request);
  port.postMessage(reply, [reply.digests.buffer]);
});
