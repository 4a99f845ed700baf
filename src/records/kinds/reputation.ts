import { countersign } from "../../wire/index.ts";
import type { RecordKind } from "../record.ts";
import { reputationScore } from "../reputation-score.ts";
import { address, type Problem, wholeNumber } from "./field-bounds.ts";

export type ReputationRecord = countersign.v1.ReputationRecord.$Properties;

const dayMs = 86_400_000;
/** What an observer has not confirmed for a week no longer counts. */
export const reputationLifeMs = 7 * dayMs;
/** An address and six numbers. */
const maxPayloadBytes = 256;
/** Sums of such counts stay exact. */
const maxCount = 1e12;

/** What one observer, the owner, saw of one validator or compute node; id = the subject's address. */
export function createReputationKind(): RecordKind<ReputationRecord> {
  return {
    name: "reputation",
    maxPayloadBytes,
    lifeMs: reputationLifeMs,
    encode: (payload) => countersign.v1.ReputationRecord.encode(payload).finish(),
    decode: (bytes) => countersign.v1.ReputationRecord.decode(bytes),
    check: ({ id, owner }, payload) => {
      if (address("id", id) !== undefined || id !== id.toLowerCase()) return "id is no lower-case address";
      if (payload.subject !== id) return "subject is not the record's id";
      if (owner === id) return "nobody reports on itself";
      return numbersProblem(payload);
    },
  };
}

function numbersProblem(payload: ReputationRecord): Problem {
  return (
    wholeNumber("successes", payload.successes ?? 0, maxCount) ??
    wholeNumber("failures", payload.failures ?? 0, maxCount) ??
    wholeNumber("no_answers", payload.no_answers ?? 0, maxCount) ??
    wholeNumber("slashings", payload.slashings ?? 0, maxCount) ??
    wholeNumber("last_seen", payload.last_seen ?? 0) ??
    (payload.score === reputationScore(payload) ? undefined : "score does not follow from the counts")
  );
}
