import type { GossipSub } from "@libp2p/gossipsub";
import type { Connection, PeerId } from "@libp2p/interface";
import { type Logger, messageOf } from "../base/index.ts";

/** What gossipsub's class has and its exported interface does not name. */
interface StreamOpener {
  createOutboundStream(peerId: PeerId, connection: Connection): Promise<void>;
}

/**
 * Has gossipsub open its streams side by side. By itself it opens one after the other, so that one peer that does not answer
 * keeps it deaf to all others for the ten seconds until that attempt is given up; and an attempt on a connection that closes
 * meanwhile, as one of two that were made at once does, is not repeated on the other.
 */
export function openStreamsSideBySide(pubsub: GossipSub, logger: Logger): void {
  const opener = pubsub as unknown as StreamOpener;
  const open = opener.createOutboundStream.bind(opener);
  /** By peer that is being tried: the connection to try next. */
  const underWay = new Map<string, Connection | undefined>();
  const tryAll = async (peerId: PeerId, first: Connection): Promise<void> => {
    let next: Connection | undefined = first;
    while (next !== undefined) {
      underWay.set(peerId.toString(), undefined);
      // It does nothing where there is a stream already.
      if (next.status === "open") await open(peerId, next);
      next = underWay.get(peerId.toString());
    }
  };
  opener.createOutboundStream = async (peerId, connection) => {
    const id = peerId.toString();
    if (underWay.has(id)) {
      underWay.set(id, connection);
      return;
    }
    tryAll(peerId, connection)
      .catch((error: unknown) => logger.debug({ peerId: id, error: messageOf(error) }, "no gossip stream"))
      .finally(() => underWay.delete(id));
  };
}
