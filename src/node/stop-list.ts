import { type Logger, messageOf } from "../base/index.ts";

/** No part may hold up the end of the process for longer. */
const stopTimeoutMs = 5_000;

/** What was started, to be stopped in the reverse order. */
export class StopList {
  readonly #stops: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  readonly #logger: Logger;
  #running: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop });
  }

  /** Runs once, whoever calls it. A part that fails or hangs is told of and left behind. */
  run(): Promise<void> {
    this.#running ??= this.#stopAll();
    return this.#running;
  }

  async #stopAll(): Promise<void> {
    for (const { name, stop } of this.#stops.reverse()) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve("late"), stopTimeoutMs);
      });
      try {
        const result = await Promise.race([Promise.resolve(stop()), late]);
        if (result === "late")
          this.#logger.warn({ part: name, stopTimeoutMs }, "a part did not stop in time");
      } catch (error) {
        this.#logger.warn({ part: name, error: messageOf(error) }, "a part failed to stop");
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
