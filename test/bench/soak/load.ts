import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock, systemRandom } from "../../../src/base/index.ts";
import { createLocalSigner, signedHeaders } from "../../../src/chain/index.ts";
import { createPayer } from "../../../src/cli/payer.ts";
import { type Payer, runInference } from "../../../src/client/index.ts";
import { NodeInfo, nodeService, registryService } from "../../../src/wire/index.ts";
import type { TestDevnet } from "../../support/devnet.ts";

// What a network has to do in a soak: everything that its users do, all the time, in loops that end with the signal.

const churningNodes = 40;
const churnPauseMs = 250;
const cancelPauseMs = 500;
const statusPauseMs = 2_000;
const restartPauseMs = 60_000;
/** The first restart comes earlier, so that a short soak has one. */
const firstRestartMs = 20_000;
/** After a failure, so that what is down is not hammered. */
const failedPauseMs = 500;

export interface LoadCounts {
  done: Record<string, number>;
  /** By what was done and the error's code. */
  failed: Record<string, number>;
  /** The first message of each. */
  examples: Record<string, string>;
}

export async function runLoad(
  net: TestDevnet,
  counts: LoadCounts,
  options: { readonly streams: number; readonly restarted: string },
  signal: AbortSignal,
): Promise<void> {
  const payer = inTurn(net);
  await Promise.all([
    ...Array.from({ length: options.streams }, (_, index) =>
      repeat("paid task", 0, counts, signal, () => paidTask(net, payer, index, signal)),
    ),
    repeat("cancelled task", cancelPauseMs, counts, signal, () => cancelledTask(net)),
    ...churn(net, counts, signal),
    repeat("status", statusPauseMs, counts, signal, () => readStatus(net, signal)),
    pause(firstRestartMs, undefined, { signal })
      .then(() =>
        repeat("restart", restartPauseMs, counts, signal, () => restart(net, options.restarted, counts)),
      )
      .catch(() => {}),
  ]);
}

async function repeat(
  what: string,
  pauseMs: number,
  counts: LoadCounts,
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = pauseMs;
    try {
      await work();
      counts.done[what] = (counts.done[what] ?? 0) + 1;
    } catch (error) {
      if (signal.aborted) return;
      const key = `${what}: ${(error as { code?: string }).code ?? "error"}`;
      counts.failed[key] = (counts.failed[key] ?? 0) + 1;
      counts.examples[key] ??= (error as Error).message;
      waitMs = Math.max(pauseMs, failedPauseMs);
    }
    await pause(waitMs, undefined, { signal }).catch(() => {});
  }
}

/** One wallet pays for all: its transactions go one after the other. */
function inTurn({ net }: TestDevnet): Payer {
  const payer = createPayer(net.plan.client.privateKey, net.plan.genesis, net.plan.rpcUrl ?? "");
  let last: Promise<unknown> = Promise.resolve();
  return {
    address: payer.address,
    pay(terms, signal) {
      const paid = last.then(() => payer.pay(terms, signal));
      last = paid.catch(() => {});
      return paid;
    },
  };
}

const gateways = ["gateway-1", "gateway-2"];

function paidTask(net: TestDevnet, payer: Payer, index: number, signal: AbortSignal) {
  return runInference(
    {
      gateway: net.addressOf(gateways[index % gateways.length] ?? ""),
      modelUuid: "tiny-text",
      inputData: JSON.stringify({ prompt: "The network", max_tokens: 16 }),
      client: net.client,
      headers: net.headers,
      payer,
      untilSettled: false,
    },
    systemClock,
    signal,
  );
}

async function cancelledTask(net: TestDevnet): Promise<void> {
  const requestId = randomUUID();
  await net.submit(requestId);
  await net.cancel(requestId);
}

async function readStatus(net: TestDevnet, signal: AbortSignal): Promise<void> {
  for (const gateway of gateways) {
    await net.at(gateway).call(nodeService.GetNodeStatus, {}, net.unsigned);
    for await (const _ of net.at(gateway).stream(nodeService.ListTasks, { limit: 20 }, net.unsigned))
      signal.throwIfAborted();
  }
}

/** Some nodes register at a registry, change, heartbeat and go, over and over: records are replaced, deleted, made anew. */
function churn(net: TestDevnet, counts: LoadCounts, signal: AbortSignal): Promise<void>[] {
  const nodes = Array.from({ length: churningNodes }, (_, index) => {
    const signer = createLocalSigner(new Uint8Array(randomBytes(32)));
    const { genesis } = net.net.plan;
    const headers = signedHeaders({ signer, genesis, clock: systemClock, random: systemRandom });
    return { id: `churn-${index}`, wallet: signer.address, headers };
  });
  let turn = 0;
  const registry = net.at("validator-1");
  return [
    repeat("record", churnPauseMs, counts, signal, async () => {
      const node = nodes[turn % nodes.length];
      const round = Math.floor(turn++ / nodes.length);
      if (node === undefined) return;
      const options = { ...net.unsigned, headers: node.headers };
      if (round % 4 === 3) {
        await registry.call(registryService.DeregisterNode, { address: node.wallet }, options);
        return;
      }
      const info = NodeInfo.decode(
        NodeInfo.encode({
          node_id: node.id,
          node_type: "compute",
          wallet_address: node.wallet,
          port: 9_000 + (turn % 1_000),
          supported_models: [{ model_uuid: "churn", price_wei: "1" }],
        }).finish(),
      );
      await registry.call(registryService.RegisterNode, info, options);
      const beat = {
        node_id: node.id,
        wallet_address: node.wallet,
        timestamp: 0,
        active_tasks: 0,
        max_tasks: 1,
        load: 0,
      };
      await registry.call(registryService.UpdateNodeHeartbeat, beat, options);
    }),
  ];
}

/** In order one time, as a crash the next. */
async function restart(net: TestDevnet, name: string, counts: LoadCounts): Promise<void> {
  const node = net.net.node(name);
  if ((counts.done["restart"] ?? 0) % 2 === 0) await node.stop();
  else await node.kill();
  await net.restart(name);
}
