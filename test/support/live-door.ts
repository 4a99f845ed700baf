import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { type Clock, silentLogger, systemClock } from "../../src/base/index.ts";
import type { EventLog } from "../../src/events/index.ts";
import type { Front } from "../../src/facade/front/index.ts";
import { AllowedOrigins, localOrigins, TrustedProxies } from "../../src/facade/http/index.ts";
import type { TlsFiles } from "../../src/facade/tls/index.ts";
import { listenForWebSockets, type WebSocketListener, WebSockets } from "../../src/facade/websocket/index.ts";
import { openFeed } from "./live-topics.ts";
import { openFront } from "./open-front.ts";

export interface LiveDoorOptions {
  readonly events: EventLog;
  readonly front?: Front;
  readonly clock?: Clock;
  readonly maxConnectionsPerIp?: number;
  /** `host:port`; a free one otherwise. */
  readonly listen?: string;
  readonly tls?: TlsFiles;
}

/** The WebSocket facade with topic `node` on a port of loopback. */
export class LiveDoor {
  readonly sockets: WebSockets;
  readonly listener: WebSocketListener;

  private constructor(sockets: WebSockets, listener: WebSocketListener) {
    this.sockets = sockets;
    this.listener = listener;
  }

  static async open(options: LiveDoorOptions): Promise<LiveDoor> {
    const { events, front = openFront(), clock = systemClock, maxConnectionsPerIp = 10 } = options;
    const feeds = new Map([["node", openFeed]]);
    const sockets = new WebSockets({
      origins: new AllowedOrigins([localOrigins]),
      proxies: new TrustedProxies([]),
      feeds,
      events,
      front,
      maxConnectionsPerIp,
      clock,
      logger: silentLogger,
    });
    return new LiveDoor(
      sockets,
      await listenForWebSockets(options.listen ?? "127.0.0.1:0", sockets, options.tls),
    );
  }

  get url(): string {
    return `ws://${this.listener.address}`;
  }

  async stop(signal: AbortSignal = AbortSignal.timeout(2_000)): Promise<void> {
    await this.sockets.stop(signal);
    await this.listener.stop();
  }
}

/** A client's end of a connection, with what it was told. */
export class LiveClient {
  readonly ws: WebSocket;
  readonly told: LiveMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on("message", (data) => this.told.push(JSON.parse(String(data)) as LiveMessage));
    this.closed = new Promise((resolve) => {
      ws.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
    ws.on("error", () => {});
  }

  /** @throws Error when the connection is refused */
  static async open(url: string, options: ClientOptions = {}): Promise<LiveClient> {
    const ws = new WebSocket(url, options);
    const client = new LiveClient(ws);
    await once(ws, "open");
    return client;
  }

  send(action: object): void {
    this.ws.send(JSON.stringify(action));
  }

  /** What was told, once it is so. @throws Error when the connection ends before */
  async until<T>(find: (told: readonly LiveMessage[]) => T | undefined | false): Promise<T> {
    for (;;) {
      const found = find(this.told);
      if (found !== undefined && found !== false) return found;
      if (this.ws.readyState === WebSocket.CLOSED) throw new Error("the connection has ended");
      await Promise.race([once(this.ws, "message"), this.closed]);
    }
  }

  /** The answer to an action. */
  async ask(action: object): Promise<LiveMessage> {
    const id = `q${this.told.length}`;
    this.send({ ack: true, ...action, id });
    return await this.until((told) => told.find((one) => one.id === id));
  }
}

export interface LiveMessage {
  readonly ack?: string;
  readonly id?: string;
  readonly cursor?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly topic?: string;
  readonly seq?: number;
  readonly time?: number;
  readonly message?: Record<string, unknown>;
}
