import { Command, Option } from "commander";
import { addressPattern, CountersignError, shown, systemClock, systemRandom } from "../../base/index.ts";
import { moment } from "../format.ts";
import { jsonOption, withSignal } from "../options.ts";
import { coloured, note, print, printJson, printTable } from "../output.ts";

interface Where {
  access?: string;
  config: string;
  json?: boolean;
}

const withFile = (command: Command): Command =>
  command
    .addOption(new Option("--access <file>", "the access file (example: --access my-node/access.yaml)"))
    .addOption(
      new Option(
        "--config <file>",
        "without --access: the configuration that names it in access.file (example: --config my-node/config.yaml)",
      )
        .env("COUNTERSIGN_CONFIG_FILE")
        .default("config.yaml"),
    )
    .addOption(jsonOption());

export function keysCommand(): Command {
  return new Command("keys")
    .description("make, list and revoke API keys; a running node takes changes over by itself")
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

interface AddOptions extends Where {
  roles?: string[];
  account?: string;
  expires?: string;
}

function addCommand(): Command {
  const command = new Command("add")
    .description("make a key and show it once; only its hash is kept")
    .argument("<user>", "whose key it is; made where there is none yet (example: ann)")
    .addOption(new Option("--roles <role...>", "the user's roles from now on (example: --roles client)"))
    .addOption(
      new Option(
        "--account <address>",
        "wallet that the user's tasks belong to and are paid from (example: --account 0x70997970c51812dc3a010c7d01b50e0d17dc79c8)",
      ),
    )
    .addOption(
      new Option(
        "--expires <when>",
        "a date, a time or days from now (example: --expires 2027-01-31, or 90d)",
      ),
    );
  return withFile(command).action((user: string, options: AddOptions) =>
    withSignal(options.json === true, async () => {
      const auth = await import("../../facade/auth/index.ts");
      const nowMs = systemClock.nowMs();
      const expires = options.expires === undefined ? undefined : expiryOf(options.expires, nowMs);
      checkAccount(options.account);
      const file = await fileOf(options);
      const key = auth.newApiKey(systemRandom);
      const hash = auth.hashOfKey(key);
      const { roles, account } = options;
      await auth.editAccessFile(file, (text = auth.newAccessFile) =>
        auth.withKey(file, text, { user, hash, createdMs: nowMs, roles, account, expires }),
      );
      const id = auth.keyIdOf(hash);
      if (options.json === true) return printJson({ user, id, key, expires: expires ?? null, file });
      note(`key ${id} of ${user} is in ${file}; this is the only time that it is shown:`);
      print(key);
    }),
  );
}

function listCommand(): Command {
  const command = new Command("list").description(
    "list the keys with their users, never the keys themselves",
  );
  return withFile(command).action((options: Where) =>
    withSignal(options.json === true, async () => {
      const auth = await import("../../facade/auth/index.ts");
      const file = await fileOf(options);
      const { users } = auth.parseAccess(file, await auth.readAccess(file));
      const nowMs = systemClock.nowMs();
      const keys = Object.entries(users).flatMap(([user, { keys, roles, account }]) =>
        keys.map((key) => ({
          id: auth.keyIdOf(key.hash),
          user,
          roles,
          account: account ?? null,
          created: key.created ?? null,
          expires: key.expires ?? null,
          state: key.revoked !== undefined ? "revoked" : auth.isExpired(key, nowMs) ? "expired" : "valid",
        })),
      );
      if (options.json === true) return printJson(keys);
      printTable(
        ["KEY", "USER", "STATE", "ROLES", "ACCOUNT", "CREATED", "EXPIRES"],
        keys.map(({ id, user, state, roles, account, created, expires }) => [
          id,
          user,
          state === "valid" ? state : coloured("red", state),
          roles.join(","),
          account ?? "",
          created === null ? "" : moment(Date.parse(created)),
          expires === null ? "never" : moment(Date.parse(expires)),
        ]),
      );
    }),
  );
}

function revokeCommand(): Command {
  const command = new Command("revoke")
    .description("make a key worthless from now on")
    .argument("<key>", "its id as `keys list` shows it, or the key itself (example: 3f0c59a1b27d)");
  return withFile(command).action((key: string, options: Where) =>
    withSignal(options.json === true, async () => {
      const auth = await import("../../facade/auth/index.ts");
      const file = await fileOf(options);
      let revoked: { user: string; id: string } | undefined;
      await auth.editAccessFile(file, (text) => {
        if (text === undefined)
          throw new CountersignError("CONFIG_INVALID", `there is no access file ${file}`);
        const { text: changed, user, id } = auth.withoutKey(file, text, key, systemClock.nowMs());
        revoked = { user, id };
        return changed;
      });
      if (options.json === true) return printJson({ ...revoked, file });
      note(`key ${revoked?.id} of ${revoked?.user} is revoked`);
    }),
  );
}

/** @throws CountersignError CONFIG_INVALID where neither option leads to a file */
async function fileOf({ access, config }: Where): Promise<string> {
  if (access !== undefined) return access;
  const { loadConfig } = await import("../../node/index.ts");
  const { file } = loadConfig(config, process.env, []).config.access;
  if (file !== undefined) return file;
  throw new CountersignError(
    "CONFIG_INVALID",
    `${config} names no access file: add the lines \`access:\` and \`  file: access.yaml\`, or give --access`,
  );
}

function checkAccount(account: string | undefined): void {
  if (account === undefined || addressPattern.test(account)) return;
  throw new CountersignError(
    "CONFIG_INVALID",
    `--account: ${shown(account)} is not allowed; expected an address: 0x and 40 hex digits`,
  );
}

const dayMs = 86_400_000;

/** @throws CountersignError CONFIG_INVALID */
function expiryOf(text: string, nowMs: number): string {
  const days = /^([1-9]\d{0,4})d$/.exec(text)?.[1];
  const atMs = days === undefined ? Date.parse(text) : nowMs + Number(days) * dayMs;
  const isDate = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text);
  if ((days !== undefined || isDate) && atMs > nowMs) return new Date(atMs).toISOString();
  throw new CountersignError(
    "CONFIG_INVALID",
    `--expires: ${shown(text)} is not allowed; expected a date or time to come, such as 2027-01-31, or days, such as 90d`,
  );
}
