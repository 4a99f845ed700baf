import type { Cancel, Clock } from "../../base/index.ts";

/** At most ten partial results a second for one task: as fast as anyone reads. */
const gapMs = 100;
/** Each partial carries the text so far; beyond this size only the final result is sent. */
const maxCharacters = 128 * 1024;

/** Sends the growing text of one task, one call at a time, skipping what the last call was too slow for. */
export class PartialSender {
  readonly #clock: Clock;
  readonly #send: (textSoFar: string) => Promise<void>;
  #text = "";
  #sentLength = 0;
  #isSending = false;
  #isStopped = false;
  #timer: Cancel | undefined;

  /** `send` handles its own failures. */
  constructor(clock: Clock, send: (textSoFar: string) => Promise<void>) {
    this.#clock = clock;
    this.#send = send;
  }

  push(piece: string): void {
    if (this.#isStopped || this.#text.length > maxCharacters) return;
    this.#text += piece;
    if (!this.#isSending && this.#timer === undefined) void this.#sendNow();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.();
    this.#timer = undefined;
  }

  async #sendNow(): Promise<void> {
    if (this.#isStopped || this.#text.length === this.#sentLength || this.#text.length > maxCharacters)
      return;
    this.#isSending = true;
    this.#sentLength = this.#text.length;
    await this.#send(this.#text);
    this.#isSending = false;
    if (this.#isStopped) return;
    this.#timer = this.#clock.after(gapMs, () => {
      this.#timer = undefined;
      void this.#sendNow();
    });
  }
}
