import { type Clock, CountersignError, type Genesis, isCode, type Logger, sleep } from "../base/index.ts";
import { type Chain, connectChain, type TransactionSender } from "../chain/index.ts";
import type { NodeConfig } from "./config.ts";

const retryMs = 100;

/**
 * The network's chain, once it answers.
 * @throws CountersignError CHAIN_UNAVAILABLE when it does not within the configured time, CONFIG_INVALID when it is another one
 */
export async function awaitChain(options: {
  readonly config: NodeConfig["chain"];
  readonly genesis: Genesis;
  readonly sender: TransactionSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<Chain> {
  const { config, genesis, sender, clock, logger, signal } = options;
  const endMs = clock.nowMs() + config.connect_timeout_ms;
  for (;;) {
    signal.throwIfAborted();
    try {
      const chain = await connectChain({
        rpcUrl: config.rpc_url,
        pollMs: config.poll_ms,
        genesis,
        sender,
        clock,
        logger,
      });
      while (!chain.status().connected && clock.nowMs() < endMs && !signal.aborted)
        await sleep(clock, retryMs, signal).catch(() => {});
      if (chain.status().connected) return chain;
      await chain.stop();
      signal.throwIfAborted();
    } catch (error) {
      // A devnet's contracts are deployed while its nodes start.
      if (!(genesis.devnet && isCode(error, "CONFIG_INVALID")) || clock.nowMs() >= endMs) throw error;
    }
    if (clock.nowMs() >= endMs) {
      throw new CountersignError(
        "CHAIN_UNAVAILABLE",
        `chain.rpc_url: no chain node answers at ${config.rpc_url} within ${config.connect_timeout_ms} ms`,
      );
    }
    await sleep(clock, retryMs, signal);
  }
}
