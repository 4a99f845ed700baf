/** A peer answered what no honest peer answers. It is left alone for a while, longer each time. */
export class PeerLied extends Error {
  constructor(what: string) {
    super(`the peer ${what}`);
    this.name = "PeerLied";
  }
}
