// Every bound of reconciliation, with its reason. docs/sync.md repeats the ones that an operator meets.

const KiB = 1024;
const MiB = 1024 * KiB;

// ---- messages ----

/** A question: a kind, some numbers, 256 ids or 64 ranges. Only a push is larger. */
export const maxAskBytes = 16 * KiB;
/** Ranges in one question, and those that one answer opens: about 64 KiB of parts. */
export const maxRangesAsked = 64;
/** An answer to an open ends once it has this many bytes; the rest is asked again. */
export const openedBytes = 64 * KiB;
/** Twice that, for the range that goes beyond it. */
export const maxOpenedBytes = 2 * openedBytes;
/** A few dozen kinds. */
export const maxDigestsBytes = 16 * KiB;
export const maxIdsAsked = 256;
/** A page of records ends before it has more; a single larger record goes alone. */
export const pageBytes = 256 * KiB;
export const maxPageRecords = 512;
/** Framing, and the fields of a record beside its payload. */
export const recordOverheadBytes = 4 * KiB;
export const maxPushedBytes = 1 * KiB;

// ---- the answering side ----

/** A full copy at 40,000 records a second. */
export const framesPerSecond = 100;
/** How far the asker's clock may be from this one's: as far as versions may be ahead. */
export const maxAsOfDistanceMs = 10 * 60_000;
/** Questions answered at once and waiting: what is asked beyond that is refused, and asked again in time. */
export const maxAnswering = 8;
export const maxWaitingToBeAnswered = 64;
/** Ranges opened for one peer a second, and at once: each costs 10 to 200 µs by its size. An asker of 1 % of 100,000 records opens 2,000. */
export const rangesPerSecond = 512;
export const rangesBurst = 8_192;
/** For all peers together: a quarter of a core. */
export const allRangesPerSecond = 4_096;
/** Records pages for one peer, a second and at once. */
export const bytesPerSecond = 32 * MiB;
/** Records taken from one peer by push, a second and at once: a signature each. More is for this side to fetch. */
export const pushedPerSecond = 1_024;
export const pushedBurst = 8_192;
/** Pushed records that had to be rejected, a second and at once, until that peer's pushes are refused. */
export const rejectedPerSecond = 1;
export const rejectedBurst = 64;

// ---- the asking side ----

/** Sessions with peers at once: one that is slow does not hold up everything. */
export const sessionsAtOnce = 2;
export const requestTimeoutMs = 15_000;
/** After this long a session ends; what it has brought stays, and the next one goes on from there. */
export const maxSessionMs = 60_000;
/** A session may cost this much that was no news, and four times what was. */
export const freeBytes = 4 * MiB;
export const bytesPerUsefulByte = 4;
/** From this many missing records on a session is a bulk copy: one at a time, its signatures checked in other threads. */
export const bulkFrom = 2_048;
/** Pages that are verified and written while the next ones come. */
export const pagesInHand = 4;
/** Records pushed in a session. A peer that lacks more is asked to copy them by itself. */
export const maxPushedRecords = bulkFrom;
/** Records of one session that had to be rejected: a few that another version made, not a peer that makes them up. */
export const maxRejected = 64;
/** A session that ended by a limit is followed by another after this long. */
export const continueAfterMs = 1_000;
/** Ranges compared in one turn of the event loop: about 1 ms. */
export const rangesPerTurn = 16;

// ---- schedule ----

export const periodMs = 30_000;
/** After a session brought news: time for more of it, then sessions with so many others. */
export const spreadAfterMs = 500;
export const spreadTo = 2;
/** On a connection: not again so soon after a session with that peer. */
export const againAfterMs = 5_000;
/** Two nodes that connect would both begin: the one with the greater peer id gives the other this much time. */
export const secondSideWaitsMs = 1_000;
export const maxWaitingPeers = 64;
export const peersRemembered = 4_096;
/** A new connection may break at once; the periodic session is too late for a node that just joined. */
export const retryDelayMs = 2_000;
export const retries = 3;
/** For how long a peer is not asked that lied, or with whom sessions change nothing though digests differ; doubled each time. */
export const firstPauseMs = 30_000;
export const longestPauseAfterLieMs = 3_600_000;
/** Shorter: the reason may be an honest one, such as a record that only one side's version accepts. */
export const longestPauseMs = 300_000;
/** Two nodes that ask each other at once find, each, that the other was first with everything. */
export const fruitlessAllowed = 2;
/** For how long a peer is not answered that sent what is no message; doubled each time. */
export const firstRefusalMs = 60_000;
export const longestRefusalMs = 3_600_000;
