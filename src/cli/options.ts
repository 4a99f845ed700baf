import { Option } from "commander";
import { CountersignError, isAbort } from "../base/index.ts";
import { exitCodes, fail } from "./output.ts";

export const gatewayOption = () =>
  new Option(
    "--gateway <host:port>",
    "gateway to ask, with https:// before it for TLS (example: --gateway 127.0.0.1:50051)",
  )
    .env("COUNTERSIGN_GATEWAY_ADDRESS")
    .default("127.0.0.1:50051");

export const registryOption = () =>
  new Option(
    "--registry <host:port>",
    "registry to ask, with https:// before it for TLS (example: --registry 127.0.0.1:50050)",
  )
    .env("COUNTERSIGN_REGISTRY_ADDRESS")
    .default("127.0.0.1:50050");

export const jsonOption = () => new Option("--json", "print JSON instead of a table");

export const rpcUrlOption = () =>
  new Option("--rpc-url <url>", "chain node (example: --rpc-url http://127.0.0.1:8545)").env(
    "COUNTERSIGN_RPC_URL",
  );

export const passphraseFileOption = () =>
  new Option(
    "--passphrase-file <file>",
    "opens the wallet; else COUNTERSIGN_PASSPHRASE (example: --passphrase-file pass.txt)",
  );

export const limitOption = () =>
  new Option("--limit <n>", "at most this many rows (example: --limit 20)")
    .default(100)
    .argParser((text) => wholeNumber("--limit", text, 1, 1_000));

/** @throws CountersignError CONFIG_INVALID naming the option and what is allowed */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
  throw new CountersignError(
    "CONFIG_INVALID",
    `${option}: "${text}" is not allowed; expected a whole number from ${least} to ${most}`,
  );
}

/** One Ctrl-C can come several times: from the terminal, and passed on by npm and by scripts/run.mjs. */
const samePressMs = 500;

/**
 * Runs a command's work with a signal that Ctrl-C, SIGTERM and the end of the parent abort; tells of its failure in one line.
 * A second Ctrl-C does not wait.
 */
export async function withSignal(
  asJson: boolean,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let firstMs = Number.POSITIVE_INFINITY;
  const interrupt = () => {
    const nowMs = performance.now();
    if (nowMs - firstMs > samePressMs) process.exit(exitCodes.failed);
    firstMs = Math.min(firstMs, nowMs);
    controller.abort(new DOMException("interrupted", "AbortError"));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!(isAbort(error) && controller.signal.aborted)) fail(error, asJson);
    else process.exitCode = exitCodes.failed;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
