import type { Clock, Logger } from "../base/index.ts";
import type { EventLog } from "../events/index.ts";
import type { Front } from "../facade/front/index.ts";
import type { HttpServer } from "../facade/http/index.ts";
import type { Feed } from "../operations/index.ts";

export interface WebSocketOptions {
  /** `host:port` of a port of its own; none when empty. */
  readonly listen: string;
  /** Where connections come in too, at `/ws`. */
  readonly http: HttpServer | undefined;
  readonly feeds: readonly Feed[];
  readonly events: EventLog;
  readonly front: Front;
  readonly maxConnectionsPerIp: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunningWebSockets {
  /** Of the own port. */
  readonly address: string | undefined;
  stop(signal: AbortSignal): Promise<void>;
}

/** The live topics over WebSocket, loaded where there is a port for them. */
export async function startWebSockets(options: WebSocketOptions): Promise<RunningWebSockets | undefined> {
  const { listen, http, feeds, ...given } = options;
  if (listen === "" && http === undefined) return undefined;
  const { acceptUpgrades, listenForWebSockets, WebSockets } = await import("../facade/websocket/index.ts");
  const sockets = new WebSockets({ ...given, feeds: new Map(feeds.map((feed) => [feed.topic, feed])) });
  try {
    const listener = listen === "" ? undefined : await listenForWebSockets(listen, sockets);
    if (http !== undefined) acceptUpgrades(http.app.server, ["/ws"], sockets);
    return {
      address: listener?.address,
      async stop(signal) {
        // A port closes once its connections have.
        await sockets.stop(signal);
        await listener?.stop();
      },
    };
  } catch (error) {
    await sockets.stop(AbortSignal.abort());
    throw error;
  }
}
