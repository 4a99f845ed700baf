// NTP's estimate (RFC 5905, section 8): of several exchanges the one with the shortest round trip is the truest.

export interface ClockSample {
  /** How far the peer's clock is ahead of ours. */
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

/** Enough to outlast one slow moment, few enough to follow a drifting clock. */
const keptSamples = 8;

export function clockSample(
  sentMs: number,
  peerReceivedMs: number,
  peerSentMs: number,
  receivedMs: number,
): ClockSample {
  return {
    offsetMs: (peerReceivedMs - sentMs + (peerSentMs - receivedMs)) / 2,
    roundTripMs: Math.max(0, receivedMs - sentMs - (peerSentMs - peerReceivedMs)),
  };
}

export class ClockOffset {
  readonly #samples: ClockSample[] = [];

  add(sample: ClockSample): void {
    this.#samples.push(sample);
    if (this.#samples.length > keptSamples) this.#samples.shift();
  }

  best(): ClockSample | undefined {
    let best: ClockSample | undefined;
    for (const sample of this.#samples) {
      if (best === undefined || sample.roundTripMs <= best.roundTripMs) best = sample;
    }
    return best;
  }
}
