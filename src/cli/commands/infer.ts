import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import {
  CountersignError,
  type Genesis,
  genesisSchema,
  systemClock,
  systemRandom,
} from "../../base/index.ts";
import { createLocalSigner, signedHeaders } from "../../chain/index.ts";
import { type InferenceStep, runInference, TaskFailedError } from "../../client/index.ts";
import { nodeService } from "../../wire/index.ts";
import { keyHeaders } from "../api-key.ts";
import { ask } from "../ask.ts";
import { tokens } from "../format.ts";
import { gatewayOption, jsonOption, passphraseFileOption, wholeNumber, withSignal } from "../options.ts";
import { coloured, exitCodes, note, print, printJson } from "../output.ts";
import { trailLines } from "../trail.ts";
import { openClientWallet } from "../wallet.ts";

interface Options {
  gateway: string;
  wallet?: string;
  passphraseFile?: string;
  rpcUrl: string;
  genesis?: string;
  receipt?: string;
  requestId?: string;
  subnet?: string;
  maxTokens?: string;
  temperature?: string;
  input?: boolean;
  recheck?: boolean;
  settle?: boolean;
  json?: boolean;
}

export function inferCommand(): Command {
  return new Command("infer")
    .description("run a prompt: submit, pay, wait, print the output")
    .argument("<model>", "model uuid (example: tiny-text)")
    .argument("<prompt>", "the prompt, or the whole JSON input with --input")
    .addOption(gatewayOption())
    .addOption(
      new Option("--wallet <file>", "wallet that asks and pays (example: --wallet client.json)").env(
        "COUNTERSIGN_WALLET_FILE",
      ),
    )
    .addOption(passphraseFileOption())
    .addOption(
      new Option("--rpc-url <url>", "chain node to pay by (example: --rpc-url http://127.0.0.1:8545)")
        .env("COUNTERSIGN_RPC_URL")
        .default("http://127.0.0.1:8545"),
    )
    .addOption(
      new Option(
        "--genesis <file>",
        "the network you mean to pay on; else the gateway's word is taken (example: --genesis genesis.json)",
      ),
    )
    .addOption(new Option("--receipt <file>", "write the receipt there (example: --receipt receipt.json)"))
    .addOption(
      new Option(
        "--request-id <id>",
        "name the request yourself; the same id again gives the same task (example: --request-id order-17)",
      ),
    )
    .addOption(new Option("--subnet <id>", "only nodes of this subnet (example: --subnet 81234567)"))
    .addOption(new Option("--max-tokens <n>", "longest answer (example: --max-tokens 64)"))
    .addOption(new Option("--temperature <t>", "0 always gives the same answer (example: --temperature 0.7)"))
    .option("--input", "PROMPT is the whole JSON input")
    .option("--recheck", "let validators see input and output, to run them again")
    .option("--settle", "wait for the payout too, not only for the result")
    .addOption(jsonOption())
    .action((model: string, prompt: string, options: Options) =>
      withSignal(options.json === true, (signal) => infer(model, prompt, options, signal)),
    );
}

async function infer(model: string, prompt: string, options: Options, signal: AbortSignal): Promise<void> {
  const inputData = inputOf(prompt, options);
  const wallet =
    options.wallet === undefined ? undefined : await openClientWallet(options.wallet, options.passphraseFile);
  const signer = wallet === undefined ? undefined : createLocalSigner(wallet);
  const genesis = await genesisFor(options, signal);
  const payer =
    wallet === undefined || genesis.chain === null
      ? undefined
      : (await import("../payer.ts")).createPayer(wallet, genesis, options.rpcUrl);
  let streamed = 0;
  const show = (step: InferenceStep) => {
    if (options.json === true) return;
    if (step.step === "partial" && process.stdout.isTTY) {
      const text = textOf(step.outputData);
      process.stdout.write(text.slice(streamed));
      streamed = text.length;
    } else showStep(step);
  };
  try {
    const outcome = await runInference(
      {
        gateway: options.gateway,
        ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
        modelUuid: model,
        inputData,
        client: signer?.address ?? "",
        ...(options.subnet === undefined ? {} : { subnetId: subnetOf(options.subnet) }),
        recheck: options.recheck === true,
        ...keyHeaders(signer && signedHeaders({ signer, genesis, clock: systemClock, random: systemRandom })),
        payer,
        untilSettled: options.settle === true,
      },
      systemClock,
      signal,
      show,
    );
    if (options.receipt !== undefined) await writeFile(options.receipt, `${outcome.receiptJson}\n`);
    if (options.json === true) {
      return printJson({
        request_id: outcome.requestId,
        status: outcome.status.status,
        output: JSON.parse(outcome.outputData),
        ...(options.receipt === undefined ? {} : { receipt_path: options.receipt }),
        payment: outcome.status.payment_status,
        quorum_trail: outcome.status.quorum_trail,
      });
    }
    const text = textOf(outcome.outputData);
    print(streamed > 0 ? text.slice(streamed) : text);
    if (options.receipt !== undefined)
      note(`receipt written to ${options.receipt}; check it: countersign verify ${options.receipt}`);
  } catch (error) {
    if (!(error instanceof TaskFailedError)) throw error;
    process.exitCode = exitCodes.failed;
    if (options.json === true)
      return printJson({ error: { code: error.code, message: error.message }, task: error.answer });
    note(`${coloured("red", "failed:", process.stderr)} ${error.code}: ${error.message}`);
    for (const line of trailLines(error.answer)) note(line);
  }
}

