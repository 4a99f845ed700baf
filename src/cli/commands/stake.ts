import { Command, Option } from "commander";
import { CountersignError, silentLogger, systemClock } from "../../base/index.ts";
import type { RegistryCallOptions } from "../../chain/index.ts";
import { moment, tokens, weiOf } from "../format.ts";
import { jsonOption, withSignal } from "../options.ts";
import { note, printJson, printTable } from "../output.ts";

interface Options {
  config: string;
  json?: boolean;
}

export function stakeCommand(): Command {
  const command = new Command("stake").description(
    "a validator's stake: show it, add to it, leave, take it back",
  );
  const add = (name: string, description: string) => {
    const sub = new Command(name)
      .description(description)
      .addOption(
        new Option("--config <file>", "the validator's configuration (example: --config my-node/config.yaml)")
          .env("COUNTERSIGN_CONFIG_FILE")
          .default("config.yaml"),
      )
      .addOption(jsonOption());
    command.addCommand(sub);
    return sub;
  };
  add("show", "what this wallet has staked, and what it could").action((options: Options) =>
    withRegistry(options, async (registry) => {
      const { readStake } = await import("../../chain/index.ts");
      const stake = await readStake(registry, registry.sender.address);
      if (options.json === true) {
        return printJson({
          address: stake.address,
          status: stake.status,
          stake_wei: stake.stakeWei,
          minimum_stake_wei: stake.minimumStakeWei,
          withdrawable_at: stake.withdrawableAtSec,
          balance_wei: stake.balanceWei,
        });
      }
      printTable(
        ["WHAT", "VALUE"],
        [
          ["wallet", stake.address],
          ["status", stake.status],
          ["staked", tokens(stake.stakeWei)],
          ["least stake", tokens(stake.minimumStakeWei)],
          ["withdrawable from", moment(stake.withdrawableAtSec * 1000)],
          ["balance", tokens(stake.balanceWei)],
        ],
      );
    }),
  );
  add("add", "stake tokens: the first stake joins the validators, later ones add to it")
    .argument("<tokens>", "whole tokens, with decimals if need be (example: 1000)", amountOf)
    .action((stakeWei: bigint, options: Options) =>
      withRegistry(options, async (registry) => {
        const { stakeValidator } = await import("../../chain/index.ts");
        tell(options, await stakeValidator(registry, stakeWei), `staked ${tokens(stakeWei)}`);
      }),
    );
  add("leave", "leave the validators; the stake can be taken back after the unbonding time").action(
    (options: Options) =>
      withRegistry(options, async (registry) => {
        const { unstakeValidator } = await import("../../chain/index.ts");
        tell(options, await unstakeValidator(registry), "left the validators");
      }),
  );
  add("withdraw", "take back the stake of a validator that has left").action((options: Options) =>
    withRegistry(options, async (registry) => {
      const { withdrawStake } = await import("../../chain/index.ts");
      tell(options, await withdrawStake(registry), "took the stake back");
    }),
  );
  return command;
}

/** @throws CountersignError CONFIG_INVALID */
function amountOf(text: string): bigint {
  const wei = weiOf(text);
  if (wei !== undefined && wei > 0n) return wei;
  throw new CountersignError(
    "CONFIG_INVALID",
    `tokens: "${text}" is not allowed; expected an amount above 0, such as 1000 or 0.5`,
  );
}

function tell(options: Options, transaction: string, done: string): void {
  if (options.json === true) printJson({ transaction });
  else note(`${done}, transaction ${transaction}`);
}

function withRegistry(
  options: Options,
  work: (registry: RegistryCallOptions) => Promise<void>,
): Promise<void> {
  return withSignal(options.json === true, async (signal) => {
    const { loadConfig, openWallet } = await import("../../node/index.ts");
    const { config, genesis } = loadConfig(options.config, process.env, []);
    if (genesis.chain === null) {
      throw new CountersignError(
        "CONFIG_INVALID",
        `${options.config}: this network has no chain; its genesis says who its validators are`,
      );
    }
    const wallet = await openWallet(config.wallet, process.env, systemClock, signal);
    await work({
      rpcUrl: config.chain.rpc_url,
      chain: genesis.chain,
      sender: await wallet.sender(),
      clock: systemClock,
      logger: silentLogger,
      signal,
    });
  });
}
