import type { DeafWatch } from "./deaf-watch.ts";
import type { Gossip } from "./gossip.ts";
import type { TopicName } from "./mesh.ts";
import type { PeerFinder } from "./peer-finder.ts";
import type { PeerGuard } from "./peer-guard.ts";
import type { Roster } from "./roster.ts";

/** What the mesh counts, for metrics. */
export interface MeshCounters {
  /** Peers found connected but deaf, closed and dialled anew. */
  readonly deafMended: number;
  /** Peers cut off for misbehaviour. */
  readonly cutOff: number;
  /** Connections refused because their peer or public prefix holds as many as it may. */
  readonly crowdedOut: number;
  /** Peers of other networks that were disconnected. */
  readonly foreign: number;
  /** Walks through the DHT, to find peers or to fill its table after an outage. */
  readonly walks: number;
  /** Peers in Kademlia's routing table. */
  readonly tablePeers: number;
  /** Gossip messages by topic that found no room to wait, or were over their author's quota. */
  readonly gossipDropped: ReadonlyMap<TopicName, number>;
}

export interface CountedParts {
  readonly deafWatch: DeafWatch | undefined;
  readonly guard: PeerGuard;
  readonly roster: Roster;
  readonly finder: PeerFinder;
  readonly gossip: Gossip;
  readonly dht: unknown;
}

/** What the DHT's class has and its exported interface does not name. */
interface DhtInsides {
  readonly routingTable: { readonly size: number };
}

export function countersOf({ deafWatch, guard, roster, finder, gossip, dht }: CountedParts): MeshCounters {
  return {
    deafMended: deafWatch?.mended ?? 0,
    cutOff: guard.cutOff,
    crowdedOut: guard.crowdedOut,
    foreign: roster.foreignCount,
    walks: finder.walks,
    tablePeers: (dht as DhtInsides).routingTable.size,
    gossipDropped: gossip.dropped(),
  };
}
