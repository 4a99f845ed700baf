import { BoundedMap } from "../../base/index.ts";
import type { TaskResult } from "./task.ts";

/** A gateway hands a finished task out again only within moments, after a restart of its own. */
const maxResults = 1_024;
const maxCharacters = 16 * 1024 * 1024;

/** Results that were acknowledged lately, bounded in number and in size; the oldest go first. */
export class RecentResults {
  readonly #results = new BoundedMap<string, TaskResult>(maxResults, (_, result) => {
    this.#characters -= sizeOf(result);
  });
  #characters = 0;

  get(key: string): TaskResult | undefined {
    return this.#results.get(key);
  }

  add(result: TaskResult): void {
    this.#drop(result.key);
    this.#characters += sizeOf(result);
    this.#results.set(result.key, result);
    for (const key of this.#results.keys()) {
      if (this.#characters <= maxCharacters) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const result = this.#results.get(key);
    if (result === undefined) return;
    this.#results.delete(key);
    this.#characters -= sizeOf(result);
  }
}

function sizeOf({ outcome }: TaskResult): number {
  return outcome.status === "completed" ? outcome.outputData.length : outcome.errorMessage.length;
}
