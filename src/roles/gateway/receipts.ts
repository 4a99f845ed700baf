import type { Genesis } from "../../base/index.ts";
import type { ValidatorSet } from "../../chain/index.ts";
import { publishedStatus, type Task } from "./task.ts";
import type { TaskStore } from "./task-store.ts";

/** Makes the receipt of a task that both rounds have signed. */
export type ReceiptMaker = (task: Task, validators: ValidatorSet) => Promise<string>;

/** False for a private pool that trusts itself: where M is 0 nobody is asked. A chain has an M of its own, above 0. */
export function hasRounds(genesis: Genesis): boolean {
  return genesis.cosign.required > 0 || genesis.chain !== null;
}

/**
 * Receipts of tasks that no round signed, made when first asked for: all that goes into one is durable with the task,
 * and the validator set is the genesis' own, so it would not have been another one earlier.
 */
export class ReceiptsOnRequest {
  readonly #tasks: TaskStore;
  readonly #make: (task: Task) => Promise<string>;
  readonly #issuing = new Map<string, Promise<string>>();

  constructor(tasks: TaskStore, make: (task: Task) => Promise<string>) {
    this.#tasks = tasks;
    this.#make = make;
  }

  /** Sees to it that a completed task has its receipt, on disk before anybody is given it: it stays the same from then on. */
  async complete(task: Task): Promise<void> {
    if (task.receiptJson !== undefined || publishedStatus(task.state) !== "completed") return;
    let issuing = this.#issuing.get(task.key);
    if (issuing === undefined) {
      issuing = this.#issue(task).finally(() => this.#issuing.delete(task.key));
      this.#issuing.set(task.key, issuing);
    }
    task.receiptJson = await issuing;
  }

  async #issue(task: Task): Promise<string> {
    // An ended task may have been read from disk twice, by two who ask.
    const given = (await this.#tasks.find(task.key))?.receiptJson;
    if (given !== undefined) return given;
    const receiptJson = await this.#make(task);
    await this.#tasks.amend({ ...task, receiptJson });
    return receiptJson;
  }
}
