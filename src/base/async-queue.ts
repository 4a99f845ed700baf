/** A bounded queue between something that pushes and one `for await`. */
export class AsyncQueue<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the queue is full or closed and the item was not taken. */
  push(item: T): boolean {
    if (this.#isClosed || this.#items.length >= this.#limit) return false;
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  /** Ends the reader once it has read what is queued. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#isClosed) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
