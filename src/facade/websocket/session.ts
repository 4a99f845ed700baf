import { type Clock, CountersignError, invalidField, RateLimiter } from "../../base/index.ts";
import { callHeaderNames } from "../../chain/index.ts";
import type { EventLog } from "../../events/index.ts";
import {
  type Caller,
  type Feed,
  feedOf,
  type Subscription,
  subscribeName,
  subscribeOperation,
} from "../../operations/index.ts";
import { type Front, type IncomingCall, rateLimited } from "../front/index.ts";
import { type Action, readAction } from "./action.ts";
import { ackText, errorText } from "./answers.ts";
import type { EventFrames } from "./event-frames.ts";
import { type Outlet, Pump } from "./pump.ts";

/** Subscriptions change rarely; what keeps a connection up are the server's own pings. */
const actionsPerMinute = 600;

export interface SessionOptions {
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly events: EventLog;
  readonly frames: EventFrames;
  readonly front: Front;
  readonly outlet: Outlet;
  /** The request that became this connection. */
  readonly incoming: IncomingCall;
  /** The wallet that signed that request. */
  readonly caller: Caller | undefined;
  readonly clock: Clock;
}

/** One connection's side of the protocol: texts in, answers and events out. It knows no sockets. */
export class Session {
  readonly #o: SessionOptions;
  readonly #actions = new RateLimiter({ calls: actionsPerMinute, windowMs: 60_000 });
  readonly #pumps = new Map<string, Pump>();
  #caller: Caller | undefined;
  #apiKey: string | undefined;
  /** The connection said who it is since it was made. */
  #isAuthenticated = false;
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: SessionOptions) {
    this.#o = options;
    this.#caller = options.caller;
    this.#apiKey = options.incoming.apiKey;
  }

  /** Actions are done one after the other. Resolves when this one is; never rejects. */
  receive(text: string): Promise<void> {
    this.#last = this.#last.then(() => this.#handle(text));
    return this.#last;
  }

  /** Tells that something cannot be read at all. */
  refuse(error: CountersignError): void {
    this.#answer(errorText(error, undefined, this.#o.clock.nowMs()));
  }

  /** Ends all subscriptions. */
  stop(): void {
    this.#isStopped = true;
    for (const pump of this.#pumps.values()) pump.stop();
    this.#pumps.clear();
  }

  async #handle(text: string): Promise<void> {
    if (this.#isStopped) return;
    const { clock } = this.#o;
    let id: string | undefined;
    try {
      const action = readAction(text, (given) => {
        id = given;
      });
      const state = this.#actions.take("", clock.nowMs());
      if (state.retryMs > 0) throw rateLimited(state, "actions of one connection");
      await this.#perform(action);
    } catch (error) {
      this.#answer(errorText(error, id, clock.nowMs()));
    }
  }

  async #perform(action: Action): Promise<void> {
    const { name, fields } = action;
    if (name === "ping") return this.#answer(ackText("ping", action.id, this.#o.clock.nowMs()));
    if (name === "authenticate") {
      await this.#authenticate(fields);
      return this.#acknowledge(action);
    }
    const feed = feedOf(this.#o.feeds, fields["topic"]);
    const pump = this.#pumps.get(feed.topic);
    if (name === "subscribe") {
      if (pump !== undefined) {
        throw new CountersignError(
          "ALREADY_EXISTS",
          `topic: this connection has a subscription to "${feed.topic}"; update it, or unsubscribe first`,
          { field: "topic" },
        );
      }
      return await this.#start(feed, fields["cursor"], action);
    }
    if (pump === undefined) {
      throw new CountersignError(
        "NOT_FOUND",
        `topic: this connection has no subscription to "${feed.topic}"`,
        {
          field: "topic",
        },
      );
    }
    if (name === "update") return await this.#start(feed, undefined, action, pump);
    pump.stop();
    this.#pumps.delete(feed.topic);
    this.#acknowledge(action, pump.place);
  }

  /** Begins a subscription; in place of `before`, where that has got to. */
  async #start(feed: Feed, cursor: unknown, action: Action, before?: Pump): Promise<void> {
    const { front, events, frames, outlet, clock } = this.#o;
    const call = front.open(subscribeOperation(feed, events), this.#call());
    let subscription: Subscription;
    try {
      const message = { options: action.fields["options"], cursor };
      subscription = (await call.run(message)) as Subscription;
      // While it was admitted the connection may have gone.
      call.signal.throwIfAborted();
      if (this.#isStopped) throw new CountersignError("CANCELLED", "the connection has ended");
    } catch (error) {
      call.end(error);
      throw error;
    }
    before?.stop();
    const afterSeq = before?.place ?? subscription.afterSeq;
    this.#acknowledge(action, afterSeq);
    const pump = new Pump({
      feed,
      call,
      frames,
      outlet,
      follower: events.open(subscription.filter, afterSeq),
    });
    this.#pumps.set(feed.topic, pump);
    void pump.run().catch((error: unknown) => {
      if (this.#pumps.get(feed.topic) === pump) this.#pumps.delete(feed.topic);
      this.#answer(errorText(error, action.id, clock.nowMs(), feed.topic));
    });
  }

  async #authenticate(fields: Action["fields"]): Promise<void> {
    const text = (field: string): string | undefined => {
      const value = fields[field];
      if (value === undefined || typeof value === "string") return value;
      if (field === "timestamp" && Number.isSafeInteger(value)) return String(value);
      throw invalidField(field, typeof value, "a text");
    };
    const apiKey = text("credentials");
    const headers = new Map(
      (["address", "timestamp", "nonce", "signature"] as const).map((field) => [
        callHeaderNames[field],
        text(field),
      ]),
    );
    const isSigned = [...headers.values()].some((value) => value !== undefined);
    if (isSigned === (apiKey !== undefined)) {
      throw invalidField(
        isSigned ? "credentials" : "authenticate",
        isSigned ? "with a signature" : "",
        "either credentials, or address, timestamp, nonce and signature",
      );
    }
    const header = (name: string) => headers.get(name as never);
    const caller = await this.#identify({ ...this.#o.incoming, apiKey, header });
    // A signature counts once, so it is remembered; a key is looked at each time, since it may be revoked.
    this.#caller = isSigned ? caller : undefined;
    this.#apiKey = apiKey;
    this.#isAuthenticated = true;
  }

  async #identify(incoming: IncomingCall): Promise<Caller> {
    const caller = await this.#o.front.identify({ name: subscribeName, access: "open" }, incoming);
    if (caller.wallet === undefined && caller.user === undefined && caller.account === undefined)
      throw new CountersignError("UNAUTHENTICATED", "credentials: this node knows no such key");
    return caller;
  }

  #call(): IncomingCall {
    const { incoming } = this.#o;
    const spent: readonly string[] = [
      ...Object.values(callHeaderNames),
      ...(this.#isAuthenticated ? ["authorization", "nano-api-key"] : []),
    ];
    return {
      ...incoming,
      caller: this.#caller,
      apiKey: this.#apiKey,
      // They counted when the connection was made; a key that was shown since then counts in place of one of theirs.
      header: (name) => (spent.includes(name) ? undefined : incoming.header(name)),
    };
  }

  #acknowledge(action: Action, cursor?: number): void {
    if (action.wantsAck) this.#answer(ackText(action.name, action.id, this.#o.clock.nowMs(), cursor));
  }

  #answer(text: string): void {
    this.#o.outlet.answer(text);
  }
}
