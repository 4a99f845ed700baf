import type { Task } from "./client-types.ts";
import type { TaskStatus } from "./messages.ts";
import { priceOf } from "./payment.ts";

/** A status as what can be done about it. `client` is a lower-case address, or empty. */
export function taskOf(status: TaskStatus, client: string): Task {
  const { payment_status: payment, deadlines } = status;
  const isPaid = payment?.required === true;
  return {
    id: client === "" ? status.request_id : `${client}/${status.request_id}`,
    requestId: status.request_id,
    needsPayment: isPaid && payment.payment_confirmed !== true && status.status === "queued",
    priceWei: isPaid ? priceOf(payment.payment_tree) : 0n,
    payBeforeSec: isPaid && deadlines !== undefined ? Number(deadlines.payment) : undefined,
    status,
  };
}

/** The lower-case address that a task's signed terms name; undefined for none. */
export function clientOf({ id, status }: Pick<Task, "id" | "status">): string | undefined {
  const trail = status.quorum_trail.find(({ round }) => round === "preprocessing");
  // An API key's tasks are of its user's account, which only the terms' subject tells.
  const subject = trail?.subject ?? id;
  const slash = subject.indexOf("/");
  return slash < 0 ? undefined : subject.slice(0, slash).toLowerCase();
}

/** True while what was paid is neither paid out nor refunded. */
export function isOpen({ payment_status: payment }: TaskStatus): boolean {
  return payment?.required === true && payment.payout_tx === undefined && payment.refund_tx === undefined;
}
