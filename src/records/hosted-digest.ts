import { sha256 } from "../base/index.ts";
import type { countersign } from "../wire/index.ts";
import type { NodeStatus } from "./liveness.ts";

// What a host says of the nodes that it vouches for: one status for most of them, and lists of the others. Its size grows
// with the nodes that fare otherwise than most, not with their number. Pure.

/** Entries of all lists together: 48 KiB, so that a heartbeat stays below its topic's 64 KiB. */
export const maxListed = 6_144;
const hashBytes = 8;

export const hostedStatuses = ["alive", "suspect", "offline"] as const satisfies readonly NodeStatus[];

type Message = countersign.v1.HostedDigest.$Properties;

/** A digest that has been checked. */
export interface HostedDigest {
  readonly heard: number;
  readonly freeSlots: number;
  readonly activeTasks: number;
  /** Of every node that no list names. */
  readonly usual: NodeStatus;
  /** Hashes one after the other, rising. */
  readonly lists: Readonly<Record<NodeStatus, Uint8Array>>;
}

export interface HostedStanding {
  readonly hash: bigint;
  readonly status: NodeStatus;
  /** Unix milliseconds since when it was not heard. */
  readonly silentSinceMs: number;
}

/** Names a node in a digest; the wallet is lower-case. */
export function hostedHash(wallet: string, nodeId: string): bigint {
  return Buffer.from(sha256(`${wallet}/${nodeId}`)).readBigUInt64BE();
}

/**
 * The lists of a digest. `unsaid` are those that found no room and pass for what is usual: the longest silent of the
 * offline ones first.
 */
export function hostedLists<T extends HostedStanding>(
  nodes: readonly T[],
): Pick<HostedDigest, "usual" | "lists"> & { readonly unsaid: T[] } {
  const byStatus: Record<NodeStatus, T[]> = { alive: [], suspect: [], offline: [] };
  for (const node of nodes) byStatus[node.status].push(node);
  // Nobody is vouched for: of whoever others still believe so, nothing is known.
  const usual =
    nodes.length === 0
      ? "suspect"
      : hostedStatuses.reduce((most, one) => (byStatus[one].length > byStatus[most].length ? one : most));
  const unsaid: T[] = [];
  let room = maxListed;
  const listOf = (status: NodeStatus): Uint8Array => {
    if (status === usual) return new Uint8Array(0);
    let named = byStatus[status];
    if (named.length > room) {
      named = named.toSorted((a, b) => b.silentSinceMs - a.silentSinceMs);
      unsaid.push(...named.splice(room));
    }
    room -= named.length;
    return packed(named.map(({ hash }) => hash));
  };
  return {
    usual,
    lists: { alive: listOf("alive"), suspect: listOf("suspect"), offline: listOf("offline") },
    unsaid,
  };
}

export function digestMessage({ heard, freeSlots, activeTasks, usual, lists }: HostedDigest): Message {
  return {
    heard,
    free_slots: freeSlots,
    active_tasks: activeTasks,
    usual: hostedStatuses.indexOf(usual),
    ...lists,
  };
}

/** Undefined when it says what cannot be. The lists are copied, so that they do not hold the frame they came in. */
export function readDigest(message: Message): HostedDigest | undefined {
  const usual = hostedStatuses[message.usual ?? 0];
  const lists = {
    alive: new Uint8Array(message.alive ?? []),
    suspect: new Uint8Array(message.suspect ?? []),
    offline: new Uint8Array(message.offline ?? []),
  };
  const all = Object.values(lists);
  if (usual === undefined || digestBytes({ lists }) > maxListed * hashBytes) return undefined;
  if (!all.every(isRising)) return undefined;
  return {
    heard: message.heard ?? 0,
    freeSlots: message.free_slots ?? 0,
    activeTasks: message.active_tasks ?? 0,
    usual,
    lists,
  };
}

/** What the lists take. */
export function digestBytes({ lists }: Pick<HostedDigest, "lists">): number {
  return lists.alive.length + lists.suspect.length + lists.offline.length;
}

export function statusIn({ usual, lists }: HostedDigest, hash: bigint): NodeStatus {
  return hostedStatuses.find((status) => holds(lists[status], hash)) ?? usual;
}

/** True when both say the same of every node. */
export function saySame(a: HostedDigest, b: HostedDigest): boolean {
  return (
    a.usual === b.usual &&
    hostedStatuses.every((status) => Buffer.compare(a.lists[status], b.lists[status]) === 0)
  );
}

function packed(hashes: bigint[]): Uint8Array {
  const bytes = Buffer.alloc(hashes.length * hashBytes);
  hashes
    .sort((a, b) => (a < b ? -1 : 1))
    .forEach((hash, index) => {
      bytes.writeBigUInt64BE(hash, index * hashBytes);
    });
  return bytes;
}

function isRising(list: Uint8Array): boolean {
  if (list.length % hashBytes !== 0) return false;
  const hashes = viewOf(list);
  for (let at = hashBytes; at < list.length; at += hashBytes) {
    if (hashes.getBigUint64(at - hashBytes) >= hashes.getBigUint64(at)) return false;
  }
  return true;
}

function holds(list: Uint8Array, hash: bigint): boolean {
  const hashes = viewOf(list);
  let low = 0;
  let high = list.length / hashBytes;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = hashes.getBigUint64(middle * hashBytes);
    if (found === hash) return true;
    if (found < hash) low = middle + 1;
    else high = middle;
  }
  return false;
}

function viewOf(list: Uint8Array): DataView {
  return new DataView(list.buffer, list.byteOffset, list.byteLength);
}
