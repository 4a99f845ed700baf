import * as ort from "onnxruntime-web";
import { messageOf } from "../../../base/index.ts";
import { BytePairTokenizer, tokenizerSchema } from "./byte-pair.ts";
import type { StepModel } from "./generation.ts";
import { invalidModel, readModelFiles } from "./model-files.ts";

/** Loads a model whose memory is one tensor. Its WebAssembly comes from the installed package, never from a network. */
export async function loadOnnxModel(
  folder: string,
): Promise<{ model: StepModel<ort.Tensor>; tokenizer: BytePairTokenizer }> {
  const files = await readModelFiles(folder);
  try {
    const tokenizer = new BytePairTokenizer(tokenizerSchema.parse(JSON.parse(files.tokenizer)));
    // One thread: a node runs several tasks and models at once, and results must not depend on a thread count.
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const session = await ort.InferenceSession.create(files.model, { executionProviders: ["wasm"] });
    const model = stepModel(session, tokenizer);
    await model.read([tokenizer.file.end_token], model.begin());
    return { model, tokenizer };
  } catch (error) {
    throw invalidModel(folder, `cannot be loaded: ${messageOf(error)}`, error);
  }
}

function stepModel(session: ort.InferenceSession, tokenizer: BytePairTokenizer): StepModel<ort.Tensor> {
  const { state, vocab_size } = tokenizer.file;
  const stateSize = state.shape.reduce((product, size) => product * size, 1);
  return {
    begin: () => new ort.Tensor("float32", new Float32Array(stateSize), state.shape),
    async read(tokens, before) {
      const ids = new ort.Tensor("int64", BigInt64Array.from(tokens, BigInt), [tokens.length]);
      const outputs = await session.run({ tokens: ids, [state.input]: before });
      const [logits, after] = [outputs["logits"]?.data, outputs[state.output]];
      if (!(logits instanceof Float32Array) || logits.length !== vocab_size || after === undefined)
        throw new RangeError(`the model answers no ${vocab_size} logits and state`);
      return { logits, state: after };
    },
  };
}
