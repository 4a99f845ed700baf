import { type Clock, CountersignError, type ErrorCode } from "../../base/index.ts";
import type {
  ComputeCompletion,
  countersign,
  PreprocessingValidation,
  QuorumTrail,
  ValidatorSignature,
} from "../../wire/index.ts";

export const taskStates = [
  "received",
  "quoted",
  "awaiting_payment",
  "queued",
  "dispatched",
  "validating",
  "completed",
  "settled",
  "failed",
] as const;
export type TaskState = (typeof taskStates)[number];

/** The one table of what may follow what. `dispatched` follows itself when a task is re-assigned. */
export const transitions: Readonly<Record<TaskState, readonly TaskState[]>> = {
  received: ["quoted", "failed"],
  quoted: ["awaiting_payment", "queued", "failed"],
  awaiting_payment: ["queued", "failed"],
  queued: ["dispatched", "failed"],
  dispatched: ["dispatched", "validating", "failed"],
  validating: ["completed", "failed"],
  completed: ["settled"],
  settled: [],
  failed: [],
};

export type PublishedStatus = "queued" | "processing" | "completed" | "failed";

const published: Readonly<Record<TaskState, PublishedStatus>> = {
  received: "queued",
  quoted: "queued",
  awaiting_payment: "queued",
  queued: "queued",
  dispatched: "processing",
  validating: "processing",
  completed: "completed",
  settled: "completed",
  failed: "failed",
};

/** What clients are told of a state: one of the reference's four. */
export function publishedStatus(state: TaskState): PublishedStatus {
  return published[state];
}

export interface Quote {
  /** With the validators' signatures once the first round is done. */
  validation: PreprocessingValidation.$Properties;
  readonly isPaid: boolean;
  readonly totalWei: string;
}

export interface Assignment {
  /** 0 is the node of the quote. */
  readonly attempt: number;
  readonly nodeId: string;
  readonly wallet: string;
  /** End of the node's lease, unix milliseconds. */
  readonly leaseEndsMs: number;
  /** Wallet of the gateway that the node is behind, where it is not this one. */
  readonly gateway?: string;
}

export interface TaskResult {
  readonly outputData: string;
  readonly completion: ComputeCompletion.$Properties;
}

export interface TaskFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** One inference request on its way from submit to settled. Everything here is durable. */
export interface Task {
  /** `client/request id`, the client being the zero address where there is none. */
  readonly key: string;
  readonly requestId: string;
  readonly client: string;
  readonly modelUuid: string;
  readonly inputData: string;
  readonly subnetId: bigint | undefined;
  readonly recheck: boolean;
  /** Submitted with an API key of the client's: only its deposit can pay. */
  readonly mayUseDeposit?: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
  state: TaskState;
  quote: Quote | undefined;
  /** This gateway pays for it from the client's deposit. */
  isPrepaid?: boolean;
  assignment: Assignment | undefined;
  /** Every node that was assigned, so that none is tried twice. */
  triedNodes: string[];
  /** A re-assignment that validators are being asked for; asked again unchanged after a restart. */
  proposedGrant: countersign.v1.ReassignmentGrant.$Properties | undefined;
  /** Wallet of the gateway that the proposed node is behind, where it is not this one. */
  proposedGateway?: string | undefined;
  grants: countersign.v1.ReassignmentGrant.$Properties[];
  result: TaskResult | undefined;
  completionSignatures: ValidatorSignature.$Properties[];
  trails: QuorumTrail.$Properties[];
  paymentTx: string | undefined;
  payoutTx: string | undefined;
  refundTx: string | undefined;
  failure: TaskFailure | undefined;
  receiptJson: string | undefined;
  /** Wallet of the gateway whose client's task this is, where another one has handed it over. */
  readonly origin?: string;
}

export function taskKey(client: string, requestId: string): string {
  return `${client}/${requestId}`;
}

export function isEnded(task: Task): boolean {
  return transitions[task.state].length === 0;
}

/** Moves a task on. A move that the table does not allow is a bug in the caller and throws. */
export function moveTask(task: Task, to: TaskState, clock: Clock): void {
  if (!transitions[task.state].includes(to)) {
    throw new CountersignError("INTERNAL", `a task cannot go from ${task.state} to ${to}`, { key: task.key });
  }
  task.state = to;
  task.updatedAtMs = clock.nowMs();
}

/** @throws CountersignError INTERNAL before the task has one */
export function quoteOf(task: Task): Quote {
  if (task.quote === undefined) throw new CountersignError("INTERNAL", `task ${task.key} has no quote`);
  return task.quote;
}

/** @throws CountersignError INTERNAL before the task has one */
export function assignmentOf(task: Task): Assignment {
  if (task.assignment === undefined)
    throw new CountersignError("INTERNAL", `task ${task.key} has no assignment`);
  return task.assignment;
}
