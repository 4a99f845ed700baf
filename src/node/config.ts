import { dirname, isAbsolute, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { checkValue, parseYaml, readNamedFile } from "../base/checked-yaml.ts";
import {
  addressPattern,
  CountersignError,
  type Genesis,
  genesisSchema,
  logLevels,
  messageOf,
  shown,
} from "../base/index.ts";
import { limitsConfigSchema } from "../facade/front/index.ts";
import { originsSchema } from "../facade/http/origins-config.ts";
import { trustedProxiesSchema } from "../facade/http/proxies.ts";
import { type TlsConfig, tlsConfigSchema } from "../facade/tls/index.ts";
import { meshConfigSchema } from "../mesh/index.ts";
import { computeConfigSchema } from "../roles/compute/index.ts";
import { gatewayConfigSchema } from "../roles/gateway/index.ts";
import { registryConfigSchema } from "../roles/registry/index.ts";
import { validatorConfigSchema } from "../roles/validator/index.ts";

export const roleNames = ["registry", "gateway", "validator", "compute"] as const;
export type RoleName = (typeof roleNames)[number];

const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "host:port, such as 127.0.0.1:50051");
const walletAddress = z.string().regex(addressPattern, "an address: 0x and 40 hex digits").toLowerCase();
const privateKey = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "a private key: 0x and 64 hex digits");

/** A node's whole configuration: one schema for file, environment and flags. */
export const nodeConfigSchema = z.strictObject({
  /** Names the node to people; by default made from its wallet's address. */
  node_id: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,128}$/, "1 to 128 letters, digits, dots, colons, dashes")
    .optional(),
  /** Where keys and the database live; relative paths start at the configuration file. */
  data_dir: z.string().min(1).default("data"),
  /** The file that defines the network. */
  genesis: z.string().min(1).default("genesis.json"),
  roles: z.array(z.enum(roleNames)).min(1).max(roleNames.length),
  log_level: z.enum(logLevels).default("info"),
  wallet: z
    .strictObject({
      /** Encrypted JSON keystore. */
      keystore: z.string().min(1).default("wallet.json"),
      /** File whose first line is the passphrase; else the variable COUNTERSIGN_PASSPHRASE. */
      passphrase_file: z.string().min(1).optional(),
      /** A key in the clear; accepted only on networks whose genesis says `devnet: true`. */
      private_key: privateKey.optional(),
      /** A signer's JSON-RPC that holds the key, so that it need not lie on the machine that faces the network. */
      remote: z.strictObject({ url: z.url({ protocol: /^https?$/ }), address: walletAddress }).optional(),
    })
    .prefault({}),
  chain: z
    .strictObject({
      rpc_url: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:8545"),
      poll_ms: z.int().min(50).max(60_000).default(2_000),
      /** How long to wait for the chain when the node starts. */
      connect_timeout_ms: z.int().min(100).max(600_000).default(10_000),
    })
    .prefault({}),
  mesh: meshConfigSchema.prefault({}),
  grpc: z
    .strictObject({
      gateway: hostPort.default("127.0.0.1:50051"),
      registry: hostPort.default("127.0.0.1:50050"),
      /** TLS for both addresses. */
      tls: tlsConfigSchema.optional(),
    })
    .prefault({}),
  http: z
    .strictObject({
      /** Where REST and the other HTTP facades listen; none when empty. Gateways listen unless told otherwise. */
      listen: hostPort.or(z.literal("")).optional(),
      /** TLS, with HTTP/2. */
      tls: tlsConfigSchema.optional(),
      /** Origins of pages that may call the node from a browser. */
      cors_origins: originsSchema,
      /** Proxies whose X-Forwarded-For is believed. */
      trusted_proxies: trustedProxiesSchema,
    })
    .prefault({}),
  websocket: z
    .strictObject({
      /** Where the live topics have a port of their own; none when empty. Gateways listen unless told otherwise. */
      listen: hostPort.or(z.literal("")).optional(),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      /** Where Prometheus reads `/metrics`; off when empty. It tells figures to whoever can reach it. */
      listen: hostPort.or(z.literal("")).nullable().default(""),
    })
    .prefault({}),
  /** `optional`: reads and submits need neither signature nor key; only for addresses that others cannot reach. */
  auth: z.enum(["optional", "required"]).default("optional"),
  access: z
    .strictObject({
      /** The access file: users, their API keys, and what each may do. Without it there are no keys. */
      file: z.string().min(1).optional(),
    })
    .prefault({}),
  /** How often each caller may ask. */
  limits: limitsConfigSchema.prefault({}),
  heartbeat_interval_ms: z.int().min(200).max(60_000).default(10_000),
  gateway: gatewayConfigSchema.prefault({}),
  registry: registryConfigSchema.prefault({}),
  validator: validatorConfigSchema.prefault({}),
  compute: computeConfigSchema.optional(),
});

/** Where a gateway's HTTP facades listen. */
export const defaultHttpListen = "127.0.0.1:8080";
/** Where a gateway's live topics have their own port. */
export const defaultWebSocketListen = "127.0.0.1:9000";

export type NodeConfig = z.infer<typeof nodeConfigSchema>;

/** Environment variables with this prefix set keys: COUNTERSIGN_GRPC__GATEWAY=host:port sets grpc.gateway. */
export const environmentPrefix = "COUNTERSIGN_";
/** The prefixed variables that are no keys of the configuration: the passphrase, and options of the command line. */
const otherVariables = new Set([
  "COUNTERSIGN_PASSPHRASE",
  "COUNTERSIGN_CONFIG_FILE",
  "COUNTERSIGN_GATEWAY_ADDRESS",
  "COUNTERSIGN_REGISTRY_ADDRESS",
  "COUNTERSIGN_NODE_ADDRESS",
  "COUNTERSIGN_RPC_URL",
  "COUNTERSIGN_API_KEY",
  "COUNTERSIGN_WALLET_FILE",
]);

