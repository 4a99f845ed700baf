import type { Connection, Libp2p } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";

export type PrefixOf = (address: Multiaddr) => string | undefined;

type Counted = Pick<Connection, "remotePeer" | "remoteAddr" | "direction">;

/** How many connections each peer and each public prefix has; as many entries as there are connections, at most. */
export class ConnectionCounts {
  readonly #prefixOf: PrefixOf;
  readonly #byPeer = new Map<string, number>();
  readonly #byPrefix = new Map<string, number>();
  readonly #dialled = new Map<string, number>();

  constructor(prefixOf: PrefixOf) {
    this.#prefixOf = prefixOf;
  }

  /** Counts the host's connections for as long as it lives. */
  watch(host: Pick<Libp2p, "addEventListener">): void {
    host.addEventListener("connection:open", (event) => this.add(event.detail));
    host.addEventListener("connection:close", (event) => this.remove(event.detail));
  }

  add(connection: Counted): void {
    this.#change(connection, 1);
  }

  remove(connection: Counted): void {
    this.#change(connection, -1);
  }

  ofPeer(peerId: string): number {
    return this.#byPeer.get(peerId) ?? 0;
  }

  ofPrefix(prefix: string): number {
    return this.#byPrefix.get(prefix) ?? 0;
  }

  /** Of those that this node itself opened. */
  dialledTo(prefix: string): number {
    return this.#dialled.get(prefix) ?? 0;
  }

  #change({ remotePeer, remoteAddr, direction }: Counted, by: 1 | -1): void {
    shift(this.#byPeer, remotePeer.toString(), by);
    const prefix = this.#prefixOf(remoteAddr);
    if (prefix === undefined) return;
    shift(this.#byPrefix, prefix, by);
    if (direction === "outbound") shift(this.#dialled, prefix, by);
  }
}

function shift(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
