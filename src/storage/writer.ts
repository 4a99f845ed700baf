// The writer thread: the only one that changes the database.
import { parentPort, workerData } from "node:worker_threads";
import { Engine } from "./engine.ts";
import { engineFailure } from "./engine-failure.ts";
import type { WriterOptions, WriterReply, WriterRequest } from "./group.ts";

const port = parentPort;
if (port === null) throw new Error("storage/writer runs as a worker thread only");
const reply = (message: WriterReply) => port.postMessage(message);

try {
  const engine = new Engine(workerData as WriterOptions);
  port.on("message", (request: WriterRequest) => {
    if (request.type === "group") {
      reply({ type: "done", results: engine.commitGroup(request.transacts) });
    } else {
      engine.close();
      port.close();
    }
  });
  reply({ type: "opened" });
} catch (error) {
  reply({ type: "open_failed", failure: engineFailure(error) });
  port.close();
}
