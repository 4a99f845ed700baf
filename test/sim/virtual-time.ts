import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { type Clock as FakeClock, install } from "@sinonjs/fake-timers";
import { SeededRandom } from "./seeded-random.ts";
import { verifyOnce } from "./verify-once.ts";

/** What belongs to one simulated process: every timer, random number and reading of the clock is made in one. */
export class Realm {
  readonly name: string;
  readonly random: SeededRandom;
  /** Its wall clock is ahead of the others' by this. */
  skewMs = 0;
  /** Timers of a dead process do not fire. */
  isDead = false;

  constructor(name: string, random: SeededRandom) {
    this.name = name;
    this.random = random;
  }
}

type Callback = (...args: unknown[]) => void;
type TimerFunction = (callback: Callback, ...rest: unknown[]) => unknown;

/** Handles that only wait to be used. Everything else of the operating system is work: time stands still until it is done. */
const idleHandles = new Set(["TTYWrap", "PipeWrap", "ProcessWrap", "TCPSocketWrap", "SignalWrap"]);
/** Real time after which work that never ends (a timer that was made before time was taken over) is a mistake. */
const realWorkEndsWithinMs = 60_000;
const nodeCrypto = createRequire(import.meta.url)("node:crypto") as typeof import("node:crypto");

/**
 * One clock for the whole process. It stands still while anything can still run, and then jumps to the next timer, so
 * that hours take as long as the work that is done in them, and the order of events depends on the seed alone.
 */
export class VirtualTime {
  readonly #fake: FakeClock;
  readonly #realms = new AsyncLocalStorage<Realm>();
  readonly #outside: Realm;
  readonly #turn: () => Promise<void>;
  readonly #realNowMs: () => number;
  readonly #restore: (() => void)[] = [];
  #underWay = 0;
  /** Timers fired, for the report. */
  fired = 0;
  /** Called with what a timer's callback threw. */
  onError: (realm: Realm, error: unknown) => void = (_realm, error) => {
    throw error;
  };

  constructor(options: { readonly startMs: number; readonly seed: string }) {
    const realImmediate = setImmediate;
    const realTime = process.hrtime.bigint;
    this.#realNowMs = () => Number(realTime() / 1_000_000n);
    this.#turn = () => new Promise((resolve) => realImmediate(resolve));
    this.#outside = new Realm("simulator", new SeededRandom(options.seed));
    this.#fake = install({
      now: options.startMs,
      toFake: [
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "clearInterval",
        "setImmediate",
        "clearImmediate",
        "Date",
        "performance",
        "hrtime",
      ],
    });
    this.#bindTimersToRealms();
    this.#skewDates();
    this.#seedRandomness();
    this.#restore.push(verifyOnce());
  }

  /** Milliseconds by the one true clock. */
  nowMs(): number {
    return this.#fake.now;
  }

  realm(): Realm {
    return this.#realms.getStore() ?? this.#outside;
  }

  /** Runs a function, and all that it sets going, inside a simulated process. */
  inside<T>(realm: Realm, work: () => T): T {
    return this.#realms.run(realm, work);
  }

  /** Runs a function outside of all simulated processes. */
  outside<T>(work: () => T): T {
    return this.#realms.run(this.#outside, work);
  }

  /** Time stands still until this real piece of work (a worker's, another process') is done. */
  async stopWhile<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
    }
  }

  /** Lets the time pass. */
  async run(forMs: number): Promise<void> {
    await this.until(() => false, forMs);
  }

  /** Lets the time pass until the condition holds; false when it does not within the given time. */
  async until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const endMs = this.#fake.now + withinMs;
    // A timer of its own, so that the time never jumps past the end.
    let isOver = false;
    const end = this.outside(() => setTimeout(() => (isOver = true), withinMs));
    for (;;) {
      await this.#quiet();
      if (isTrue()) {
        clearTimeout(end);
        return true;
      }
      if (isOver || this.#fake.now > endMs) return false;
      this.#fake.next();
      this.fired++;
    }
  }

  /** Resolves the promise's value while time passes. */
  async during<T>(work: Promise<T>, withinMs: number, what: string): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    if (!(await this.until(() => isDone, withinMs))) throw new Error(`${what} took over ${withinMs} ms`);
    return work;
  }

  uninstall(): void {
    for (const restore of this.#restore.reverse()) restore();
    this.#fake.uninstall();
  }

  /** Resolves once nothing can run any more before a timer fires. */
  async #quiet(): Promise<void> {
    // All microtasks and ticks run before the turn's end; timers and immediates are all ours.
    await this.#turn();
    if (!this.#isWorking()) return;
    const sinceMs = this.#realNowMs();
    while (this.#isWorking()) {
      await this.#turn();
      if (this.#realNowMs() - sinceMs < realWorkEndsWithinMs) continue;
      throw new Error(`real work does not end: ${this.#underWay} calls, ${process.getActiveResourcesInfo()}`);
    }
  }

  #isWorking(): boolean {
    return this.#underWay > 0 || process.getActiveResourcesInfo().some((kind) => !idleHandles.has(kind));
  }

  #bindTimersToRealms(): void {
    const fakes = globalThis as unknown as Record<string, TimerFunction>;
    for (const name of ["setTimeout", "setInterval", "setImmediate"]) {
      const fake = fakes[name] as TimerFunction;
      const bound: TimerFunction = (callback, ...rest) => {
        const realm = this.realm();
        const run: Callback = (...args) => {
          if (realm.isDead) return;
          try {
            this.#realms.run(realm, callback, ...args);
          } catch (error) {
            this.onError(realm, error);
          }
        };
        // As Node.js has it: whole milliseconds, one at least.
        if (name !== "setImmediate") rest[0] = Math.max(1, Math.trunc(Number(rest[0] ?? 1)) || 1);
        return fake(run, ...rest);
      };
      fakes[name] = bound;
      this.#restore.push(() => {
        fakes[name] = fake;
      });
    }
    const realTimeout = AbortSignal.timeout;
    AbortSignal.timeout = (delayMs) => {
      const aborter = new AbortController();
      setTimeout(
        () => aborter.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
        delayMs,
      );
      return aborter.signal;
    };
    this.#restore.push(() => {
      AbortSignal.timeout = realTimeout;
    });
  }

  #skewDates(): void {
    const fakeNow = Date.now;
    Date.now = () => fakeNow() + this.realm().skewMs;
    this.#restore.push(() => {
      Date.now = fakeNow;
    });
  }

  /** Everything but the handshakes' one-time keys, whose bytes decide nothing. */
  #seedRandomness(): void {
    const real = {
      random: Math.random,
      randomBytes: nodeCrypto.randomBytes,
      getRandomValues: crypto.getRandomValues,
    };
    Math.random = () => this.realm().random.next();
    nodeCrypto.randomBytes = ((size: number) =>
      Buffer.from(this.realm().random.bytes(size))) as typeof nodeCrypto.randomBytes;
    crypto.getRandomValues = ((array: Uint8Array) => {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      bytes.set(this.realm().random.bytes(bytes.length));
      return array;
    }) as typeof crypto.getRandomValues;
    syncBuiltinESMExports();
    this.#restore.push(() => {
      Math.random = real.random;
      nodeCrypto.randomBytes = real.randomBytes;
      crypto.getRandomValues = real.getRandomValues;
      syncBuiltinESMExports();
    });
  }
}
