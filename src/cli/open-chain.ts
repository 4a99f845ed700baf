import { CountersignError, type Genesis, silentLogger, sleep, systemClock } from "../base/index.ts";
import { type Chain, connectChain } from "../chain/index.ts";

const timeoutMs = 10_000;
const pollMs = 100;

/** A chain to read from, once it answers. @throws CountersignError CHAIN_UNAVAILABLE */
export async function openChain(genesis: Genesis, rpcUrl: string, signal: AbortSignal): Promise<Chain> {
  const chain = await connectChain({ rpcUrl, genesis, clock: systemClock, logger: silentLogger, pollMs });
  const endMs = systemClock.nowMs() + timeoutMs;
  while (!chain.status().connected && systemClock.nowMs() < endMs && !signal.aborted)
    await sleep(systemClock, pollMs);
  if (chain.status().connected) return chain;
  await chain.stop();
  throw new CountersignError("CHAIN_UNAVAILABLE", `--rpc-url: no chain node answers at ${rpcUrl}`);
}
