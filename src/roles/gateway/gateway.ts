import {
  type Clock,
  type CountersignError,
  type Genesis,
  isAbort,
  type Logger,
  type RandomBytes,
} from "../../base/index.ts";
import type { Chain, Signer, ValidatorSet } from "../../chain/index.ts";
import type { Cosigner } from "../../cosign/round.ts";
import type { EventLog } from "../../events/event-log.ts";
import { nodeKey } from "../../records/index.ts";
import type { Store } from "../../storage/store.ts";
import type { InferenceResponse } from "../../wire/index.ts";
import { ClientService } from "./client-service.ts";
import { ComputePool } from "./compute-pool.ts";
import { ComputeService, type Vouch } from "./compute-service.ts";
import type { GatewayConfig } from "./config.ts";
import { Deposits } from "./deposits.ts";
import { Federation, type FederationCounts } from "./federation/federation.ts";
import type { OtherGateways } from "./federation/other-gateways.ts";
import { Payments } from "./payments.ts";
import { type Observer, Placement, sendTask } from "./placement.ts";
import { type ReceiptMaker, ReceiptsOnRequest } from "./receipts.ts";
import { isEnded, type Task } from "./task.ts";
import { TaskFlow } from "./task-flow.ts";
import { startRetention } from "./task-retention.ts";
import { TaskStore } from "./task-store.ts";
import { Waits } from "./waits.ts";

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly genesis: Genesis;
  readonly signer: Signer;
  readonly store: Store;
  readonly events: EventLog;
  readonly chain: Chain | undefined;
  readonly validatorSet: () => ValidatorSet;
  readonly cosigner: Cosigner;
  readonly receiptOf: ReceiptMaker;
  readonly observer: Observer;
  readonly reputationOf: (wallet: string) => number;
  /** True for a model that some node of the network serves, here or elsewhere, heard of just now or not. */
  readonly knowsModel: (modelUuid: string) => boolean;
  /** States on the mesh that a compute node has registered here, with the node's own signed word. */
  readonly vouch: Vouch;
  /** Undefined for a gateway that has no mesh. */
  readonly otherGateways: OtherGateways | undefined;
  /** Heartbeats are due this often; a node not heard for six of them is offline. */
  readonly heartbeatIntervalMs: number;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
}

const missedUntilOffline = 6;
/** Failed tasks are looked at for late payments for as long after a restart as an escrow can live. */
const longestEscrowMs = 3 * 86_400_000;

/** The gateway role: takes tasks in, has them priced, co-signed, run, co-signed again and paid. */
export interface Gateway {
  readonly clients: ClientService;
  readonly compute: ComputeService;
  readonly pool: ComputePool;
  readonly tasks: TaskStore;
  /** What became of tasks at other gateways, and of theirs here; undefined for a gateway that stays alone. */
  federationCounts(): FederationCounts | undefined;
  stop(): Promise<void>;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, genesis, logger, chain, store, events, config, signer } = options;
  const stopping = new AbortController();
  const waits = new Waits(clock);
  const tasks = new TaskStore({ store, events, clock, logger });
  const pool = new ComputePool({
    clock,
    offlineAfterMs: missedUntilOffline * options.heartbeatIntervalMs,
    reputationOf: options.reputationOf,
  });
  const payments =
    chain === undefined
      ? undefined
      : new Payments({
          chain,
          tasks,
          waits,
          genesis,
          wallet: signer.address,
          clock,
          logger,
          stopping: stopping.signal,
        });
  const partials = new Map<string, InferenceResponse.$Properties>();
  const choice = {
    rules: { weights: config.weights, minReputation: config.min_reputation },
    observer: options.observer,
    dice: () => new DataView(options.random(4).buffer).getUint32(0) / 2 ** 32,
  };
  const federation =
    options.otherGateways === undefined || !config.federation.enabled
      ? undefined
      : new Federation({
          ...choice,
          config: config.federation,
          others: options.otherGateways,
          wallet: signer.address,
          tasks,
          pool,
          waits,
          partials,
          genesis,
          chain,
          validatorSet: options.validatorSet,
          reputationOf: options.reputationOf,
          clock,
          logger,
          stopping: stopping.signal,
        });
  const placement = new Placement({ ...choice, pool, others: federation?.places, waits, clock });
  const flow = new TaskFlow({
    tasks,
    placement,
    waits,
    payments,
    deposits:
      chain === undefined ? undefined : new Deposits({ chain, wallet: signer.address, clock, logger }),
    cosigner: options.cosigner,
    chain,
    validatorSet: options.validatorSet,
    receiptOf: options.receiptOf,
    genesis,
    wallet: signer.address,
    slotWaitMs: config.slot_wait_ms,
    clock,
    logger,
  });
  const runs = new Map<string, { cancel: AbortController; done: Promise<void> }>();

  const run = (task: Task): void => {
    const cancel = new AbortController();
    const done = flow
      .run(task, cancel.signal, stopping.signal)
      .catch((error) => {
        if (!stopping.signal.aborted || !isAbort(error))
          logger.error({ key: task.key, error: String(error) }, "a task stopped");
      })
      .finally(() => {
        runs.delete(task.key);
        partials.delete(task.key);
      });
    runs.set(task.key, { cancel, done });
  };

  const abandon = (task: Task, reason: CountersignError): void => {
    if (task.origin === undefined) runs.get(task.key)?.cancel.abort(reason);
    else federation?.fail(task, reason);
  };

  // What a killed gateway left behind goes on before anything new comes in.
  for (const task of await tasks.load()) {
    for (const key of task.triedNodes) pool.find(key)?.held.add(task.key);
    if (task.origin === undefined) run(task);
    else if (federation !== undefined) federation.run(task);
    else {
      task.failure = { code: "UNAVAILABLE", message: "this gateway shares no tasks with others any more" };
      await tasks.move(task, "failed");
    }
  }
  if (payments !== undefined) {
    for (const task of await tasks.failedSince(clock.nowMs() - longestEscrowMs)) payments.refundLater(task);
  }

  const stopRetention = startRetention({ store, keepDays: config.keep_tasks_days, clock, logger });
  const stopAttaching = pool.onAttach((node) => {
    for (const task of tasks.live()) {
      const assignment = task.assignment;
      if (assignment === undefined || isEnded(task)) continue;
      if (assignment.gateway !== undefined || (task.origin !== undefined && task.state !== "dispatched"))
        continue;
      if (nodeKey(assignment.wallet, assignment.nodeId) !== node.key) continue;
      node.held.add(task.key);
      if (task.state === "dispatched") sendTask(pool, task, clock);
    }
  });

  const compute = new ComputeService({
    tasks,
    pool,
    waits,
    genesis,
    clock,
    abandon,
    partials,
    vouch: options.vouch,
    logger,
  });
  federation?.open(compute);

  return {
    tasks,
    pool,
    clients: new ClientService({
      tasks,
      pool,
      payments,
      receipts: new ReceiptsOnRequest(tasks, (task) => options.receiptOf(task, options.validatorSet())),
      genesis,
      clock,
      random: options.random,
      maxOpenTasks: config.max_open_tasks,
      run,
      abandon,
      partials,
      knowsModel: options.knowsModel,
      modelsElsewhere: () => federation?.models() ?? [],
      stopping: stopping.signal,
    }),
    compute,
    federationCounts: () => federation?.counts(),
    async stop() {
      stopping.abort(new DOMException("the gateway is stopping", "AbortError"));
      stopAttaching();
      stopRetention();
      await Promise.all([...runs.values()].map(({ done }) => done));
      await federation?.stop();
      await payments?.stop();
      await tasks.stop();
    },
  };
}
