import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Cancel, Clock } from "../../base/index.ts";
import type { Outlet } from "./pump.ts";

/** Past so much that the peer has not taken, no more is read from the log for it. */
const highWaterBytes = 1024 * 1024;
/** A peer that takes nothing for so long is not coming back for it. */
const maxFullMs = 30_000;
/** Codes of RFC 6455, section 7.4.1, and its registry. */
export const closeCodes = { goingAway: 1001, tryAgainLater: 1013 } as const;

/** What leaves through one connection: events many to a write, and no more at once than the peer takes. */
export class Connection implements Outlet {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #isHeld = false;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #cancelFull: Cancel | undefined;

  /** @param onEnd told once nothing more can go out */
  constructor(ws: WebSocket, socket: Duplex, clock: Clock, onEnd: () => void) {
    this.#ws = ws;
    this.#socket = socket;
    this.#clock = clock;
    this.#onEnd = onEnd;
    socket.on("drain", () => this.#onRoom());
    ws.once("close", () => {
      this.#waiting = [];
      this.#onRoom();
    });
  }

  answer(text: string): void {
    this.#flush();
    if (this.#isOpen()) this.#ws.send(text);
    void this.room();
  }

  event(frame: Buffer): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes >= highWaterBytes) this.#flush();
  }

  room(): Promise<void> | undefined {
    if (this.#room !== undefined) return this.#room.promise;
    if (this.#socket.writableLength < highWaterBytes || !this.#isOpen()) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#room = { promise, resolve };
    this.#listen();
    this.#cancelFull = this.#clock.after(maxFullMs, () => this.close(closeCodes.tryAgainLater, "TOO_SLOW"));
    return promise;
  }

  /** No more is read of what the peer sends, until `releaseInput`. */
  holdInput(): void {
    this.#isHeld = true;
    this.#listen();
  }

  releaseInput(): void {
    this.#isHeld = false;
    this.#listen();
  }

  /** True while nothing is read of the peer. */
  get isHeld(): boolean {
    return this.#isHeld || this.#room !== undefined;
  }

  /** Says why, then goes; the peer's own closing is awaited for a while by `ws`. */
  close(code: number, reason: string): void {
    this.#flush();
    this.#ws.close(code, reason);
    this.#onEnd();
    this.#onRoom();
  }

  /** Whole frames of this side's own, in between those of `ws`, which writes each of its frames at once too. */
  #flush(): void {
    const frames = this.#waiting;
    const [first] = frames;
    if (first === undefined) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#isOpen()) this.#socket.write(frames.length === 1 ? first : Buffer.concat(frames));
  }

  #isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && this.#socket.writable;
  }

  #onRoom(): void {
    const room = this.#room;
    if (room === undefined) return;
    this.#room = undefined;
    this.#cancelFull?.();
    this.#listen();
    room.resolve();
  }

  /** Reads what the peer sends, unless it is told to wait or does not take what it is sent. */
  #listen(): void {
    if (this.#isHeld || this.#room !== undefined) this.#ws.pause();
    else this.#ws.resume();
  }
}
