import { Command, Option } from "commander";
import {
  addressPattern,
  CountersignError,
  type Genesis,
  genesisSchema,
  silentLogger,
  systemClock,
} from "../../base/index.ts";
import type { DepositCallOptions } from "../../chain/index.ts";
import { nodeService } from "../../wire/index.ts";
import { ask } from "../ask.ts";
import { moment, tokens, weiOf } from "../format.ts";
import { gatewayOption, jsonOption, passphraseFileOption, rpcUrlOption, withSignal } from "../options.ts";
import { note, printJson, printTable } from "../output.ts";
import { openClientWallet } from "../wallet.ts";

interface Options {
  gateway: string;
  gatewayWallet?: string;
  genesis?: string;
  wallet?: string;
  passphraseFile?: string;
  rpcUrl: string;
  json?: boolean;
}

interface Account {
  readonly calls: DepositCallOptions;
  readonly client: string;
  /** The gateway's wallet: deposits are for it. */
  readonly gateway: string;
}

export function depositCommand(): Command {
  const command = new Command("deposit").description(
    "a client's deposit at a gateway, from which the tasks of its API keys are paid",
  );
  const add = (name: string, description: string) => {
    const sub = new Command(name)
      .description(description)
      .addOption(gatewayOption())
      .addOption(
        new Option(
          "--gateway-wallet <address>",
          "the gateway's wallet; else the gateway is asked, who must be trusted to say its own (example: --gateway-wallet 0x7099…79c8)",
        ),
      )
      .addOption(
        new Option(
          "--genesis <file>",
          "the network you mean; else the gateway's word is taken (example: --genesis genesis.json)",
        ),
      )
      .addOption(
        new Option("--wallet <file>", "the client's wallet (example: --wallet client.json)").env(
          "COUNTERSIGN_WALLET_FILE",
        ),
      )
      .addOption(passphraseFileOption())
      .addOption(rpcUrlOption().default("http://127.0.0.1:8545"))
      .addOption(jsonOption());
    command.addCommand(sub);
    return sub;
  };
  add("show", "what the wallet has there, and what is leaving").action((options: Options) =>
    withAccount(options, (account) => show(options, account)),
  );
  add("add", "pay in ahead")
    .argument("<tokens>", "whole tokens, with decimals if need be (example: 25)", amountAboveZero)
    .action((amountWei: bigint, options: Options) =>
      withAccount(options, async ({ calls, gateway }) => {
        const { addDeposit } = await import("../../chain/index.ts");
        tell(options, await addDeposit(calls, gateway, amountWei), `deposited ${tokens(amountWei)}`);
      }),
    );
  add(
    "withdraw",
    "with an amount: announce that so much shall leave, 0 to take that back; without: fetch what was announced an hour ago",
  )
    .argument("[tokens]", "whole tokens, with decimals if need be (example: 10)", amount)
    .action((amountWei: bigint | undefined, options: Options) =>
      withAccount(options, async ({ calls, gateway }) => {
        const { announceWithdrawal, withdrawDeposit } = await import("../../chain/index.ts");
        if (amountWei === undefined)
          return tell(options, await withdrawDeposit(calls, gateway), "took out what was announced");
        const done = `announced that ${tokens(amountWei)} shall leave; fetch it in an hour: countersign deposit withdraw`;
        tell(options, await announceWithdrawal(calls, gateway, amountWei), done);
      }),
    );
  return command;
}

async function show(options: Options, { calls, client, gateway }: Account): Promise<void> {
  const { readDeposit } = await import("../../chain/index.ts");
  const deposit = await readDeposit(calls, client, gateway);
  if (options.json === true) {
    return printJson({
      client,
      gateway_wallet: gateway,
      deposit_wei: deposit.depositWei,
      prepaid_wei: deposit.prepaidWei,
      leaving_wei: deposit.leavingWei,
      withdrawable_at: deposit.withdrawableAtSec,
      balance_wei: deposit.balanceWei,
    });
  }
  printTable(
    ["WHAT", "VALUE"],
    [
      ["client", client],
      ["gateway", gateway],
      ["deposit", tokens(deposit.depositWei)],
      ["for tasks", tokens(deposit.prepaidWei)],
      ["leaving", tokens(deposit.leavingWei)],
      ["withdrawable from", moment(deposit.withdrawableAtSec * 1000)],
      ["balance", tokens(deposit.balanceWei)],
    ],
  );
}

/** @throws CountersignError CONFIG_INVALID */
function amount(text: string): bigint {
  const wei = weiOf(text);
  if (wei !== undefined) return wei;
  throw new CountersignError(
    "CONFIG_INVALID",
    `tokens: "${text}" is not allowed; expected an amount such as 25 or 0.5`,
  );
}

/** @throws CountersignError CONFIG_INVALID */
function amountAboveZero(text: string): bigint {
  const wei = amount(text);
  if (wei > 0n) return wei;
  throw new CountersignError("CONFIG_INVALID", "tokens: 0 is not allowed; expected an amount above it");
}

function tell(options: Options, transaction: string, done: string): void {
  if (options.json === true) printJson({ transaction });
  else note(`${done}, transaction ${transaction}`);
}

function withAccount(options: Options, work: (account: Account) => Promise<void>): Promise<void> {
  return withSignal(options.json === true, async (signal) => {
    if (options.wallet === undefined)
      throw new CountersignError("CONFIG_INVALID", "--wallet is missing; expected the client's wallet file");
    const { genesis, gateway } = await networkOf(options, signal);
    if (genesis.chain === null)
      throw new CountersignError("CONFIG_INVALID", "this network has no chain: its tasks cost nothing");
    const { createLocalSender } = await import("../../chain/index.ts");
    const key = await openClientWallet(options.wallet, options.passphraseFile);
    const sender = await createLocalSender(key);
    const { chain } = genesis;
    const calls = {
      rpcUrl: options.rpcUrl,
      chain,
      sender,
      clock: systemClock,
      logger: silentLogger,
      signal,
    };
    await work({ calls, client: sender.address, gateway });
  });
}

/** The gateway is asked for what the options do not say. */
async function networkOf(
  options: Options,
  signal: AbortSignal,
): Promise<{ genesis: Genesis; gateway: string }> {
  const named = options.gatewayWallet;
  if (named !== undefined && !addressPattern.test(named))
    throw new CountersignError(
      "CONFIG_INVALID",
      `--gateway-wallet: "${named}" is not allowed; expected an address: 0x and 40 hex digits`,
    );
  const { loadGenesis } = await import("../../node/index.ts");
  const genesis = options.genesis === undefined ? undefined : loadGenesis(options.genesis);
  if (genesis !== undefined && named !== undefined) return { genesis, gateway: named.toLowerCase() };
  const status = await ask(options.gateway, nodeService.GetNodeStatus, {}, signal);
  return {
    genesis: genesis ?? genesisSchema.parse(JSON.parse(status.genesis_json)),
    gateway: named?.toLowerCase() ?? status.wallet_address,
  };
}
