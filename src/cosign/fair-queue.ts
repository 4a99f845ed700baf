/**
 * A bounded queue that serves its senders in turn, so that a sender with ten thousand items delays nobody else.
 * Each sender has its own bound, and all together another.
 */
export class FairQueue<T> {
  readonly #perSender: number;
  readonly #total: number;
  readonly #queues = new Map<string, T[]>();
  #size = 0;

  constructor(bounds: { readonly perSender: number; readonly total: number }) {
    this.#perSender = bounds.perSender;
    this.#total = bounds.total;
  }

  get size(): number {
    return this.#size;
  }

  /** False when there is no room for this sender. */
  push(sender: string, item: T): boolean {
    const queue = this.#queues.get(sender);
    if (this.#size >= this.#total || (queue?.length ?? 0) >= this.#perSender) return false;
    if (queue === undefined) this.#queues.set(sender, [item]);
    else queue.push(item);
    this.#size++;
    return true;
  }

  /** The oldest item of the sender that was served longest ago. */
  shift(): T | undefined {
    const next = this.#queues.entries().next().value;
    if (next === undefined) return undefined;
    const [sender, queue] = next;
    const item = queue.shift();
    this.#queues.delete(sender);
    if (queue.length > 0) this.#queues.set(sender, queue);
    this.#size--;
    return item;
  }
}
