import { randomBytes } from "node:crypto";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { CountersignError, genesisSchema, networkId } from "../../base/index.ts";
import { createLocalSigner } from "../../chain/index.ts";
import { configTemplate } from "../config-template.ts";
import { jsonOption, withSignal } from "../options.ts";
import { note, print, printJson } from "../output.ts";

const roles = ["registry", "gateway", "validator", "compute"];

interface Options {
  role: string[];
  genesis?: string;
  network: string;
  passphraseFile?: string;
  json?: boolean;
}

export function initCommand(): Command {
  return new Command("init")
    .description("make a node's folder: configuration with comments, keys, genesis")
    .argument("<folder>", "folder to make (example: ./my-node)")
    .addOption(
      new Option("--role <role...>", "what the node does (example: --role gateway validator)")
        .choices(roles)
        .default(["registry", "gateway", "validator", "compute"]),
    )
    .addOption(
      new Option(
        "--genesis <file>",
        "join the network that this file defines (example: --genesis genesis.json)",
      ),
    )
    .addOption(
      new Option(
        "--network <name>",
        "without --genesis: begin a network of this name, with no chain and this node as its validator",
      ).default("private"),
    )
    .addOption(
      new Option(
        "--passphrase-file <file>",
        "first line protects the wallet (example: --passphrase-file /run/secrets/pass)",
      ),
    )
    .addOption(jsonOption())
    .action((folder: string, options: Options) =>
      withSignal(options.json === true, async () => {
        const made = await init(folder, options);
        if (options.json === true) return printJson(made);
        note(`made ${made.folder} for network ${made.network}, wallet ${made.wallet}`);
        print(`countersign node --config ${join(folder, "config.yaml")}`);
      }),
    );
}

async function init(folder: string, options: Options) {
  const config = join(folder, "config.yaml");
  if (await exists(config)) {
    throw new CountersignError(
      "CONFIG_INVALID",
      `${config} exists already; choose another folder, nothing was changed`,
    );
  }
  const { sealKeystore, passphraseFor, passphraseVariable } = await import("../../node/index.ts");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = new Uint8Array(randomBytes(32));
  const wallet = createLocalSigner(key).address;
  const given = options.passphraseFile !== undefined || process.env[passphraseVariable] !== undefined;
  const passphrase = given
    ? passphraseFor(options.passphraseFile, process.env)
    : randomBytes(24).toString("base64url");
  const genesis = genesisSchema.parse(
    options.genesis === undefined
      ? {
          name: options.network,
          chain: null,
          validators: [{ address: wallet, stake_wei: "1000000000000000000" }],
          cosign: { asked: 1, required: 1 },
        }
      : JSON.parse(await readFile(options.genesis, "utf8")),
  );
  const secret = { mode: 0o600 };
  await writeFile(join(folder, "wallet.json"), await sealKeystore(key, passphrase), secret);
  if (!given) await writeFile(join(folder, "passphrase.txt"), `${passphrase}\n`, secret);
  await writeFile(join(folder, "genesis.json"), `${JSON.stringify(genesis, null, 2)}\n`);
  const passphraseFile = options.passphraseFile ?? (given ? undefined : "passphrase.txt");
  await writeFile(config, configTemplate({ roles: options.role, passphraseFile }));
  return { folder, config, wallet, network: networkId(genesis) };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
