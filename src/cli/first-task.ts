import { CountersignError, systemClock, systemRandom } from "../base/index.ts";
import { type Chain, createLocalSigner, signedHeaders } from "../chain/index.ts";
import { type InferenceStep, runInference } from "../client/index.ts";
import { verifyReceipt } from "../cosign/index.ts";
import type { Devnet } from "../devnet/index.ts";
import type { InferenceTaskStatus, QuorumTrail } from "../wire/index.ts";
import { tokens } from "./format.ts";
import { openChain } from "./open-chain.ts";
import { createPayer } from "./payer.ts";

export interface FirstTask {
  readonly requestId: string;
  readonly status: string;
  readonly output: string;
  readonly receiptJson: string;
  readonly resultAtMs: number;
  readonly quorum: Record<string, { required: number; asked: number; signed: number }>;
  readonly payment: {
    readonly tx: string;
    readonly payout_tx: string;
    readonly before: Record<string, string>;
    readonly after: Record<string, string>;
  } | null;
}

const maxTokens = 24;

/** A devnet's main job: one task, paid, co-signed twice, paid out, its receipt verified. */
export async function runFirstTask(
  net: Devnet,
  prompt: string,
  signal: AbortSignal,
  say: (step: string) => void,
): Promise<FirstTask> {
  const { genesis, client, rpcUrl } = net.plan;
  const signer = createLocalSigner(client.privateKey);
  const chain = rpcUrl === undefined ? undefined : await openChain(genesis, rpcUrl, signal);
  let resultAtMs = 0;
  let paymentTx = "";
  const onStep = (step: InferenceStep) => {
    if (step.step === "terms") say(`price and assignment signed: ${trailOf(step.status, "preprocessing")}`);
    if (step.step === "paid") {
      paymentTx = step.txHash;
      say(`escrow paid in block ${step.blockNumber}: ${step.txHash}`);
    }
    if (step.step === "confirmed") say(step.message);
    if (step.step === "result") {
      resultAtMs = systemClock.nowMs();
      say("result computed and signed");
    }
    if (step.step === "settled") say(`result signed by validators: ${trailOf(step.status, "completion")}`);
  };
  try {
    const before = await balancesOf(net, chain);
    const outcome = await runInference(
      {
        gateway: net.planned("gateway-1").grpcAddress ?? "",
        modelUuid: "tiny-text",
        inputData: JSON.stringify({ prompt, max_tokens: maxTokens }),
        client: signer.address,
        headers: signedHeaders({ signer, genesis, clock: systemClock, random: systemRandom }),
        payer: rpcUrl === undefined ? undefined : createPayer(client.privateKey, genesis, rpcUrl),
        untilSettled: true,
      },
      systemClock,
      signal,
      onStep,
    );
    const after = await balancesOf(net, chain);
    const check = verifyReceipt(outcome.receiptJson);
    if (!check.ok) {
      const [problem] = check.problems;
      throw new CountersignError(
        "INTERNAL",
        `the receipt does not hold: ${problem?.field}: ${problem?.problem}`,
      );
    }
    const payoutTx = outcome.status.payment_status?.payout_tx ?? "";
    if (chain !== undefined) say(`paid out: ${payoutTx}`);
    if (chain !== undefined)
      for (const name of Object.keys(before)) sayChange(name, before[name], after[name], say);
    say("receipt verified offline");
    return {
      requestId: outcome.requestId,
      status: outcome.status.status ?? "",
      output: (JSON.parse(outcome.outputData) as { text: string }).text,
      receiptJson: outcome.receiptJson,
      resultAtMs,
      quorum: quorumOf(outcome.status),
      payment: chain === undefined ? null : { tx: paymentTx, payout_tx: payoutTx, before, after },
    };
  } finally {
    await chain?.stop();
  }
}

function sayChange(name: string, before = "0", after = "0", say: (step: string) => void): void {
  const difference = BigInt(after) - BigInt(before);
  if (difference !== 0n)
    say(`  ${name} ${difference > 0n ? "+" : "−"}${tokens(difference < 0n ? -difference : difference)} NCN`);
}

/** Every party's tokens, in wei, the escrow's among them. */
async function balancesOf(net: Devnet, chain: Chain | undefined): Promise<Record<string, string>> {
  if (chain === undefined) return {};
  const parties: [string, string][] = [
    ["client", net.plan.client.address],
    ...net.plan.nodes.map(({ name, address }): [string, string] => [name, address]),
    ["treasury", net.plan.treasury],
    ["escrow", net.plan.genesis.chain?.inference_payment ?? ""],
  ];
  const balances = await Promise.all(
    parties.map(async ([name, address]) => [name, String(await chain.balanceOf(address))] as const),
  );
  return Object.fromEntries(balances);
}

function signedIn(trail: QuorumTrail.$Properties): number {
  return (trail.verdicts ?? []).filter((verdict) => verdict.outcome === "signed").length;
}

function quorumOf(status: InferenceTaskStatus.$Properties): FirstTask["quorum"] {
  return Object.fromEntries(
    (status.quorum_trail ?? []).map((trail) => [
      trail.round ?? "",
      { required: trail.required ?? 0, asked: trail.asked ?? 0, signed: signedIn(trail) },
    ]),
  );
}

function trailOf(status: InferenceTaskStatus.$Properties, round: string): string {
  const trail = status.quorum_trail?.find((one) => one.round === round);
  return trail === undefined
    ? "no round"
    : `${signedIn(trail)} of ${trail.asked} validators, ${trail.required} needed`;
}
