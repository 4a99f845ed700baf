import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { CountersignError, logLevels, systemClock, systemRandom } from "../../base/index.ts";
import type { Devnet, DevnetShape } from "../../devnet/index.ts";
import { jsonOption, wholeNumber, withSignal } from "../options.ts";
import { coloured, note, print, printJson, printTable } from "../output.ts";

interface Options {
  validators: number;
  gateways: number;
  compute: number;
  chain: boolean;
  modelUrl?: string;
  modelName?: string;
  data?: string;
  ports: "reference" | "free";
  chainPort?: number;
  p2pPort?: number;
  registryPort?: number;
  gatewayPort?: number;
  httpPort?: number;
  wsPort?: number;
  logLevel: string;
  prompt: string;
  once?: boolean;
  json?: boolean;
}

const countOption = (flag: string, what: string, preset: number, most: number) =>
  new Option(`${flag} <n>`, `${what} (example: ${flag} ${preset})`)
    .default(preset)
    .argParser((text) => wholeNumber(flag, text, 1, most));

const portOption = (flag: string, what: string) =>
  new Option(`${flag} <port>`, `${what} (example: ${flag} 0, any free one)`).argParser((text) =>
    wholeNumber(flag, text, 0, 65_535),
  );

export function devnetCommand(): Command {
  return new Command("devnet")
    .description("run a whole network on this machine: chain, contracts, validators, gateways, compute nodes")
    .addOption(countOption("--validators", "validators, each with a registry", 5, 25))
    .addOption(countOption("--gateways", "gateways", 2, 10))
    .addOption(countOption("--compute", "compute nodes", 2, 10))
    .option("--no-chain", "no chain: nothing is paid, the genesis lists the validators")
    .addOption(
      new Option(
        "--model-url <url>",
        "serve an OpenAI-compatible server too (example: --model-url http://127.0.0.1:11434/v1)",
      ),
    )
    .addOption(
      new Option("--model-name <name>", "the model's name on that server (example: --model-name llama3.2)"),
    )
    .addOption(
      new Option(
        "--data <folder>",
        "empty folder for keys, databases and logs; a temporary one otherwise (example: --data ./devnet)",
      ),
    )
    .addOption(
      new Option(
        "--ports <choice>",
        "reference: the first node of each kind on the usual ports; free: any (example: --ports free)",
      )
        .choices(["reference", "free"])
        .default("reference"),
    )
    .addOption(portOption("--chain-port", "port of the chain"))
    .addOption(portOption("--p2p-port", "mesh port of the first validator"))
    .addOption(portOption("--registry-port", "registry port of the first validator"))
    .addOption(portOption("--gateway-port", "gRPC port of the first gateway"))
    .addOption(portOption("--http-port", "HTTP port of the first gateway"))
    .addOption(portOption("--ws-port", "WebSocket port of the first gateway"))
    .addOption(
      new Option("--log-level <level>", "how much nodes write to their logs (example: --log-level debug)")
        .choices(logLevels)
        .default("info"),
    )
    .addOption(
      new Option(
        "--prompt <text>",
        "prompt of the first task (example: --prompt 'Once upon a time')",
      ).default("The network"),
    )
    .option("--once", "run the first task, print what happened, stop")
    .addOption(jsonOption())
    .action((options: Options) => withSignal(options.json === true, (signal) => devnet(options, signal)));
}

async function devnet(options: Options, signal: AbortSignal): Promise<void> {
  // What a user waits for begins with the process, not with this command.
  const startedMs = Math.round(performance.timeOrigin);
  const { startDevnet } = await import("../../devnet/index.ts");
  const { runFirstTask } = await import("../first-task.ts");
  const folder =
    options.data === undefined
      ? await mkdtemp(join(tmpdir(), "countersign-devnet-"))
      : await emptyFolder(options.data);
  const done = coloured("green", "✔", process.stderr);
  const say = (step: string) => {
    note(`${done} ${((systemClock.nowMs() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${step}`);
  };
  let net: Devnet | undefined;
  let isKept = true;
  try {
    net = await startDevnet({
      shape: shapeOf(options),
      ports: portsOf(options),
      folder,
      program: process.argv[1] ?? "",
      clock: systemClock,
      random: systemRandom,
      signal,
      onStep: say,
    });
    const readyMs = systemClock.nowMs() - startedMs;
    if (options.json !== true) printEndpoints(net);
    const task = await runFirstTask(net, options.prompt, signal, say);
    const firstResultMs = task.resultAtMs - startedMs;
    const receiptPath = join(
      options.once === true && options.data === undefined ? process.cwd() : folder,
      "receipt.json",
    );
    await writeFile(receiptPath, `${task.receiptJson}\n`);
    if (options.json === true) {
      printJson({
        ready_ms: readyMs,
        first_result_ms: firstResultMs,
        request_id: task.requestId,
        status: task.status,
        output: task.output,
        receipt_path: receiptPath,
        quorum: task.quorum,
        payment: task.payment,
        endpoints: endpointsOf(net),
      });
    } else {
      print("");
      print(`${coloured("bold", "Output:")} ${task.output}`);
      print(
        `${coloured("bold", "Receipt:")} ${receiptPath} (ready in ${(readyMs / 1000).toFixed(1)} s, result after ${(firstResultMs / 1000).toFixed(1)} s)`,
      );
    }
    isKept = options.data !== undefined;
    if (options.once === true) return;
    if (options.json !== true) printCommands(net, receiptPath);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    note("stopping …");
  } catch (error) {
    if (options.data === undefined) note(`logs are kept in ${folder}`);
    throw error;
  } finally {
    await net?.stop();
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}

async function emptyFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  const entries = await readdir(path).catch(() => []);
  if (entries.length === 0) return path;
  throw new CountersignError(
    "CONFIG_INVALID",
    `--data: ${path} is not empty; choose a new folder, nothing was changed`,
  );
}

