/**
 * Lets one caller after the other do work in slices, with the event loop in between, so that a thousand signatures
 * that arrive together do not stop everything else.
 */
export class TurnTaker {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Callers that work or wait to. */
  get length(): number {
    return this.#waiting;
  }

  /** Maps the items in order, `sliceLength` of them per turn of the event loop. */
  async mapSliced<T, U>(
    items: readonly T[],
    sliceLength: number,
    work: (item: T, index: number) => U,
  ): Promise<U[]> {
    const before = this.#last;
    let done = () => {};
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    this.#waiting++;
    try {
      await before;
      const results: U[] = [];
      for (let from = 0; from < items.length; from += sliceLength) {
        if (from > 0) await nextTurn();
        for (const item of items.slice(from, from + sliceLength)) results.push(work(item, results.length));
      }
      // Also between two callers, or many small ones would make one long turn.
      if (this.#waiting > 1) await nextTurn();
      return results;
    } finally {
      this.#waiting--;
      done();
    }
  }
}

/** Lets the event loop do what else there is. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
