import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { CountersignError, messageOf, sha256 } from "../../../base/index.ts";
import { Generation } from "./generation.ts";
import { loadOnnxModel } from "./onnx-model.ts";
import type { OnnxFailure, OnnxReply, OnnxRequest, OnnxWorkerData } from "./onnx-protocol.ts";
import { parseTextInput } from "./text-input.ts";

// The worker thread of the ONNX runner: texts in the making take turns, one token each, and between turns the
// thread listens, so that an abort or a new task is heard within milliseconds.

const { folder, maxTokens } = workerData as OnnxWorkerData;
const port = parentPort;
if (port === null) throw new Error("this file runs in a worker thread only");

const reply = (message: OnnxReply) => port.postMessage(message);

function failureOf(error: unknown): OnnxFailure {
  return error instanceof CountersignError
    ? { code: error.code, message: error.message, data: error.data }
    : { code: "COMPUTE_FAILED", message: messageOf(error), data: {} };
}

async function serve(): Promise<void> {
  const { model, tokenizer } = await loadOnnxModel(folder);
  const running = new Map<number, Generation<ReturnType<typeof model.begin>>>();
  let isTurning = false;

  const turn = async (): Promise<void> => {
    if (isTurning) return;
    isTurning = true;
    while (running.size > 0) {
      for (const [id, generation] of running) await advance(id, generation);
      await setImmediate();
    }
    isTurning = false;
  };

  const advance = async (
    id: number,
    generation: Generation<ReturnType<typeof model.begin>>,
  ): Promise<void> => {
    try {
      const { piece, output } = await generation.step();
      if (piece !== "") reply({ type: "piece", id, piece });
      if (output === undefined) return;
      running.delete(id);
      reply({ type: "done", id, output: JSON.stringify(output) });
    } catch (error) {
      running.delete(id);
      reply({ type: "failed", id, failure: failureOf(error) });
    }
  };

  port?.on("message", (message: OnnxRequest) => {
    if (message.type === "abort") {
      running.delete(message.id);
      return;
    }
    try {
      const input = parseTextInput(message.input, maxTokens);
      running.set(message.id, new Generation(model, tokenizer, input, seedOf(message.input)));
    } catch (error) {
      reply({ type: "failed", id: message.id, failure: failureOf(error) });
      return;
    }
    void turn();
  });
  reply({ type: "ready" });
}

/** The same input gives the same text, whatever the temperature, so that a validator can run it again. */
function seedOf(input: string): number {
  return new DataView(sha256(input).slice().buffer).getUint32(0);
}

try {
  await serve();
} catch (error) {
  reply({ type: "unusable", failure: failureOf(error) });
}
