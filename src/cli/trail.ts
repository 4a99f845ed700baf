import type { QuorumTrail } from "../wire/index.ts";
import { coloured } from "./output.ts";

/** Who signed, who did not, and why: a line per round. */
export function trailLines(answer: object): string[] {
  const trails = (answer as { quorum_trail?: readonly QuorumTrail.$Properties[] | null }).quorum_trail ?? [];
  return trails.map((trail) => {
    const verdicts = trail.verdicts ?? [];
    const signed = verdicts.filter((verdict) => verdict.outcome === "signed").length;
    const isReached = signed >= (trail.required ?? 0);
    const sign = isReached ? coloured("green", "✔", process.stderr) : coloured("red", "✘", process.stderr);
    const others = verdicts
      .filter((verdict) => verdict.outcome !== "signed")
      .map((verdict) => `${verdict.validator_address}: ${verdict.reason || verdict.outcome}`);
    const missing = isReached || others.length === 0 ? "" : `; ${others.join("; ")}`;
    return `${sign} ${trail.round} round: ${signed} of ${trail.asked} validators signed, ${trail.required} needed${missing}`;
  });
}
