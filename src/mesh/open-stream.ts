import type { Stream } from "@libp2p/interface";

/** The first byte of a stream says what its opener wants of the protocol. */
export const streamKind = { request: 0, channel: 1 } as const;

/** Opens a stream of a protocol to a peer, connecting first when need be. */
export type OpenStream = (peerId: string, protocol: string, signal: AbortSignal) => Promise<Stream>;
