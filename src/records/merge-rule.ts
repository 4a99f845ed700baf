/** What the merge rule looks at. */
export interface Versioned {
  readonly version: number;
  /** SHA-256 of the record's bytes. */
  readonly digest: Uint8Array;
}

/**
 * The merge rule: the higher version wins; equal versions go to the greater digest. A total order over the records of
 * one key that looks at nothing but the two, so replicas that saw the same records hold the same, whatever came first.
 */
export function supersedes(candidate: Versioned, held: Versioned): boolean {
  if (candidate.version !== held.version) return candidate.version > held.version;
  return Buffer.compare(candidate.digest, held.digest) > 0;
}

/** The one that stays. */
export function merged<T extends Versioned>(a: T, b: T): T {
  return supersedes(b, a) ? b : a;
}
