import { type Cancel, type Clock, type Logger, messageOf, withTimeLimit } from "../base/index.ts";
import { ClockOffset, certainOffsetMs, clockSample } from "./clock-offset.ts";
import { decodeInfo, encodeInfo, type PeerInfoAnswer } from "./info.ts";
import { infoRequestsPerSecond, maxInfoBytes, maxSharedPeers } from "./limits.ts";
import type { Mesh } from "./mesh.ts";

/** Clocks drift by milliseconds an hour; a minute also keeps the latency fresh. */
const askEveryMs = 60_000;
const askTimeoutMs = 5_000;
/** The first sample is taken while the connection is still busy setting up; a second one follows. */
const secondAskMs = 1_000;

export interface InfoExchangeOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly describe: () => { version: string; network: string; features: string[]; node_id?: string };
  /** Addresses of connected peers, to share with one of them. */
  readonly peerAddresses: (exceptFor: string) => string[];
  readonly request: (peerId: string, signal: AbortSignal, maxResponseBytes: number) => Promise<Uint8Array>;
  readonly onAddresses: (addresses: readonly string[]) => Promise<void>;
  /** A peer's clock was measured. */
  readonly onClock: () => void;
}

interface Known {
  readonly offset: ClockOffset;
  readonly stop: AbortController;
  cancelNext: Cancel | undefined;
  told: Pick<PeerInfoAnswer, "version" | "features" | "node_id"> | undefined;
}

/** What is known of a peer by now. */
export interface KnownInfo {
  readonly offsetMs: number | undefined;
  /** Less what the measurement may be wrong by. */
  readonly certainOffsetMs: number | undefined;
  readonly latencyMs: number | undefined;
  readonly version: string | undefined;
  readonly features: readonly string[];
  readonly nodeId: string | undefined;
}

/** Asks every peer for its version, features and clock, and answers the same. */
export class InfoExchange {
  readonly #options: InfoExchangeOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: InfoExchangeOptions) {
    this.#options = options;
  }

  serve(mesh: Pick<Mesh, "answer">): void {
    const { clock, describe, peerAddresses } = this.#options;
    mesh.answer("info", { maxRequestBytes: 0, framesPerSecond: infoRequestsPerSecond }, async (peerId) => {
      const receivedMs = clock.nowMs();
      const peers = peerAddresses(peerId).slice(0, maxSharedPeers);
      return encodeInfo({ ...describe(), peers, received_ms: receivedMs, sent_ms: clock.nowMs() });
    });
  }

  welcome(peerId: string): void {
    if (this.#known.has(peerId)) return;
    const known: Known = {
      offset: new ClockOffset(),
      stop: new AbortController(),
      cancelNext: undefined,
      told: undefined,
    };
    this.#known.set(peerId, known);
    this.#ask(peerId, known, secondAskMs);
  }

  forget(peerId: string): void {
    const known = this.#known.get(peerId);
    if (known === undefined) return;
    this.#known.delete(peerId);
    known.cancelNext?.();
    known.stop.abort(new Error("the peer has gone"));
  }

  of(peerId: string): KnownInfo | undefined {
    const known = this.#known.get(peerId);
    if (known === undefined) return undefined;
    const best = known.offset.best();
    return {
      offsetMs: best?.offsetMs,
      certainOffsetMs: best && certainOffsetMs(best),
      latencyMs: best === undefined ? undefined : best.roundTripMs / 2,
      version: known.told?.version,
      features: known.told?.features ?? [],
      nodeId: known.told?.node_id,
    };
  }

  offsets(): { peerId: string; offsetMs: number; roundTripMs: number }[] {
    return [...this.#known].flatMap(([peerId, known]) => {
      const best = known.offset.best();
      return best === undefined ? [] : [{ peerId, ...best }];
    });
  }

  stop(): void {
    for (const peerId of [...this.#known.keys()]) this.forget(peerId);
  }

  #ask(peerId: string, known: Known, nextMs: number): void {
    const { clock, logger, random } = this.#options;
    known.cancelNext = undefined;
    const late = () => new Error("no info in time");
    withTimeLimit(clock, askTimeoutMs, late, known.stop.signal, (signal) =>
      this.#askOnce(peerId, known, signal),
    )
      .catch((error: unknown) => logger.debug({ peerId, error: messageOf(error) }, "peer gave no info"))
      .finally(() => {
        if (known.stop.signal.aborted) return;
        const waitMs = nextMs * (0.75 + random() / 2);
        known.cancelNext = clock.after(waitMs, () => this.#ask(peerId, known, askEveryMs));
      });
  }

  async #askOnce(peerId: string, known: Known, signal: AbortSignal): Promise<void> {
    const { clock, request, onAddresses, onClock } = this.#options;
    const sentMs = clock.nowMs();
    const info = decodeInfo(await request(peerId, signal, maxInfoBytes));
    known.offset.add(clockSample(sentMs, info.received_ms, info.sent_ms, clock.nowMs()));
    known.told = {
      version: info.version,
      features: info.features,
      ...(info.node_id === undefined ? {} : { node_id: info.node_id }),
    };
    onClock();
    await onAddresses(info.peers);
  }
}
