import { CountersignError } from "../base/index.ts";
import type { EventFilter, EventLog, LoggedEvent } from "../events/event-log.ts";
import type { Callable, CallContext, Caller, OperationGroup } from "./operation.ts";
import { isUnset, type Message, messageOf, refused } from "./request-fields.ts";

// Live topics: one operation over the event log, whatever the topic is fed from.

/** What there is to subscribe to, and who feeds it where this node has no such feed. */
export const topics: Readonly<Record<string, string>> = {
  task: "a gateway",
  node: "a gateway",
  subnet: "a gateway",
  validator: "a gateway",
  validation: "a gateway",
  snapshot: "an indexer",
  article: "an indexer",
};

/** A topic that this node has events of. */
export interface Feed {
  readonly topic: string;
  /** Name of the message that its events hold. */
  readonly message: string;
  readonly group: OperationGroup;
  /** What the subscription's options may name. */
  readonly options: readonly string[];
  /**
   * The events that the caller asks for and may see.
   * @throws CountersignError INVALID_ARGUMENT, UNAUTHENTICATED, ACCESS_DENIED, TASK_NOT_FOUND
   */
  filter(options: Message, caller: Caller): Promise<EventFilter>;
  /** The message's bytes as they are shown, where the event alone does not have them. */
  shown?(event: LoggedEvent): Promise<Uint8Array>;
}

/** Where a subscription begins, and what belongs to it. */
export interface Subscription {
  readonly filter: EventFilter;
  readonly afterSeq: number;
}

interface Request {
  readonly options: Message;
  /** Undefined: from now on. */
  readonly cursor: number | undefined;
}

/** `Subscribe` to one topic. Its answer is a `Subscription`. */
export function subscribeOperation(feed: Feed, events: Pick<EventLog, "checkCursor" | "lastSeq">): Callable {
  const check = (message: unknown): Request => {
    const { options, cursor } = messageOf("request", message);
    const given = isUnset(options) ? {} : messageOf("options", options);
    for (const name of Object.keys(given)) {
      if (!feed.options.includes(name))
        throw refused(`options.${name.slice(0, 64)}`, given[name], optionsForm(feed));
    }
    if (isUnset(cursor)) return { options: given, cursor: undefined };
    if (!Number.isSafeInteger(cursor) || (cursor as number) < 0)
      throw refused("cursor", cursor, "the seq of an event, or 0");
    events.checkCursor(cursor as number);
    return { options: given, cursor: cursor as number };
  };
  const run = async ({ options, cursor }: Request, { caller }: CallContext): Promise<Subscription> => {
    // Taken first: what happens while tasks are looked up belongs to the subscription.
    const afterSeq = cursor ?? events.lastSeq;
    return { filter: await feed.filter(options, caller), afterSeq };
  };
  return {
    name: subscribeName,
    method: { responseStream: true },
    access: "open",
    group: feed.group,
    limit: "read",
    check: check as never,
    run: run as never,
  };
}

export const subscribeName = "Subscribe";

/** @throws CountersignError INVALID_ARGUMENT for an unknown topic, NOT_SERVED for one that nobody feeds here */
export function feedOf(feeds: ReadonlyMap<string, Feed>, topic: unknown): Feed {
  const feed = typeof topic === "string" ? feeds.get(topic) : undefined;
  if (feed !== undefined) return feed;
  if (typeof topic !== "string" || !Object.hasOwn(topics, topic))
    throw refused("topic", topic, `one of ${Object.keys(topics).join(", ")}`);
  throw new CountersignError(
    "NOT_SERVED",
    `topic: this node has no events of "${topic}"; ${topics[topic]} has`,
    { field: "topic", allowed: [...feeds.keys()].join(", ") },
  );
}

function optionsForm({ topic, options }: Feed): string {
  return options.length === 0 ? `no options for topic ${topic}` : `only ${options.join(", ")}`;
}
