import type { Clock, Logger } from "../base/index.ts";
import type { EventLog } from "../events/index.ts";
import type { Front } from "../facade/front/index.ts";
import type { HttpServer } from "../facade/http/index.ts";
import type { TlsFiles } from "../facade/tls/index.ts";
import type { Feed } from "../operations/index.ts";
import type { NodeConfig } from "./config.ts";

export interface WebSocketOptions {
  /** `host:port` of a port of its own; none when empty. */
  readonly listen: string;
  /** Where connections come in too, at `/ws`. */
  readonly http: HttpServer | undefined;
  /** For the port of its own. */
  readonly tls: TlsFiles | undefined;
  readonly config: Pick<NodeConfig["http"], "cors_origins" | "trusted_proxies">;
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
  const { listen, http, tls, config, feeds, ...given } = options;
  if (listen === "" && http === undefined) return undefined;
  const [{ acceptUpgrades, listenForWebSockets, WebSockets }, { AllowedOrigins, TrustedProxies }] =
    await Promise.all([import("../facade/websocket/index.ts"), import("../facade/http/index.ts")]);
  const sockets = new WebSockets({
    ...given,
    feeds: new Map(feeds.map((feed) => [feed.topic, feed])),
    origins: new AllowedOrigins(config.cors_origins),
    proxies: new TrustedProxies(config.trusted_proxies),
  });
  try {
    const listener = listen === "" ? undefined : await listenForWebSockets(listen, sockets, tls);
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
