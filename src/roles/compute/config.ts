import { z } from "zod";

/** Largest price that fits the network's amounts: a uint256 in decimal digits. */
const wei = z.string().regex(/^(0|[1-9]\d{0,77})$/, "an amount in wei: decimal digits");
const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable");

const visible = (most: number) =>
  z
    .string()
    .regex(new RegExp(`^[\\x21-\\x7e]{1,${most}}$`), `1 to ${most} visible ASCII characters without spaces`);

const described = {
  model_uuid: visible(128),
  name: z.string().max(128).default(""),
  category: visible(32).default("text"),
  description: z.string().max(1024).default(""),
  version: z.string().max(64).default("1"),
  /** Total price of a task; the network's genesis says how it is shared out. */
  price_wei: wei.default("0"),
  /** Most tokens of one answer. */
  max_tokens: z.int().min(1).max(1_000_000).default(256),
};

const pathModel = z.strictObject({
  ...described,
  source: z.literal("path"),
  /** A folder with a manifest.json; `builtin:tiny-text` is the model that comes with the program. */
  path: z.string().min(1),
  /** Load at the start and stay loaded; otherwise load with the first task and unload when idle. */
  preload: z.boolean().default(false),
  unload_after_ms: z.int().min(1_000).max(86_400_000).default(300_000),
});

const urlModel = z.strictObject({
  ...described,
  source: z.literal("url"),
  /** Base URL of an OpenAI-compatible server, such as `http://127.0.0.1:11434/v1`. */
  path: z.url({ protocol: /^https?$/ }),
  /** The model's name on that server; the uuid when absent. */
  upstream_model: z.string().min(1).optional(),
  api_key_env: environmentName.optional(),
  /** Off for a server that cannot stream. */
  stream: z.boolean().default(true),
  timeout_ms: z.int().min(100).max(86_400_000).default(120_000),
  /** Longest silence of the server, also before its first byte. */
  idle_timeout_ms: z.int().min(100).max(86_400_000).default(60_000),
  max_response_bytes: z
    .int()
    .min(1_024)
    .max(64 * 1024 * 1024)
    .default(8 * 1024 * 1024),
});

const executorLimits = {
  timeout_ms: z.int().min(100).max(86_400_000),
  /** Per process: its writable private memory (RLIMIT_DATA). */
  memory_mb: z.int().min(16).max(1_048_576),
  /** Per process: its CPU time. */
  cpu_seconds: z.int().min(1).max(86_400),
  max_output_bytes: z
    .int()
    .min(1_024)
    .max(64 * 1024 * 1024),
};

const executorModel = z.strictObject({
  ...described,
  source: z.literal("executor"),
  /** The program, found as a shell would find it; a relative path starts at the config's folder. */
  path: z.string().min(1),
  args: z.array(z.string()).max(64).default([]),
  /** Environment of the program, besides PATH, HOME, TMPDIR and LANG. */
  env: z.record(environmentName, z.string()).default({}),
  timeout_ms: executorLimits.timeout_ms.optional(),
  memory_mb: executorLimits.memory_mb.optional(),
  cpu_seconds: executorLimits.cpu_seconds.optional(),
  max_output_bytes: executorLimits.max_output_bytes.optional(),
});

const echoModel = z.strictObject({ ...described, source: z.literal("benchmark-echo") });

const huggingfaceModel = z
  .strictObject({ ...described, source: z.literal("huggingface"), path: z.string() })
  .refine(() => false, {
    path: ["source"],
    message:
      'downloads from Hugging Face are not implemented yet; put the files into a folder and use "path", or serve the model and use "url"',
  });

export const modelConfigSchema = z.discriminatedUnion("source", [
  pathModel,
  urlModel,
  executorModel,
  echoModel,
  huggingfaceModel,
]);

export const executorConfigSchema = z.strictObject({
  /** strict: all protections or no start. permissive: those the platform has. disabled: limits of time and output only. */
  sandbox: z.enum(["strict", "permissive", "disabled"]).default("strict"),
  timeout_ms: executorLimits.timeout_ms.default(60_000),
  memory_mb: executorLimits.memory_mb.default(2_048),
  cpu_seconds: executorLimits.cpu_seconds.default(60),
  max_output_bytes: executorLimits.max_output_bytes.default(2 * 1024 * 1024),
});

const gatewayAddress = z
  .string()
  .regex(
    /^(https:\/\/)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/,
    "host:port of a gateway's gRPC, with https:// before it for TLS",
  );

export const computeConfigSchema = z.strictObject({
  models: z
    .array(modelConfigSchema)
    .min(1)
    .max(64)
    .refine((models) => new Set(models.map((model) => model.model_uuid)).size === models.length, {
      message: "each model_uuid may stand here once",
    }),
  /** Empty: the gateways that the mesh knows. */
  gateways: z.array(gatewayAddress).max(64).default([]),
  /** Tasks that run at once. */
  max_tasks: z.int().min(1).max(1_024).default(4),
  /** Tasks that wait for a free place; what comes beyond is left for another node. */
  max_queued_tasks: z.int().min(0).max(4_096).default(64),
  heartbeat_interval_ms: z.int().min(100).max(600_000).default(10_000),
  /** How long a stop waits for running tasks before it breaks them off. */
  drain_ms: z.int().min(0).max(600_000).default(5_000),
  executor: executorConfigSchema.prefault({}),
  /** Decimal digits: an id has 63 bits. */
  subnet_id: z
    .union([z.int().min(0), z.string().regex(/^\d{1,20}$/, "decimal digits")])
    .transform((id) => BigInt(id))
    .refine((id) => id < 2n ** 64n, { message: "an unsigned 64-bit integer" })
    .optional(),
});

export type ComputeConfig = z.infer<typeof computeConfigSchema>;
export type ModelConfig = z.infer<typeof modelConfigSchema>;
export type UrlModelConfig = z.infer<typeof urlModel>;
export type ExecutorModelConfig = z.infer<typeof executorModel>;
export type ExecutorConfig = z.infer<typeof executorConfigSchema>;
