export interface WorkQueueOptions {
  readonly maxRunning: number;
  readonly maxWaiting: number;
  /** When full: true gives up the one that has waited longest, false the newcomer. */
  readonly dropOldest: boolean;
}

/** Runs so many pieces of work at once and lets so many wait; what does not fit resolves with undefined. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  #running = 0;
  readonly #waiting: { start: () => void; drop: () => void }[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < this.#options.maxRunning) return this.#start(work);
    if (this.#waiting.length >= this.#options.maxWaiting) {
      if (!this.#options.dropOldest) return Promise.resolve(undefined);
      this.#waiting.shift()?.drop();
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        start: () => this.#start(work).then(resolve, reject),
        drop: () => resolve(undefined),
      });
    });
  }

  async #start<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.start();
    }
  }
}
