import { canonicalJson, type Genesis, sha256, signingDomain } from "../../base/index.ts";
import { subnetActivationMessage, type TypedMessage } from "../../chain/index.ts";
import type { ModelDescriptor, SubnetMetadata } from "../../wire/index.ts";

// What a subnet is made of, in the forms that are hashed and signed. Pure.

type Models = readonly ModelDescriptor.$Properties[];

function plainModels(models: Models): object[] {
  return models.map((model) => ({
    model_uuid: model.model_uuid ?? "",
    source: model.source ?? "",
    path: model.path ?? "",
    name: model.name ?? "",
    category: model.category ?? "",
    description: model.description ?? "",
    max_tokens: model.max_tokens ?? 0,
    version: model.version ?? "",
    input_format: model.input_format ?? "",
    output_format: model.output_format ?? "",
  }));
}

export function modelsHash(models: Models): Uint8Array {
  return sha256(canonicalJson(plainModels(models)));
}

/** SHA-256 of the RFC 8785 form of `{gateway_address, models}`; the address in lower case, `max_tokens` as a number. */
export function configHash(gateway: string, models: Models): Uint8Array {
  return sha256(canonicalJson({ gateway_address: gateway.toLowerCase(), models: plainModels(models) }));
}

/** What validators sign to activate a subnet. */
export function activationMessage(genesis: Genesis, metadata: SubnetMetadata.$Properties): TypedMessage {
  return subnetActivationMessage(signingDomain(genesis, true), {
    subnetId: metadata.subnet_id ?? 0n,
    gateway: metadata.gateway_address ?? "",
    configHash: metadata.config_hash ?? new Uint8Array(32),
    feeQuoteId: metadata.fee_quote_id ?? "",
  });
}
