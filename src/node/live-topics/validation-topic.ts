import { type Logger, messageOf, toHex } from "../../base/index.ts";
import type { RoundResult } from "../../cosign/index.ts";
import type { EventLog } from "../../events/index.ts";
import { type countersign, QuorumTrail } from "../../wire/index.ts";

export interface ValidationTopic {
  /** A round that this node ran has its result. */
  onResult(roundId: string, result: RoundResult): void;
  /** This node's validator gave its verdict in somebody's round. */
  onVerdict(
    request: countersign.v1.CosignRequest.$Properties,
    verdict: countersign.v1.CosignVerdict.$Properties,
  ): void;
}

const proposals = ["preprocessing", "completion", "reassignment", "subnet"] as const;

/**
 * Topic `validation`: rounds and verdicts as this node sees them. The round's own name, a hash, stands in place of its
 * subject: whoever knows a request id may ask for its task.
 */
export function validationTopic(events: EventLog, logger: Logger): ValidationTopic {
  const tell = (trail: QuorumTrail.$Properties): void => {
    const key = trail.subject ?? "";
    const payload = QuorumTrail.encode(trail).finish();
    events.append([{ topic: "validation", key, payload }]).catch((error: unknown) => {
      logger.warn({ round: key, error: messageOf(error) }, "a round could not be told to subscribers");
    });
  };
  return {
    onResult(roundId, { trail }) {
      // Where nobody is asked, nobody validates.
      if (trail.asked !== 0) tell({ ...trail, subject: roundId });
    },
    onVerdict(request, { validator_address, reason, signature }) {
      const verdict = {
        validator_address: validator_address ?? "",
        outcome: reason ? "refused" : "signed",
        reason: reason ?? "",
        signature: toHex(signature ?? new Uint8Array()),
      };
      tell({
        round: proposals.find((name) => request[name] != null) ?? "",
        subject: request.round_id ?? "",
        asked: request.asked?.length ?? 0,
        verdicts: [verdict],
      });
    },
  };
}