const initHint = "`countersign init` makes one";

export interface LoadedConfig {
  readonly config: NodeConfig;
  readonly genesis: Genesis;
  /** The configuration file's folder; paths in the file start here. */
  readonly folder: string;
}

/**
 * Reads a configuration: the file, then the environment, then `overrides` (`grpc.gateway=host:port`).
 * @throws CountersignError CONFIG_INVALID naming key, value, line and what is allowed
 */
export function loadConfig(
  file: string,
  environment: NodeJS.ProcessEnv,
  overrides: readonly string[],
): LoadedConfig {
  const { value, source } = parseYaml(file, readNamedFile(file, "configuration", initHint));
  const set = new Map<string, string>();
  for (const [path, text, origin] of [...fromEnvironment(environment), ...overrides.map(fromFlag)]) {
    setPath(value, path, text);
    set.set(path.join("."), origin);
  }
  const config = checkValue(nodeConfigSchema, value, source, set);
  const base = dirname(resolve(file));
  const inBase = (path: string) => (isAbsolute(path) ? path : resolve(base, path));
  const located: NodeConfig = {
    ...config,
    data_dir: inBase(config.data_dir),
    genesis: inBase(config.genesis),
    access: config.access.file === undefined ? {} : { file: inBase(config.access.file) },
    grpc: { ...config.grpc, ...tlsIn(config.grpc.tls, inBase) },
    http: { ...config.http, ...tlsIn(config.http.tls, inBase) },
    wallet: {
      ...config.wallet,
      keystore: inBase(config.wallet.keystore),
      ...(config.wallet.passphrase_file === undefined
        ? {}
        : { passphrase_file: inBase(config.wallet.passphrase_file) }),
    },
  };
  const genesis = loadGenesis(located.genesis);
  checkTogether(located, genesis, file);
  return { config: located, genesis, folder: base };
}

function tlsIn(tls: TlsConfig | undefined, inBase: (path: string) => string): { tls?: TlsConfig } {
  if (tls === undefined) return {};
  const { cert_file, key_file, client_ca_file } = tls;
  const located = { ...tls, cert_file: inBase(cert_file), key_file: inBase(key_file) };
  return {
    tls: { ...located, ...(client_ca_file === undefined ? {} : { client_ca_file: inBase(client_ca_file) }) },
  };
}

/** @throws CountersignError CONFIG_INVALID */
export function loadGenesis(file: string): Genesis {
  const text = readNamedFile(file, "genesis", initHint);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CountersignError("CONFIG_INVALID", `${file}: not JSON: ${messageOf(error)}`);
  }
  return checkValue(genesisSchema, value, { file, lineOf: () => undefined });
}

type Setting = [path: string[], text: string, origin: string];

function fromEnvironment(environment: NodeJS.ProcessEnv): Setting[] {
  return Object.entries(environment).flatMap(([name, text]): Setting[] => {
    if (!name.startsWith(environmentPrefix) || otherVariables.has(name) || text === undefined) return [];
    const path = name.slice(environmentPrefix.length).toLowerCase().split("__");
    return [[path, text, `environment variable ${name}`]];
  });
}

function fromFlag(flag: string): Setting {
  const equals = flag.indexOf("=");
  if (equals <= 0) {
    throw new CountersignError(
      "CONFIG_INVALID",
      `--set ${shown(flag)} is not allowed; expected key=value, such as grpc.gateway=127.0.0.1:50051`,
    );
  }
  return [flag.slice(0, equals).split("."), flag.slice(equals + 1), `--set ${flag}`];
}

/** Values are read as YAML, so that numbers, lists and booleans can be given. */
function setPath(target: unknown, path: readonly string[], text: string): void {
  let at = target as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    if (typeof at[key] !== "object" || at[key] === null) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[path.at(-1) ?? ""] = parseDocument(text).toJS();
}

/** What no single key can tell. */
function checkTogether(config: NodeConfig, genesis: Genesis, file: string): void {
  const bad = (key: string, problem: string) =>
    new CountersignError("CONFIG_INVALID", `${file}: ${key}: ${problem}`);
  if (config.wallet.private_key !== undefined && !genesis.devnet) {
    throw bad("wallet.private_key", "a key in the clear is accepted on devnets only; use wallet.keystore");
  }
  if (config.roles.includes("compute") && config.compute === undefined) {
    throw bad("compute", "the compute role needs this section, with its models and gateways");
  }
  const has = (role: RoleName) => config.roles.includes(role);
  const { grpc, http } = config;
  const served: [key: string, listen: string | undefined, tls: TlsConfig | undefined][] = [
    ["grpc.gateway", has("gateway") ? grpc.gateway : undefined, grpc.tls],
    ["grpc.registry", has("registry") ? grpc.registry : undefined, grpc.tls],
    ["http.listen", http.listen || undefined, http.tls],
    ["websocket.listen", config.websocket.listen || undefined, http.tls],
  ];
  for (const [key, listen, tls] of served) {
    if (config.auth === "required" || tls !== undefined || listen === undefined || isLoopback(listen))
      continue;
    const section = key.startsWith("grpc.") ? "grpc" : "http";
    throw bad(
      key,
      `${listen} can be reached by others, and calls need no signature; add the line \`auth: required\` to allow it, or \`${section}.tls\` with \`cert_file\` and \`key_file\``,
    );
  }
}

function isLoopback(listen: string): boolean {
  const host = listen.slice(0, listen.lastIndexOf(":"));
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
