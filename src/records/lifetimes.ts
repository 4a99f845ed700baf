import type { RecordKind } from "./record.ts";

/** How far ahead of the local clock a version may be; honest clocks differ by seconds. */
export const maxVersionAheadMs = 10 * 60_000;
/** Reconciliation leaves out what lies further ahead: the peer, whose clock may be a minute behind, could have to refuse it. */
export const maxComparedAheadMs = 9 * 60_000;
/** How long past its end a record is still held, unseen, and handed to peers whose clocks are behind. */
export const heldPastEndMs = 10 * 60_000;
/** How long a deletion outlives the longest life of what it deletes: an absent node cannot bring it back. */
export const deletionKeptMs = 7 * 86_400_000;

/**
 * When a record ends follows from its version: then a later version never ends before an earlier one, which could
 * otherwise come back from a node that missed the later.
 */
export function expiryOf(
  kind: Pick<RecordKind<unknown>, "lifeMs">,
  version: number,
  deleted: boolean,
): number {
  return version + kind.lifeMs + (deleted ? deletionKeptMs : 0);
}
