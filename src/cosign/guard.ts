import { BoundedMap, type Clock, equalBytes, fromHex, type Logger, toHex } from "../base/index.ts";
import type { Migration, Statement, Store } from "../storage/index.ts";
import type { MarkFile } from "./guard-mark.ts";

// Never sign twice. Before a signature leaves, (round, subject, digest) is on disk, and a second digest for the
// same round and subject is refused for ever.
//
// A database restored from an older copy has forgotten signatures. To notice, the guard raises a mark in the
// database and then in a file outside it, before the first signature of each second leaves. A database whose
// mark is behind the file's is an older copy; then, and when the file is gone, nothing is signed until every
// round that may have been signed has expired. What stays unnoticed is a copy taken less than a second before the last signature.

export const guardMigrations: readonly Migration[] = [
  {
    name: "cosign-guard-1",
    statements: [
      `CREATE TABLE cosign_guard (
        round TEXT NOT NULL,
        subject TEXT NOT NULL,
        digest TEXT NOT NULL,
        signed_ms BIGINT NOT NULL,
        PRIMARY KEY (round, subject)
      )`,
      "CREATE TABLE cosign_guard_mark (id INTEGER PRIMARY KEY, mark BIGINT NOT NULL)",
      "INSERT INTO cosign_guard_mark (id, mark) VALUES (1, 0)",
    ],
  },
];

/** One thing about to be signed. `round` is a round's name, or another kind of thing that may be used once. */
export interface Claim {
  readonly round: string;
  readonly subject: string;
  readonly digest: Uint8Array;
}

export interface Guard {
  /**
   * Resolves, once it is on disk, to true when these and no others may be signed; false when one of them was signed
   * otherwise before.
   * @throws CountersignError STORAGE_FAILED; then nothing may be signed
   */
  admit(claims: readonly Claim[]): Promise<boolean>;
  /** The digest signed for a round and subject, if any. */
  signedDigest(round: string, subject: string): Promise<Uint8Array | undefined>;
  /** Unix milliseconds before which nothing may be signed; 0 unless the database looks like an older copy. */
  readonly waitsUntilMs: number;
}

export interface GuardOptions {
  /** Opened with `guardMigrations`. */
  readonly store: Store;
  readonly file: MarkFile;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a forgotten signature may still be of use: the life of a task. */
  readonly waitMs: number;
}

/** Recent claims, so that the second round of a task and repeated requests need no read: a minute of a busy validator. */
const claimsKept = 16_384;
const markPeriodMs = 1_000;

const insertClaim = `INSERT INTO cosign_guard (round, subject, digest, signed_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (round, subject) DO NOTHING`;

export async function openGuard(options: GuardOptions): Promise<Guard> {
  const { store, file, clock, logger } = options;
  const [row] = await store.all("SELECT mark FROM cosign_guard_mark WHERE id = 1");
  let mark = Number(row?.["mark"] ?? 0);
  const fileMark = await file.read();
  const isNew = mark === 0 && (await store.all("SELECT subject FROM cosign_guard LIMIT 1")).length === 0;
  const why =
    fileMark === undefined
      ? isNew
        ? undefined
        : "the mark file is missing or unreadable"
      : mark < fileMark
        ? "the database is older than the mark file: restored from a copy?"
        : undefined;
  // From the start, so that a node killed during its very first signature does not seem to have lost the file.
  if (isNew && fileMark === undefined) await file.write(mark);
  let waitsUntilMs = 0;
  if (why !== undefined) {
    waitsUntilMs = clock.nowMs() + options.waitMs;
    logger.warn(
      { why, mark, fileMark, waitSec: Math.ceil(options.waitMs / 1000) },
      "signing waits: an earlier signature may be forgotten",
    );
    // Above every mark given out before, but only in the database once the wait is over: a restart waits again.
    mark = Math.max(mark, fileMark ?? 0);
  }

  const recent = new BoundedMap<string, Uint8Array>(claimsKept);
  const keyOf = (round: string, subject: string) => `${round} ${subject}`;
  let markedAtMs = Number.NEGATIVE_INFINITY;
  let marking: Promise<void> | undefined;

  async function raiseMark(): Promise<void> {
    const next = mark + 1;
    await store.transact([{ sql: "UPDATE cosign_guard_mark SET mark = ? WHERE id = 1", params: [next] }]);
    await file.write(next);
    mark = next;
    markedAtMs = clock.nowMs();
  }

  function marked(): Promise<void> | undefined {
    // A clock that was set back would otherwise stop the marks.
    const ageMs = Math.abs(clock.nowMs() - markedAtMs);
    if (ageMs < markPeriodMs) return undefined;
    marking ??= raiseMark().finally(() => {
      marking = undefined;
    });
    return marking;
  }

  async function signedDigest(round: string, subject: string): Promise<Uint8Array | undefined> {
    const known = recent.get(keyOf(round, subject));
    if (known !== undefined) return known;
    const [found] = await store.all("SELECT digest FROM cosign_guard WHERE round = ? AND subject = ?", [
      round,
      subject,
    ]);
    return found === undefined ? undefined : fromHex(String(found["digest"]));
  }

  async function isSame({ round, subject, digest }: Claim): Promise<boolean> {
    const signed = await signedDigest(round, subject);
    return signed !== undefined && equalBytes(signed, digest);
  }

  return {
    waitsUntilMs,
    signedDigest,
    async admit(claims) {
      const known = claims.map((claim) => recent.get(keyOf(claim.round, claim.subject)));
      if (known.some((digest, index) => digest && !equalBytes(digest, claims[index]?.digest ?? digest)))
        return false;
      if (known.every((digest) => digest !== undefined)) return true;
      const nowMs = clock.nowMs();
      const statements = claims.map(
        ({ round, subject, digest }): Statement => ({
          sql: insertClaim,
          params: [round, subject, toHex(digest), nowMs],
        }),
      );
      const [changes] = await Promise.all([store.transact(statements), marked()]);
      for (const [index, claim] of claims.entries()) {
        if (changes[index] !== 1 && !(await isSame(claim))) return false;
        recent.set(keyOf(claim.round, claim.subject), claim.digest);
      }
      return true;
    },
  };
}
