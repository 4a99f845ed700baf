import { Agent, request } from "node:http";
import { serveRuns } from "../serve-runs.ts";

// Keeps a number of POSTs in flight, a connection for each, and measures them. Arguments: URL, body. Told by messages
// `{ run: { count, inFlight } }`, it answers `{ ran: { wallMs, latenciesMs } }`.

const [url = "", body = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };

function once(): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200 || response.statusCode === 202) resolve();
        else reject(new Error(`${response.statusCode}: ${Buffer.concat(chunks).toString().slice(0, 500)}`));
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

serveRuns(once);
