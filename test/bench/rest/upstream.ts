import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// An OpenAI-compatible server that answers every chat at once: the baseline, and what the compute node passes tasks on to.

const answer = JSON.stringify({
  id: "chatcmpl-instant",
  object: "chat.completion",
  created: 0,
  model: "instant",
  choices: [{ index: 0, message: { role: "assistant", content: "done" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 },
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ ready: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
});
process.once("disconnect", () => process.exit());
process.once("SIGTERM", () => process.exit());
