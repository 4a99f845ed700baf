import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type Cancel,
  type Clock,
  CountersignError,
  isCode,
  type Logger,
  messageOf,
  utf8,
} from "../../base/index.ts";
import { callHeaderNames } from "../../chain/index.ts";
import type { EventLog } from "../../events/index.ts";
import { type Caller, type Feed, subscribeName } from "../../operations/index.ts";
import { callerOfAddress, type Front, type IncomingCall } from "../front/index.ts";
import type { AllowedOrigins, TrustedProxies } from "../http/index.ts";
import { Connection, closeCodes } from "./connection.ts";
import { ConnectionCounts } from "./connection-counts.ts";
import { EventFrames } from "./event-frames.ts";
import { Session } from "./session.ts";
import { refuseUpgrade } from "./upgrade-refusal.ts";

/** A frame past this is not read: the connection is closed with 1009. Smaller ones that are too large get an answer. */
const maxFrameBytes = 256 * 1024;
const pingPeriodMs = 30_000;
/** Actions that wait for the one under way; then no more are read. */
const maxWaitingActions = 32;

export interface WebSocketsOptions {
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly events: EventLog;
  readonly front: Front;
  readonly maxConnectionsPerIp: number;
  /** Pages that may connect: no browser asks before it does. */
  readonly origins: AllowedOrigins;
  readonly proxies: TrustedProxies;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Open {
  readonly ws: WebSocket;
  readonly connection: Connection;
  readonly session: Session;
  /** Nothing was heard since the last ping. */
  isSilent: boolean;
}

/** All WebSocket connections of a node, whatever port they came in by. */
export class WebSockets {
  readonly #o: WebSocketsOptions;
  readonly #frames = new EventFrames();
  readonly #counts: ConnectionCounts;
  readonly #open = new Set<Open>();
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    clientTracking: false,
    // None is spoken, so none is agreed to.
    handleProtocols: () => false,
  });
  readonly #stopPings: Cancel;
  #isStopping = false;
  #onAllClosed: (() => void) | undefined;

  constructor(options: WebSocketsOptions) {
    this.#o = options;
    this.#counts = new ConnectionCounts(options.maxConnectionsPerIp);
    this.#stopPings = options.clock.every(pingPeriodMs, () => this.#ping());
  }

  get size(): number {
    return this.#open.size;
  }

  /** Makes an HTTP request a connection, or answers it with why not. Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { clock, logger, origins, proxies } = this.#o;
    // A peer that goes away at once must not end the process.
    const onError = () => socket.destroy();
    socket.on("error", onError);
    const { origin, host } = request.headers;
    const forwardedFor = request.headers["x-forwarded-for"];
    const ip = proxies.clientOf(request.socket.remoteAddress ?? "", String(forwardedFor ?? ""));
    const address = callerOfAddress(ip);
    let leave: () => void = () => {};
    try {
      if (this.#isStopping) throw new CountersignError("UNAVAILABLE", "the node is stopping");
      origins.check(origin, host);
      leave = this.#counts.enter(address);
      socket.once("close", leave);
      const incoming = incomingOf(request, ip);
      const caller = await this.#callerOf(incoming);
      socket.off("error", onError);
      this.#server.handleUpgrade(request, socket, head, (ws) => this.#begin(ws, socket, incoming, caller));
    } catch (error) {
      leave();
      const isLimit = isCode(error, "RATE_LIMITED");
      refuseUpgrade(
        socket,
        error,
        clock.nowMs(),
        isLimit ? this.#counts.headers(address, clock.nowMs()) : {},
      );
      logger.debug({ ip, error: messageOf(error) }, "a WebSocket connection was refused");
    }
  }

  /** Takes no more connections and says goodbye to those that are, until the signal aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    this.#stopPings();
    const allClosed = new Promise<void>((resolve) => {
      this.#onAllClosed = resolve;
    });
    const cutOff = () => {
      for (const { ws } of this.#open) ws.terminate();
    };
    if (signal.aborted) cutOff();
    else signal.addEventListener("abort", cutOff, { once: true });
    for (const { connection } of this.#open) connection.close(closeCodes.goingAway, "the node is stopping");
    if (this.#open.size > 0) await allClosed;
  }

  /** A signature or key in the request's headers is looked at before the connection is there; without one anybody may connect. */
  async #callerOf(incoming: IncomingCall): Promise<Caller | undefined> {
    const isSigned = Object.values(callHeaderNames).some((name) => incoming.header(name) !== undefined);
    const hasKey = ["authorization", "nano-api-key"].some((name) => incoming.header(name) !== undefined);
    if (!isSigned && !hasKey) return undefined;
    const caller = await this.#o.front.identify({ name: subscribeName, access: "open" }, incoming);
    return isSigned ? caller : undefined;
  }

  #begin(ws: WebSocket, socket: Duplex, incoming: IncomingCall, caller: Caller | undefined): void {
    const { feeds, events, front, clock, logger } = this.#o;
    const connection = new Connection(ws, socket, clock, () => session.stop());
    const session = new Session({
      feeds,
      events,
      frames: this.#frames,
      front,
      outlet: connection,
      incoming,
      caller,
      clock,
    });
    const open: Open = { ws, connection, session, isSilent: false };
    this.#open.add(open);
    let waiting = 0;
    ws.on("message", (data, isBinary) => {
      open.isSilent = false;
      if (isBinary) {
        session.refuse(
          new CountersignError("INVALID_ARGUMENT", "binary frames are not read here; send JSON as text"),
        );
        return;
      }
      if (++waiting === maxWaitingActions) connection.holdInput();
      void session.receive(String(data)).then(() => {
        if (waiting-- === maxWaitingActions) connection.releaseInput();
      });
    });
    ws.on("pong", () => {
      open.isSilent = false;
    });
    // What follows tells the peer by its close code.
    ws.on("error", (error) =>
      logger.debug({ ip: incoming.ip, error: messageOf(error) }, "a WebSocket connection failed"),
    );
    ws.once("close", () => {
      session.stop();
      this.#open.delete(open);
      if (this.#open.size === 0) this.#onAllClosed?.();
    });
    if (this.#isStopping) connection.close(closeCodes.goingAway, "the node is stopping");
  }

  #ping(): void {
    for (const open of this.#open) {
      // Whose answers are not read is measured by what it takes.
      if (open.connection.isHeld) continue;
      if (open.isSilent) open.ws.terminate();
      else {
        open.isSilent = true;
        if (open.ws.readyState === open.ws.OPEN) open.ws.ping();
      }
    }
  }
}

function incomingOf(request: IncomingMessage, ip: string): IncomingCall {
  return {
    facade: "websocket",
    ip,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    // A signature covers the request's target: the request has no body.
    body: utf8(request.url ?? ""),
  };
}
