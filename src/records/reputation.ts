import { BoundedMap, type Cancel, type Clock, type Logger, messageOf } from "../base/index.ts";
import type { ReputationRecord } from "./kinds/reputation.ts";
import type { LiveRecord, RecordKind, Replica } from "./record.ts";
import { type ConductOutcome, observerWeight, reputationScore, weightedScore } from "./reputation-score.ts";

/** What all observers together say of one address. */
export interface ObservedConduct {
  /** Stake-weighted mean of the observers' scores, a whole number. */
  readonly score: number;
  readonly successes: number;
  readonly failures: number;
  readonly noAnswers: number;
  readonly slashings: number;
  /** Unix milliseconds; 0 when nobody has seen it. */
  readonly lastSeenMs: number;
}

export interface ReputationOptions {
  readonly replica: Replica;
  readonly kind: RecordKind<ReputationRecord>;
  /** This node's wallet, whose observations are published. */
  readonly self: string;
  /** Stake of an address as an active validator; 0 when it is none. */
  stakeOf(address: string): bigint;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The most often a subject's record is published; observations meanwhile are added up. */
export const reputationPeriodMs = 30_000;
/** Addresses that one node observes: all nodes of a large network. Past it the longest unseen is forgotten. */
const maxSubjects = 16_384;
/** Records published in one period; the rest follow in the next. */
const maxPublishedPerPeriod = 256;

type Counts = Required<{
  [K in "successes" | "failures" | "no_answers" | "slashings" | "last_seen"]: number;
}>;

const countedAs = {
  success: "successes",
  failure: "failures",
  no_answer: "no_answers",
  slashing: "slashings",
} as const satisfies Record<ConductOutcome, keyof Counts>;

/** Counts what this node sees of others, publishes it, and answers what the network has seen. */
export class Reputation {
  readonly #options: ReputationOptions;
  readonly #own = new BoundedMap<string, Counts>(maxSubjects);
  readonly #unpublished = new Set<string>();
  readonly #bySubject = new Map<string, Map<string, LiveRecord<ReputationRecord>>>();
  readonly #cancels: Cancel[];
  #publishing: Promise<void> = Promise.resolve();

  constructor(options: ReputationOptions) {
    this.#options = options;
    const { replica, kind, clock } = options;
    for (const record of replica.list(kind)) this.#index(record);
    this.#cancels = [
      replica.onChange(kind, (record) => this.#index(record)),
      clock.every(reputationPeriodMs, () => void this.flush()),
    ];
  }

  /** Counts one event. Cheap; it is published with the next period. */
  observe(subject: string, outcome: ConductOutcome): void {
    if (subject === this.#options.self) return;
    const counts = this.#countsOf(subject);
    counts[countedAs[outcome]]++;
    if (outcome !== "no_answer") counts.last_seen = this.#options.clock.nowMs();
    this.#own.set(subject, counts);
    this.#own.touch(subject);
    this.#unpublished.add(subject);
  }

  /** Stake-weighted mean over the observers, this node's newest counts included. */
  reputationOf(address: string): number {
    return weightedScore(
      this.#observations(address).map(({ observer, counts }) => ({
        score: reputationScore(counts),
        weight: observerWeight(this.#options.stakeOf(observer)),
      })),
    );
  }

  of(address: string): ObservedConduct {
    const all = this.#observations(address).map(({ counts }) => counts);
    const sum = (field: keyof Counts) => all.reduce((total, counts) => total + counts[field], 0);
    return {
      // Adding 0 turns a negative zero into a plain one.
      score: Math.round(this.reputationOf(address)) + 0,
      successes: sum("successes"),
      failures: sum("failures"),
      noAnswers: sum("no_answers"),
      slashings: sum("slashings"),
      lastSeenMs: Math.max(0, ...all.map((counts) => counts.last_seen)),
    };
  }

  /** Publishes what was counted since the last time. */
  flush(): Promise<void> {
    this.#publishing = this.#publishing.then(() => this.#publish());
    return this.#publishing;
  }

  /** Publishes what is left, then ends. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    await this.flush();
  }

  async #publish(): Promise<void> {
    const { replica, kind, logger } = this.#options;
    const subjects = [...this.#unpublished].slice(0, maxPublishedPerPeriod);
    for (const subject of subjects) this.#unpublished.delete(subject);
    const published = subjects.map(async (subject) => {
      const counts = this.#own.get(subject);
      if (counts === undefined) return;
      try {
        await replica.publish(kind, subject, { subject, ...counts, score: reputationScore(counts) });
      } catch (error) {
        this.#unpublished.add(subject);
        logger.warn({ subject, error: messageOf(error) }, "reputation could not be published");
      }
    });
    await Promise.all(published);
  }

  #countsOf(subject: string): Counts {
    const { replica, kind, self } = this.#options;
    return this.#own.get(subject) ?? countsIn(replica.get(kind, self, subject)?.payload ?? {});
  }

  #observations(address: string): { observer: string; counts: Counts }[] {
    const { clock, self } = this.#options;
    const nowMs = clock.nowMs();
    const observations: { observer: string; counts: Counts }[] = [];
    for (const [observer, record] of this.#bySubject.get(address) ?? []) {
      const isCurrent = record.expiresAtMs > nowMs && observer !== self;
      if (isCurrent) observations.push({ observer, counts: countsIn(record.payload) });
    }
    const own = this.#countsOf(address);
    if (Object.values(own).some((count) => count > 0)) observations.push({ observer: self, counts: own });
    return observations;
  }

  #index(record: LiveRecord<ReputationRecord>): void {
    const observers = this.#bySubject.get(record.id) ?? new Map<string, LiveRecord<ReputationRecord>>();
    if (record.deleted) observers.delete(record.owner);
    else observers.set(record.owner, record);
    const nowMs = this.#options.clock.nowMs();
    for (const [observer, { expiresAtMs }] of observers) if (expiresAtMs <= nowMs) observers.delete(observer);
    if (observers.size === 0) this.#bySubject.delete(record.id);
    else this.#bySubject.set(record.id, observers);
  }
}

function countsIn(payload: ReputationRecord): Counts {
  return {
    successes: payload.successes ?? 0,
    failures: payload.failures ?? 0,
    no_answers: payload.no_answers ?? 0,
    slashings: payload.slashings ?? 0,
    last_seen: payload.last_seen ?? 0,
  };
}