function inputOf(prompt: string, options: Options): string {
  if (options.input !== true) {
    return JSON.stringify({
      prompt,
      ...(options.maxTokens === undefined
        ? {}
        : { max_tokens: wholeNumber("--max-tokens", options.maxTokens, 1, 1_000_000) }),
      ...(options.temperature === undefined ? {} : { temperature: temperatureOf(options.temperature) }),
    });
  }
  try {
    JSON.parse(prompt);
    return prompt;
  } catch (error) {
    throw new CountersignError(
      "CONFIG_INVALID",
      `PROMPT: not JSON, which --input asks for: ${(error as Error).message}`,
    );
  }
}

function temperatureOf(text: string): number {
  const value = Number(text);
  if (text !== "" && value >= 0 && value <= 2) return value;
  throw new CountersignError(
    "CONFIG_INVALID",
    `--temperature: "${text}" is not allowed; expected a number from 0 to 2`,
  );
}

function subnetOf(text: string): bigint {
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  throw new CountersignError(
    "CONFIG_INVALID",
    `--subnet: "${text}" is not allowed; expected a subnet id: decimal digits`,
  );
}

async function genesisFor(options: Options, signal: AbortSignal): Promise<Genesis> {
  if (options.genesis !== undefined) {
    const { loadGenesis } = await import("../../node/index.ts");
    return loadGenesis(options.genesis);
  }
  const { genesis_json: json } = await ask(options.gateway, nodeService.GetNodeStatus, {}, signal);
  return genesisSchema.parse(JSON.parse(json));
}

/** The text in a model's output, or the output itself where it is something else. */
function textOf(outputData: string): string {
  try {
    const output = JSON.parse(outputData) as { text?: unknown };
    return typeof output.text === "string" ? output.text : outputData;
  } catch {
    return outputData;
  }
}

function showStep(step: InferenceStep): void {
  const done = coloured("green", "✔", process.stderr);
  if (step.step === "terms") {
    const payment = step.status.payment_status;
    for (const line of trailLines(step.status)) note(line);
    if (payment?.required !== true)
      return note(`${done} accepted as ${step.status.request_id}, nothing to pay`);
    const tree = payment.payment_tree;
    const price = [
      tree?.compute_price_wei,
      tree?.gateway_gas_wei,
      tree?.validator_reward_wei,
      tree?.treasury_fee_wei,
    ];
    const [compute = "0", gateway = "0", validators = "0", treasury = "0"] = price.map((wei) =>
      tokens(wei ?? "0"),
    );
    const total = price.reduce<bigint>((sum, wei) => sum + BigInt(wei ?? "0"), 0n);
    return note(
      `${done} accepted as ${step.status.request_id}: ${tokens(total)} NCN (compute ${compute}, gateway ${gateway}, validators ${validators}, treasury ${treasury})`,
    );
  }
  if (step.step === "paid") return note(`${done} paid in block ${step.blockNumber}: ${step.txHash}`);
  if (step.step === "confirmed") return note(`${done} ${step.message}`);
  if (step.step === "result") {
    for (const line of trailLines(step.response)) if (line.includes("completion")) note(line);
  }
  if (step.step === "settled") {
    const payment = step.status.payment_status;
    note(`${done} settled${payment?.payout_tx == null ? "" : `, paid out: ${payment.payout_tx}`}`);
  }
}
