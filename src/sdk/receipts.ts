import type { ReceiptCheck, ReceiptTexts } from "../proof/receipt-verify.ts";
import { badArgument, SdkError } from "./errors.ts";
import { ContractViews, type EvmRequest, evmAt } from "./evm.ts";
import { networkOf } from "./network.ts";

export interface VerifyReceiptOptions extends ReceiptTexts {
  /** The network whose receipt it must be: its id, such as `countersign-devnet-1a2b3c4d`. A receipt can hold and be of another network. */
  readonly network?: string;
  /** The network itself: its genesis, as an object or as JSON. */
  readonly genesis?: unknown;
  /** Also asks the chain, by JSON-RPC, whether signers are validators and the escrow was paid and paid out. Reads only. */
  readonly rpcUrl?: string;
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
}

export interface SdkReceiptCheck extends ReceiptCheck {
  /** True when the chain was asked as well. */
  readonly isCheckedOnChain: boolean;
}

/**
 * Checks a receipt, JSON text or its object: everything in it that is signed, hashed or computed, with no network but
 * the chain's node where one is named. Needs no gateway. What it loads, it loads on first use.
 * @throws SdkError CHAIN_UNAVAILABLE when the chain node does not answer, CONFIG_INVALID for a genesis that is none
 */
export async function verifyReceipt(
  receipt: unknown,
  options: VerifyReceiptOptions = {},
): Promise<SdkReceiptCheck> {
  const proof = await import("../proof/receipt-verify.ts");
  const check = proof.verifyReceipt(receipt, options);
  const problems = [...check.problems];
  for (const wanted of await wantedNetworks(options)) {
    if (check.summary !== undefined && check.summary.network !== wanted)
      problems.push({ field: "network", problem: `this is a receipt of another network than ${wanted}` });
  }
  const isSound = problems.length === 0 && check.summary !== undefined;
  if (!isSound || options.rpcUrl === undefined)
    return { ...check, ok: isSound, problems, isCheckedOnChain: false };
  const onChain = await problemsOnChain(receipt, options, options.rpcUrl);
  return { ...check, ok: onChain.length === 0, problems: onChain, isCheckedOnChain: true };
}

async function wantedNetworks({ network, genesis }: VerifyReceiptOptions): Promise<string[]> {
  const ofGenesis = genesis === undefined ? [] : [(await networkOf(genesis)).id];
  return network === undefined ? ofGenesis : [...ofGenesis, network];
}

/** Of a receipt that holds by itself. */
async function problemsOnChain(receipt: unknown, options: VerifyReceiptOptions, rpcUrl: string) {
  if (!URL.canParse(rpcUrl)) throw badArgument("rpcUrl", rpcUrl, "the URL of a chain node");
  const [{ receiptSchema }, { receiptProblemsOnChain }] = await Promise.all([
    import("../proof/receipt-schema.ts"),
    import("../proof/receipt-on-chain.ts"),
  ]);
  const held = receiptSchema.parse(typeof receipt === "string" ? JSON.parse(receipt) : receipt);
  const { chain } = held.genesis;
  if (chain === null)
    return [{ field: "genesis.chain", problem: "the receipt's network has no chain to ask" }];
  const signal = options.signal ?? new AbortController().signal;
  const request: EvmRequest = evmAt(rpcUrl, options.fetch ?? fetch);
  const views = new ContractViews(request, chain, signal);
  const chainId = await views.chainId();
  if (chainId !== chain.chain_id) {
    const message = `the receipt is of chain ${chain.chain_id}, but the node at rpcUrl serves chain ${chainId}`;
    throw new SdkError("CONFIG_INVALID", message, { field: "rpcUrl" });
  }
  return receiptProblemsOnChain(held, views);
}
