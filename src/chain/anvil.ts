import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { CountersignError, systemClock } from "../base/index.ts";
import { RpcClient } from "./rpc.ts";

// Anvil, a local EVM chain. The package's own start script is a Node.js process around the real program; the
// program itself is started here, so that stopping it takes one signal to one process.

export const defaultMnemonic = "test test test test test test test test test test test junk";
/** A cold start takes a tenth of a second; a loaded machine may need many times that. */
const startTimeoutMs = 20_000;
const stopTimeoutMs = 2_000;
const probeMs = 15;
/** Enough of what it wrote on standard error to explain a failed start. */
const keptOutputCharacters = 2_000;

export interface AnvilOptions {
  /** 0 or absent: a free port. */
  readonly port?: number;
  readonly host?: string;
  readonly chainId?: number;
  /** Seconds between blocks; absent: a block for each transaction at once. */
  readonly blockTimeSec?: number;
  /** Blocks only when asked by `evm_mine`. */
  readonly isMiningManual?: boolean;
  /** How many funded accounts the mnemonic gives; 10 when absent. */
  readonly accounts?: number;
  readonly mnemonic?: string;
  /** Whole ether for each account. */
  readonly balanceEther?: number;
  readonly extraArguments?: readonly string[];
  /** Stops the chain, also while it starts. */
  readonly signal?: AbortSignal;
}

export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly chainId: number;
  /** Resolves when the process has ended. Calling it again is harmless. */
  stop(): Promise<void>;
  /** Resolves when the process ends, whoever ended it. */
  readonly ended: Promise<void>;
}

/** Starts anvil and resolves when it answers. @throws CountersignError CONFIG_INVALID, UNAVAILABLE */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { signal, host = "127.0.0.1", chainId = 31_337 } = options;
  signal?.throwIfAborted();
  const port = await freePort(options.port ?? 0, host);
  const child = spawn(findAnvil(), [...argumentsOf(options), "--port", String(port), "--host", host], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-keptOutputCharacters);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      output += error.message;
      resolve();
    });
  });
  // An orphan would hold the port for ever: this process' end, however it comes about, takes the chain along.
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const stop = () => endProcess(child, ended);
  const onAbort = () => void stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  void ended.then(() => {
    process.removeListener("exit", killAtExit);
    signal?.removeEventListener("abort", onAbort);
  });

  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  try {
    await answers(url, child, signal);
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw new CountersignError(
      "UNAVAILABLE",
      `anvil did not start on port ${port}: ${output.trim()}`,
      { port },
      error,
    );
  }
  return { url, port, pid: child.pid ?? 0, chainId, stop, ended };
}

function argumentsOf(options: AnvilOptions): string[] {
  const args = [
    "--chain-id",
    String(options.chainId ?? 31_337),
    "--accounts",
    String(options.accounts ?? 10),
    "--mnemonic",
    options.mnemonic ?? defaultMnemonic,
    "--balance",
    String(options.balanceEther ?? 10_000),
    "--quiet",
  ];
  if (options.blockTimeSec !== undefined) args.push("--block-time", String(options.blockTimeSec));
  if (options.isMiningManual) args.push("--no-mining");
  return [...args, ...(options.extraArguments ?? [])];
}

/** The program itself: the platform's package beside this one, else `anvil` on the PATH. */
function findAnvil(): string {
  const binary = process.platform === "win32" ? "anvil.exe" : "anvil";
  const platform = { linux: "linux", darwin: "darwin", win32: "win32" }[process.platform as string];
  const machine = { x64: "amd64", arm64: "arm64" }[process.arch as string];
  try {
    const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
    return createRequire(wrapper).resolve(`@foundry-rs/anvil-${platform}-${machine}/bin/${binary}`);
  } catch {
    // Not installed for this platform: an own installation may serve.
  }
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    // npm's link to the start script is not the program.
    if (folder === "" || folder.includes("node_modules")) continue;
    const file = join(folder, binary);
    if (existsSync(file)) return file;
  }
  throw new CountersignError(
    "CONFIG_INVALID",
    "anvil is not installed: neither the package @foundry-rs/anvil for this platform nor `anvil` on the PATH",
  );
}

/** Makes sure that the port is free, before a start that could not say so clearly. */
function freePort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "EADDRINUSE" ? "is in use by another program" : `cannot be opened: ${error.message}`;
      reject(
        new CountersignError(
          "CONFIG_INVALID",
          `port ${port} on ${host} ${reason}; choose another`,
          { port },
          error,
        ),
      );
    });
    server.listen(port, host, () => {
      const found = (server.address() as AddressInfo).port;
      server.close(() => resolve(found));
    });
  });
}

async function answers(url: string, child: ChildProcess, signal: AbortSignal | undefined): Promise<void> {
  const rpc = new RpcClient(url, systemClock);
  const giveUpAtMs = systemClock.nowMs() + startTimeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
      throw new Error("it ended");
    try {
      await rpc.call("eth_chainId");
      return;
    } catch (error) {
      if (systemClock.nowMs() > giveUpAtMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, probeMs));
  }
}

async function endProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await ended;
  clearTimeout(force);
}
