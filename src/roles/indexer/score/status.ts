/** What readers are told about an article; nothing is ever hidden for it. */
export type ArticleStatus = "normal" | "under_dispute" | "action_taken";

export interface DisputeCase {
  /** Undefined while the case is open; otherwise whether its outcome calls for action. */
  readonly isUpheld?: boolean | undefined;
}

/** An open case outweighs the past; of resolved ones, one with action is enough. */
export function statusOf(cases: Iterable<DisputeCase>): ArticleStatus {
  let status: ArticleStatus = "normal";
  for (const { isUpheld } of cases) {
    if (isUpheld === undefined) return "under_dispute";
    if (isUpheld) status = "action_taken";
  }
  return status;
}
