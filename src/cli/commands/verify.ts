import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { CountersignError, messageOf } from "../../base/index.ts";
import type { ReceiptProblem } from "../../cosign/index.ts";
import { openChain } from "../open-chain.ts";
import { jsonOption, rpcUrlOption, withSignal } from "../options.ts";
import { coloured, exitCodes, print, printJson } from "../output.ts";

/** Far more than the largest output with its signatures. */
const maxReceiptBytes = 16 * 1024 * 1024;

export function verifyCommand(): Command {
  return new Command("verify")
    .description("check a receipt with no network; exits 0 only when every part of it holds")
    .argument("<receipt>", "receipt file (example: receipt.json)")
    .addOption(rpcUrlOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nWith --rpc-url the validator set, the payment and the payout are checked on the chain too.",
    )
    .action((file: string, options: { rpcUrl?: string; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const text = await readReceipt(file);
        const { verifyReceipt } = await import("../../cosign/index.ts");
        const result = verifyReceipt(text);
        const problems = [...result.problems];
        if (options.rpcUrl !== undefined && result.ok)
          problems.push(...(await checkOnChain(text, options.rpcUrl, signal)));
        const ok = problems.length === 0;
        if (!ok) process.exitCode = exitCodes.failed;
        if (options.json === true) return printJson({ ok, problems, summary: result.summary });
        for (const { field, problem } of problems) print(`${coloured("red", "✘")} ${field}: ${problem}`);
        for (const [name, value] of Object.entries(result.summary ?? {}))
          print(`${coloured("green", "✔")} ${name}: ${value}`);
        print(ok ? coloured("green", "the receipt holds") : coloured("red", "the receipt does NOT hold"));
      }),
    );
}

async function checkOnChain(text: string, rpcUrl: string, signal: AbortSignal): Promise<ReceiptProblem[]> {
  const { receiptProblemsOnChain, receiptSchema } = await import("../../cosign/index.ts");
  const receipt = receiptSchema.parse(JSON.parse(text));
  if (receipt.genesis.chain === null)
    throw new CountersignError("CONFIG_INVALID", "--rpc-url: the receipt's network has no chain");
  const chain = await openChain(receipt.genesis, rpcUrl, signal);
  try {
    return await receiptProblemsOnChain(receipt, chain);
  } finally {
    await chain.stop();
  }
}

async function readReceipt(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= maxReceiptBytes) return bytes.toString("utf8");
  } catch (error) {
    throw new CountersignError("CONFIG_INVALID", `cannot read the receipt ${file}: ${messageOf(error)}`);
  }
  throw new CountersignError(
    "CONFIG_INVALID",
    `${file} is larger than ${maxReceiptBytes} bytes and no receipt`,
  );
}