function shapeOf(options: Options): DevnetShape {
  if (options.modelUrl !== undefined && !URL.canParse(options.modelUrl)) {
    throw new CountersignError(
      "CONFIG_INVALID",
      `--model-url: "${options.modelUrl}" is not allowed; expected a URL such as http://127.0.0.1:11434/v1`,
    );
  }
  return {
    validators: options.validators,
    gateways: options.gateways,
    computeNodes: options.compute,
    withChain: options.chain,
    modelUrl: options.modelUrl,
    modelName: options.modelName,
    logLevel: options.logLevel,
  };
}

function portsOf(options: Options) {
  const chosen = {
    chain: options.chainPort,
    p2p: options.p2pPort,
    registry: options.registryPort,
    gateway: options.gatewayPort,
    http: options.httpPort,
    ws: options.wsPort,
  };
  const given = Object.fromEntries(
    Object.entries(chosen).filter(([, port]) => port !== undefined && port !== 0),
  );
  return { useReference: options.ports === "reference", ...given };
}

function endpointsOf(net: Devnet) {
  return {
    ...(net.plan.rpcUrl === undefined ? {} : { chain: net.plan.rpcUrl }),
    ...Object.fromEntries(
      net.plan.nodes.map((node) => [
        node.name,
        {
          ...(node.grpcAddress === undefined ? {} : { grpc: node.grpcAddress }),
          ...(node.httpAddress === undefined ? {} : { http: `http://${node.httpAddress}` }),
          ...(node.wsAddress === undefined ? {} : { websocket: `ws://${node.wsAddress}` }),
          p2p: `/ip4/127.0.0.1/tcp/${node.p2pPort}`,
        },
      ]),
    ),
  };
}

function printEndpoints(net: Devnet): void {
  const rows = net.plan.nodes.map((node) => [
    node.name,
    node.kind === "validator" ? "validator, registry" : node.kind,
    node.grpcAddress ?? "",
    node.httpAddress ?? "",
    node.wsAddress ?? "",
    `127.0.0.1:${node.p2pPort}`,
    node.address,
    String(net.node(node.name).pid ?? ""),
  ]);
  if (net.plan.rpcUrl !== undefined)
    rows.unshift(["chain", "anvil", "", new URL(net.plan.rpcUrl).host, "", "", "", ""]);
  print("");
  printTable(["NODE", "ROLES", "GRPC", "HTTP", "WEBSOCKET", "MESH", "WALLET", "PID"], rows);
  print("");
}

function printCommands(net: Devnet, receiptPath: string): void {
  const gateway = net.planned("gateway-1").grpcAddress;
  const registry = net.planned("validator-1").grpcAddress;
  const http = net.planned("gateway-1").httpAddress;
  const pay = net.plan.rpcUrl === undefined ? "" : ` --wallet ${net.walletFile} --rpc-url ${net.plan.rpcUrl}`;
  print("");
  print(coloured("bold", "Try:"));
  for (const line of [
    `npm run -s countersign -- infer tiny-text "The validators" --gateway ${gateway}${pay}`,
    `npm run -s countersign -- verify ${receiptPath}`,
    `npm run -s countersign -- nodes --registry ${registry}`,
    `npm run -s countersign -- tasks --gateway ${gateway}`,
    `curl http://${http}/api/v1/models`,
    `grpcurl -plaintext ${gateway} GatewayClientService/GetSupportedModels`,
    `grpcurl -plaintext ${registry} P2PRegistryService/ListValidators`,
  ]) {
    print(`  ${line}`);
  }
  print("");
  print("Ctrl-C stops everything.");
}
