import { toHex } from "../base/index.ts";
import type { ValidatorEntry, ValidatorSet } from "../chain/index.ts";
import type { QuorumTrail, ValidatorSignature } from "../wire/index.ts";
import type { RefusalReason, RoundRequest, RoundResult } from "./round.ts";

// One round as its initiator sees it: who was asked, who answered what, and whether it is decided. Pure.

export type Outcome = "signed" | "refused" | "invalid" | "no_answer";

export interface Answer {
  readonly address: string;
  readonly askedAtMs: number;
  outcome: Outcome;
  reason: string;
  latencyMs: number;
  signature: Uint8Array | undefined;
  /** Unix seconds. */
  signedAtSec: number;
  /** Something came that was not looked at, because the round was decided. */
  answeredLate: boolean;
  /** Time of the refusal upon which records were sent; its copy by the other way says nothing new. */
  taughtAtMs: number | undefined;
}

/** Refusals that say something about the validator, nothing about the proposal: another is asked instead. */
const ownTroubles: ReadonlySet<string> = new Set<RefusalReason>(["OVERLOADED", "CLOCK_SKEW"]);

export class RoundState {
  readonly id: string;
  readonly request: RoundRequest;
  readonly required: number;
  readonly #firstAsked: number;
  readonly answers = new Map<string, Answer>();
  readonly #ranked: readonly ValidatorEntry[];

  constructor(id: string, request: RoundRequest, ranked: readonly ValidatorEntry[], set: ValidatorSet) {
    this.id = id;
    this.request = request;
    this.required = set.required;
    this.#firstAsked = set.asked;
    this.#ranked = ranked;
  }

  /** Addresses of all that were asked, in the order of asking. */
  asked(): string[] {
    return [...this.answers.keys()];
  }

  /** Adds the next validators in order; answers those added, fewer when there are no more. */
  askNext(count: number, nowMs: number): string[] {
    const next = this.#ranked.slice(this.answers.size, this.answers.size + Math.max(0, count));
    for (const { address } of next) {
      this.answers.set(address, {
        address,
        askedAtMs: nowMs,
        outcome: "no_answer",
        reason: "",
        latencyMs: 0,
        signature: undefined,
        signedAtSec: 0,
        answeredLate: false,
        taughtAtMs: undefined,
      });
    }
    return next.map(({ address }) => address);
  }

  waiting(): Answer[] {
    return [...this.answers.values()].filter((answer) => answer.outcome === "no_answer");
  }

  /** How many more to ask now: one for each validator that could not judge the proposal, less those asked already. */
  replacementsDue(): number {
    const troubled = [...this.answers.values()].filter(
      ({ outcome, reason }) => outcome === "refused" && ownTroubles.has(reason),
    ).length;
    return troubled - Math.max(0, this.answers.size - this.#firstAsked);
  }

  signed(): Answer[] {
    return [...this.answers.values()].filter((answer) => answer.outcome === "signed");
  }

  /** True: M have signed. False: M can no longer sign. Undefined: still open. */
  decided(): boolean | undefined {
    const signed = this.signed().length;
    if (signed >= this.required) return true;
    return signed + this.waiting().length < this.required ? false : undefined;
  }

  result(nowMs: number): RoundResult {
    const signed = this.signed();
    return {
      reached: signed.length >= this.required,
      signatures: signed
        .sort((a, b) => (a.address < b.address ? -1 : 1))
        .map(
          (answer): ValidatorSignature.$Properties => ({
            validator_address: answer.address,
            signature: hexOf(answer.signature),
            timestamp: answer.signedAtSec,
          }),
        ),
      trail: this.#trail(nowMs),
    };
  }

  #trail(nowMs: number): QuorumTrail.$Properties {
    return {
      round: this.request.round,
      subject: this.request.subject,
      required: this.required,
      asked: this.answers.size,
      verdicts: [...this.answers.values()].map((answer) => ({
        validator_address: answer.address,
        outcome: answer.outcome,
        // The round was decided before this one's time was up: it is not known to be silent.
        reason:
          answer.outcome === "no_answer" && nowMs < this.request.deadlineMs ? "NOT_AWAITED" : answer.reason,
        latency_ms: answer.outcome === "no_answer" ? Math.max(0, nowMs - answer.askedAtMs) : answer.latencyMs,
        signature: hexOf(answer.signature),
      })),
    };
  }
}

const hexOf = (bytes: Uint8Array | undefined): string => (bytes === undefined ? "" : toHex(bytes));
