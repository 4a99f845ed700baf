import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// The baseline: Node.js' HTTP server and nothing else. It reads the request and answers a result at once.

const answer = JSON.stringify({ status: "completed", output_data: '{"text":"done"}' });
const server = createServer((request, response) => {
  request.resume().once("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ ready: `127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once("disconnect", () => process.exit());
process.once("SIGTERM", () => process.exit());
