// NTP's estimate (RFC 5905, section 8): of several exchanges the one with the shortest round trip is the truest.

export interface ClockSample {
  /** How far the peer's clock is ahead of ours. */
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

/** Clocks are read in milliseconds, and drift by some between two samples. */
const driftMs = 20;
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

/**
 * How far ahead the peer's clock is at least: a sample is at most half its round trip off. A busy machine's long round trips
 * say nothing about its clock.
 */
export function certainOffsetMs({ offsetMs, roundTripMs }: ClockSample): number {
  return Math.sign(offsetMs) * Math.max(0, Math.abs(offsetMs) - roundTripMs / 2);
}

export class ClockOffset {
  #samples: ClockSample[] = [];

  add(sample: ClockSample): void {
    // A sample is at most half its round trip off. Where two cannot both be true, one of the clocks was set in between.
    this.#samples = this.#samples.filter((one) => agree(one, sample)).slice(1 - keptSamples);
    this.#samples.push(sample);
  }

  best(): ClockSample | undefined {
    let best: ClockSample | undefined;
    for (const sample of this.#samples) {
      if (best === undefined || sample.roundTripMs <= best.roundTripMs) best = sample;
    }
    return best;
  }
}

function agree(a: ClockSample, b: ClockSample): boolean {
  return Math.abs(a.offsetMs - b.offsetMs) <= (a.roundTripMs + b.roundTripMs) / 2 + driftMs;
}
