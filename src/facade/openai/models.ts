import type { ModelInfo } from "../../wire/index.ts";

/** A model as OpenAI's API lists it, with what the network knows besides. */
export function modelObject(info: ModelInfo.$Properties): object {
  return {
    id: info.model_uuid,
    object: "model",
    // Nobody in the network knows when a model was made.
    created: 0,
    owned_by: "countersign",
    name: info.name ?? "",
    description: info.description ?? "",
    category: info.category ?? "",
    max_tokens: Number(info.max_tokens ?? 0),
    min_price_wei: info.min_price_wei ?? "0",
    available_nodes: info.available_nodes ?? 0,
  };
}
