import { canonicalJson, type Genesis, networkId, sha256, toHex, utf8 } from "../../base/index.ts";
import { recoverHashSigner, type Signer } from "../../chain/index.ts";
import type { ModelDescriptor } from "../../wire/index.ts";
import { modelsHash } from "./subnet-config.ts";

// A quote carries everything that is needed to check it, so that any registry accepts the quote of any other:
// `<base64url of canonical JSON>.<base64url of the registry's EIP-191 signature over its SHA-256>`.

export const quoteLifeSec = 600;

export interface FeeQuote {
  readonly network: string;
  /** Lower-case address of the gateway that asked. */
  readonly gateway: string;
  /** Hex SHA-256 of the models. */
  readonly modelsHash: string;
  readonly feeWei: string;
  /** Unix seconds. */
  readonly expirySec: number;
  /** Makes two quotes for the same models two subnets. */
  readonly nonce: string;
}

type Models = readonly ModelDescriptor.$Properties[];

/** Base, plus a price per model, plus a price per token of each model's max_tokens above the free allowance. */
export function subnetFeeWei(genesis: Genesis, models: Models): bigint {
  if (genesis.chain === null) return 0n;
  const { base_wei, per_model_wei, per_token_wei, free_tokens } = genesis.subnet_fee;
  const chargedTokens = models
    .map((model) => BigInt(Math.max(0, (model.max_tokens ?? 0) - free_tokens)))
    .reduce((sum, tokens) => sum + tokens, 0n);
  return (
    BigInt(base_wei) + BigInt(per_model_wei) * BigInt(models.length) + BigInt(per_token_wei) * chargedTokens
  );
}

export function quoteFor(
  genesis: Genesis,
  request: {
    readonly gateway: string;
    readonly models: Models;
    readonly nowSec: number;
    readonly nonce: Uint8Array;
  },
): FeeQuote {
  return {
    network: networkId(genesis),
    gateway: request.gateway,
    modelsHash: toHex(modelsHash(request.models)).slice(2),
    feeWei: String(subnetFeeWei(genesis, request.models)),
    expirySec: request.nowSec + quoteLifeSec,
    nonce: Buffer.from(request.nonce).toString("base64url"),
  };
}

/** The quote's id. */
export async function signQuote(quote: FeeQuote, signer: Signer): Promise<string> {
  const { network, gateway, modelsHash, feeWei, expirySec, nonce } = quote;
  const body = canonicalJson({ n: network, g: gateway, m: modelsHash, f: feeWei, e: expirySec, r: nonce });
  const signature = await signer.signHash(sha256(utf8(body)));
  return `${Buffer.from(body).toString("base64url")}.${Buffer.from(signature).toString("base64url")}`;
}

/** The quote and the wallet that signed it, or undefined when the id is no quote. */
export function readQuote(id: string): { readonly quote: FeeQuote; readonly signer: string } | undefined {
  const [body64 = "", signature64 = "", ...rest] = id.split(".");
  if (rest.length > 0) return undefined;
  const body = Buffer.from(body64, "base64url");
  const signature = Buffer.from(signature64, "base64url");
  // Another spelling of the same bytes would be another id, hence another subnet for one quote.
  if (body.toString("base64url") !== body64 || signature.toString("base64url") !== signature64)
    return undefined;
  const quote = quoteOf(body.toString("utf8"));
  const signer = recoverHashSigner(sha256(body), signature);
  return quote === undefined || signer === undefined ? undefined : { quote, signer };
}

function quoteOf(body: string): FeeQuote | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof fields !== "object" || fields === null) return undefined;
  const { n, g, m, f, e, r } = fields;
  if (typeof n !== "string" || typeof g !== "string" || typeof m !== "string") return undefined;
  if (typeof f !== "string" || typeof e !== "number" || typeof r !== "string") return undefined;
  return { network: n, gateway: g, modelsHash: m, feeWei: f, expirySec: e, nonce: r };
}
