/**
 * A frame that is no message of its protocol. Thrown by what handles a channel's frames: the stream is reset and the peer
 * gets its points.
 */
export class Nonsense extends Error {
  override readonly name = "Nonsense";
}
