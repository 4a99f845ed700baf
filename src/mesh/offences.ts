// What costs points. Left out on purpose: half frames, time-outs, refused requests, unknown uses of a protocol (another
// version's), sending too fast, gossip that is late or forged: gossip has its own score, and that never disconnects.

/** Points that a peer gets for each. 100 are the threshold. */
export const offences = {
  /** A frame over its bound, or a length that is no length: whoever speaks the protocol does not do that once. */
  garbage: 100,
  /** Well framed, yet no message of the protocol: perhaps a version that is ahead of ours, if it does not go on. */
  nonsense: 30,
} as const;

export type Offence = keyof typeof offences;
export type OnOffence = (peerId: string, offence: Offence, why: string) => void;
