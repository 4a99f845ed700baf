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
  const placement = new Placement({
    pool,
    others: undefined,
    waits,
    rules: { weights: config.weights, minReputation: config.min_reputation },
    observer: options.observer,
    clock,
    dice: () => new DataView(options.random(4).buffer).getUint32(0) / 2 ** 32,
  });
  const flow = new TaskFlow({
    tasks,
    placement,
    waits,
    payments,
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
  const partials = new Map<string, InferenceResponse.$Properties>();

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

  const abandon = (task: Task, reason: CountersignError): void => runs.get(task.key)?.cancel.abort(reason);

  // What a killed gateway left behind goes on before anything new comes in.
  for (const task of await tasks.load()) {
    for (const key of task.triedNodes) pool.find(key)?.held.add(task.key);
    run(task);
  }
  if (payments !== undefined) {
    for (const task of await tasks.failedSince(clock.nowMs() - longestEscrowMs)) payments.refundLater(task);
  }

  const stopRetention = startRetention({ store, keepDays: config.keep_tasks_days, clock, logger });
  const stopAttaching = pool.onAttach((node) => {
    for (const task of tasks.live()) {
      const assignment = task.assignment;
      if (assignment === undefined || isEnded(task)) continue;
      if (assignment.gateway !== undefined) continue;
      if (nodeKey(assignment.wallet, assignment.nodeId) !== node.key) continue;
      node.held.add(task.key);
      if (task.state === "dispatched") sendTask(pool, task, clock);
    }
  });

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
      stopping: stopping.signal,
    }),
    compute: new ComputeService({
      tasks,
      pool,
      waits,
      genesis,
      clock,
      abandon,
      partials,
      vouch: options.vouch,
      logger,
    }),
    async stop() {
      stopping.abort(new DOMException("the gateway is stopping", "AbortError"));
      stopAttaching();
      stopRetention();
      await Promise.all([...runs.values()].map(({ done }) => done));
      await payments?.stop();
      await tasks.stop();
    },
  };
}
