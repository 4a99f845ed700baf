import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { serveRuns } from "../serve-runs.ts";

// Keeps a number of calls in flight and measures each. Arguments: base URL, `tasks` or `direct`. A task is a POST and,
// where that did not bring it, a wait for the result; a direct call is one POST. Told `{ run: { count, inFlight } }`, it
// answers `{ ran: { wallMs, latenciesMs } }`.

const [base = "", kind = "tasks"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1_024 });
const input = '{"prompt":"How many nodes sign a result?","max_tokens":24}';

function call(method: string, path: string, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const sent = request(`${base}${path}`, { method, agent, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", reject);
    });
    sent.once("error", reject).end(body);
  });
}

async function once(): Promise<void> {
  const id = randomUUID();
  const status = await call(
    "POST",
    "/api/v1/inference",
    JSON.stringify({ request_id: id, model_uuid: "instant", input_data: input }),
  );
  if (kind === "tasks" && status === 202) {
    const ended = await call("GET", `/api/v1/inference/${id}/result?wait=30s`);
    if (ended !== 200) throw new Error(`the result's status is ${ended}`);
  } else if (status !== 200) throw new Error(`the submit's status is ${status}`);
}

serveRuns(once);
