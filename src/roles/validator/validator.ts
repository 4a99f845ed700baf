import {
  type Cancel,
  type Clock,
  type Genesis,
  type Logger,
  nowSec,
  type RandomBytes,
} from "../../base/index.ts";
import type { Signer, ValidatorSet } from "../../chain/index.ts";
import {
  type Guard,
  guardMigrations,
  type LocalValidator,
  type MarkFile,
  openGuard,
  startVerdictService,
  taskLifeSec,
} from "../../cosign/index.ts";
import type { Mesh } from "../../mesh/index.ts";
import type { Migration, Store } from "../../storage/index.ts";
import type { countersign } from "../../wire/index.ts";
import { clockToleranceSec } from "./checks.ts";
import type { ValidatorConfig } from "./config.ts";
import type { NodeLookup, PaymentLookup, Recheck, SubnetRules } from "./lookups.ts";
import { createPolicy } from "./policy.ts";
import { rechecker } from "./recheck.ts";
import { keepStatistics, statisticsMigrations, type ValidatorStatistics } from "./statistics.ts";

export const validatorMigrations: readonly Migration[] = [...guardMigrations, ...statisticsMigrations];
/** In the data folder, beside the database. */
export const guardMarkFileName = "cosign-guard.mark";

export interface ValidatorOptions {
  readonly config: ValidatorConfig;
  readonly genesis: Genesis;
  readonly mesh: Pick<Mesh, "acceptChannels" | "publish" | "subscribe">;
  /** Opened with `validatorMigrations`. */
  readonly store: Store;
  /** Beside the database, to notice that the database is an older copy. */
  readonly markFile: MarkFile;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  readonly nodeId: string;
  readonly nodes: NodeLookup;
  readonly subnets: SubnetRules;
  /** Undefined on networks without a chain. */
  readonly payments: PaymentLookup | undefined;
  readonly recheck: Recheck | undefined;
  validatorSet(): ValidatorSet;
  clockOffsetMs(): number | undefined;
  mergeRecords(records: readonly Uint8Array[]): Promise<unknown>;
  /** Calls back when a node's record or an escrow changed. */
  onKnowledge(listener: () => void): Cancel;
  /** Publishes this validator's own record. */
  publishRecord(record: countersign.v1.ValidatorRecord.$Properties): Promise<unknown>;
  /** Told of each verdict that this validator gives. */
  onVerdict?(
    request: countersign.v1.CosignRequest.$Properties,
    verdict: countersign.v1.CosignVerdict.$Properties,
  ): void;
}

export interface Validator extends LocalValidator {
  readonly guard: Guard;
  statistics(): ValidatorStatistics;
  stop(): Promise<void>;
}

/** Starts the validator role: opens the guard, answers co-sign rounds, announces itself. */
export async function startValidator(options: ValidatorOptions): Promise<Validator> {
  const { config, genesis, store, clock, logger, signer, nodes, validatorSet, payments, subnets } = options;
  const guard = await openGuard({
    store,
    file: options.markFile,
    clock,
    logger,
    waitMs: (taskLifeSec(genesis) + 2 * clockToleranceSec) * 1000,
  });
  const statistics = await keepStatistics(store, clock, logger);
  const recheck = rechecker({ config, recheck: options.recheck, clock, random: options.random, logger });
  const service = startVerdictService({
    genesis,
    mesh: options.mesh,
    signer,
    guard,
    policy: createPolicy({ genesis, clock, nodes, guard, validatorSet, payments, subnets, recheck }),
    clock,
    logger,
    clockOffsetMs: options.clockOffsetMs,
    isPeerOf(wallet, peerId) {
      const peerIds = nodes.byWallet(wallet).flatMap((node) => node.peerId ?? []);
      return peerIds.length === 0 ? undefined : peerIds.includes(peerId);
    },
    mergeRecords: options.mergeRecords,
    onKnowledge: options.onKnowledge,
    onVerdict(request, verdict) {
      statistics.count(verdict.reason !== "");
      options.onVerdict?.(request, verdict);
    },
  });
  const own = validatorSet().entries.find((entry) => entry.address === signer.address);
  await options.publishRecord({
    stake_wei: String(own?.stakeWei ?? 0n),
    stake_tx: "",
    node_id: options.nodeId,
    registered_at: nowSec(clock),
    status: own === undefined ? "inactive" : "active",
  });
  logger.info({ validator: signer.address, isActive: own !== undefined }, "validator started");
  return {
    address: service.address,
    ask: (request) => service.ask(request),
    guard,
    statistics: () => statistics.read(),
    async stop() {
      service.stop();
      await statistics.stop();
    },
  };
}
