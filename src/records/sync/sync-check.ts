import { type Clock, messageOf, type RandomBytes, sha256, sleep } from "../../base/index.ts";
import type { Mesh } from "../../mesh/mesh.ts";
import type { Versioned } from "../merge-rule.ts";
import { countDifferences } from "./count-differences.ts";
import { differingSets } from "./differing-sets.ts";
import type { RecordSets } from "./record-sets.ts";
import type { SyncClient } from "./sync-client.ts";

/** How one kind differs from a peer's. */
export interface KindDifference {
  readonly kind: string;
  /** Records that the peer has and this side lacks. */
  readonly missing: number;
  /** Records that this side has and the peer lacks. */
  readonly extra: number;
  /** Age of the oldest missing one. */
  readonly behindMs: number;
}

export interface PeerComparison {
  readonly peerId: string;
  /** Why it could not be compared; undefined when it was. */
  readonly problem: string | undefined;
  /** Empty when it was compared and its digests are equal. */
  readonly differences: readonly KindDifference[];
}

export interface KindState {
  readonly kind: string;
  readonly records: number;
  readonly deletions: number;
  readonly digest: Uint8Array;
}

/** This replica beside its peers', as of one time. */
export interface SyncComparison {
  readonly asOfMs: number;
  readonly connectedPeers: number;
  readonly kinds: readonly KindState[];
  readonly peers: readonly PeerComparison[];
  /** At least one peer was compared, and all that were are equal. */
  readonly isInSync: boolean;
  readonly behindMs: number;
}

export interface SyncCheckOptions {
  readonly sets: RecordSets;
  readonly mesh: Pick<Mesh, "peers">;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  client(peerId: string): SyncClient;
  newest(key: string): Versioned | undefined;
  onDifference(peerId: string): void;
}

/** Peers tried for each that is wanted, since some may not answer. */
const triedPerWanted = 2;
/** An answer as young as this serves the next caller too: whoever asks in a loop costs one check a second. */
const freshMs = 1_000;
/** Digests that differ are compared again after what gossip needs; only what still differs then counts. */
const settleMs = 500;
const settleAttempts = 2;
const digestBytes = 16;

/** Says whether this replica equals its peers', by digests, and if not by how much it differs. It changes nothing. */
export class SyncCheck {
  readonly #options: SyncCheckOptions;
  readonly #running = new Map<number, Promise<SyncComparison>>();
  #last: { readonly comparison: SyncComparison; readonly peerCount: number } | undefined;

  constructor(options: SyncCheckOptions) {
    this.#options = options;
  }

  get last(): SyncComparison | undefined {
    return this.#last?.comparison;
  }

  /** @throws the signal's reason when aborted */
  run(peerCount: number, signal: AbortSignal): Promise<SyncComparison> {
    const last = this.#last;
    const ageMs = this.#options.clock.nowMs() - (last?.comparison.asOfMs ?? 0);
    if (last?.peerCount === peerCount && ageMs >= 0 && ageMs < freshMs)
      return Promise.resolve(last.comparison);
    let running = this.#running.get(peerCount);
    if (running === undefined) {
      running = this.#compare(peerCount).finally(() => this.#running.delete(peerCount));
      this.#running.set(peerCount, running);
    }
    return unlessAborted(running, signal);
  }

  async #compare(peerCount: number): Promise<SyncComparison> {
    const { clock, mesh, sets } = this.#options;
    const asOfMs = clock.nowMs();
    const candidates = shuffled(
      mesh.peers().map(({ peerId }) => peerId),
      this.#options.random,
    );
    const peers: PeerComparison[] = [];
    const compareNext = async (): Promise<void> => {
      for (;;) {
        const peerId = peers.length < peerCount * triedPerWanted ? candidates.pop() : undefined;
        if (peerId === undefined) return;
        const compared = await this.#comparePeer(peerId, asOfMs);
        peers.push(compared);
        if (compared.problem === undefined) return;
      }
    };
    await Promise.all(Array.from({ length: peerCount }, compareNext));
    const compared = peers.filter(({ problem }) => problem === undefined);
    const differences = compared.flatMap((peer) => peer.differences);
    const comparison: SyncComparison = {
      asOfMs,
      connectedPeers: mesh.peers().length,
      kinds: kindStates(sets, asOfMs),
      peers,
      isInSync: compared.length > 0 && differences.length === 0,
      behindMs: Math.max(0, ...differences.map(({ behindMs }) => behindMs)),
    };
    this.#last = { comparison, peerCount };
    return comparison;
  }

  async #comparePeer(peerId: string, asOfMs: number): Promise<PeerComparison> {
    const { sets, clock, signal, newest } = this.#options;
    const client = this.#options.client(peerId);
    try {
      const digests = await client.digests(asOfMs);
      if (!digests.some((digest) => sets.get(digest) !== undefined)) {
        return { peerId, problem: "the peer knows none of the kinds", differences: [] };
      }
      let differing = differingSets(sets, asOfMs, digests);
      for (let attempt = 0; differing.length > 0 && attempt < settleAttempts; attempt++) {
        await sleep(clock, settleMs, signal);
        differing = differingSets(sets, asOfMs, await client.digests(asOfMs));
      }
      if (differing.length === 0) return { peerId, problem: undefined, differences: [] };
      const byKind = new Map<string, KindDifference>();
      for (const set of differing) {
        const counted = await countDifferences({ set, client, asOfMs, newest });
        const before = byKind.get(set.kind);
        byKind.set(set.kind, {
          kind: set.kind,
          missing: (before?.missing ?? 0) + counted.missing,
          extra: (before?.extra ?? 0) + counted.extra,
          behindMs: Math.max(before?.behindMs ?? 0, counted.behindMs),
        });
      }
      this.#options.onDifference(peerId);
      return { peerId, problem: undefined, differences: [...byKind.values()] };
    } catch (error) {
      signal.throwIfAborted();
      return { peerId, problem: messageOf(error), differences: [] };
    }
  }
}

function kindStates(sets: RecordSets, asOfMs: number): KindState[] {
  const states = new Map<string, KindState>();
  for (const set of sets.all()) {
    const sum = set.index.sum(set.window(asOfMs));
    const before = states.get(set.kind);
    states.set(set.kind, {
      kind: set.kind,
      records: (before?.records ?? 0) + (set.deleted ? 0 : sum.count),
      deletions: (before?.deletions ?? 0) + (set.deleted ? sum.count : 0),
      digest: sha256(Buffer.concat([before?.digest ?? new Uint8Array(0), sum.fingerprint()])).subarray(
        0,
        digestBytes,
      ),
    });
  }
  return [...states.values()];
}

function shuffled<T>(items: readonly T[], random: RandomBytes): T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Buffer.from(random(4)).readUInt32BE() % (last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
}

/** The check itself goes on: others may wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
