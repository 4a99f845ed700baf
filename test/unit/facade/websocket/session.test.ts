import assert from "node:assert/strict";
import fc from "fast-check";
import { CountersignError } from "../../../../src/base/index.ts";
import type { EventLog } from "../../../../src/events/index.ts";
import type { FrontOptions, IncomingCall } from "../../../../src/facade/front/index.ts";
import { EventFrames, Session } from "../../../../src/facade/websocket/index.ts";
import type { Outlet } from "../../../../src/facade/websocket/pump.ts";
import { nodeEvent, openFeed, TestLog, unreadableEvent } from "../../../support/live-topics.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { anyone, openFront } from "../../../support/open-front.ts";

interface Told {
  readonly ack?: string;
  readonly id?: string;
  readonly cursor?: number;
  readonly error?: { readonly code: string; readonly message: string; readonly field?: string };
  readonly topic?: string;
  readonly seq?: number;
  readonly time?: number;
  readonly message?: { readonly node_id: string };
}

/** Takes what a session says; has no room while told so. */
class Ear implements Outlet {
  readonly answers: Told[] = [];
  readonly events: Told[] = [];
  #full: { promise: Promise<void>; resolve: () => void } | undefined;
  #waits: { isSo: () => boolean; resolve: () => void }[] = [];

  answer(text: string): void {
    this.answers.push(JSON.parse(text) as Told);
    this.#look();
  }

  event(frame: Buffer): void {
    assert.equal(frame[0], 0x81);
    const text = frame.subarray((frame[1] ?? 0) < 126 ? 2 : 4).toString();
    this.events.push(JSON.parse(text) as Told);
    this.#look();
  }

  room(): Promise<void> | undefined {
    return this.#full?.promise;
  }

  fill(): void {
    this.#full ??= Promise.withResolvers<void>();
  }

  empty(): void {
    this.#full?.resolve();
    this.#full = undefined;
  }

  until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve) => this.#waits.push({ isSo, resolve }));
  }

  get nodes(): (string | undefined)[] {
    return this.events.map(({ message }) => message?.node_id);
  }

  #look(): void {
    const due = this.#waits.filter(({ isSo }) => isSo());
    this.#waits = this.#waits.filter((one) => !due.includes(one));
    for (const { resolve } of due) resolve();
  }
}

const incoming: IncomingCall = {
  facade: "websocket",
  ip: "192.0.2.1",
  header: () => undefined,
  body: new Uint8Array(),
};

describe("a WebSocket session", () => {
  const clock = new ManualClock();
  let stored: TestLog;
  let log: EventLog;
  const sessions: Session[] = [];

  beforeEach(async () => {
    stored = new TestLog(clock, { maxEvents: 50 });
    log = await stored.open();
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.stop();
    await stored.remove();
  });

  const open = (ear: Outlet, front: Partial<FrontOptions> = {}): Session => {
    const session = new Session({
      feeds: new Map([["node", openFeed]]),
      events: log,
      frames: new EventFrames(),
      front: openFront({ clock, ...front }),
      outlet: ear,
      incoming,
      caller: undefined,
      clock,
    });
    sessions.push(session);
    return session;
  };
  const said = async (session: Session, ear: Ear, action: object | string): Promise<Told | undefined> => {
    const before = ear.answers.length;
    await session.receive(typeof action === "string" ? action : JSON.stringify(action));
    assert.ok(ear.answers.length - before <= 1, "more than one answer");
    return ear.answers[before];
  };

  it("acknowledges what asks for it, with the id and the place in the log, and a ping always", async () => {
    const ear = new Ear();
    const session = open(ear);
    await log.append([nodeEvent("before")]);
    const time = clock.nowMs();
    const subscribe = { action: "subscribe", topic: "node", id: "s1", ack: true };
    assert.deepEqual(await said(session, ear, subscribe), { ack: "subscribe", id: "s1", time, cursor: 1 });
    assert.deepEqual(await said(session, ear, { action: "update", topic: "node", options: {} }), undefined);
    assert.deepEqual(await said(session, ear, { action: "ping" }), { ack: "pong", time });
    assert.deepEqual(await said(session, ear, { action: "unsubscribe", topic: "node", ack: true }), {
      ack: "unsubscribe",
      time,
      cursor: 1,
    });
  });

  it("tells events as they come, and what came after a cursor before that", async () => {
    const ear = new Ear();
    const [first] = await log.append([nodeEvent("a"), nodeEvent("b")]);
    await open(ear).receive(JSON.stringify({ action: "subscribe", topic: "node", cursor: first?.seq }));
    await log.append([nodeEvent("c")]);
    await ear.until(() => ear.events.length === 2);
    assert.deepEqual(ear.nodes, ["b", "c"]);
    const [event] = ear.events;
    assert.deepEqual([event?.topic, event?.seq, event?.time], ["node", 2, clock.nowMs()]);
  });

  it("changes a subscription's options where it stands: nothing is lost, nothing told twice", async () => {
    const ear = new Ear();
    const session = open(ear);
    await said(session, ear, { action: "subscribe", topic: "node", options: { owner: "x" } });
    await log.append([nodeEvent("1", "x"), nodeEvent("2", "y"), nodeEvent("3", "x")]);
    await ear.until(() => ear.events.length === 2);
    await said(session, ear, { action: "update", topic: "node", options: { owner: "y" } });
    await log.append([nodeEvent("4", "x"), nodeEvent("5", "y")]);
    await ear.until(() => ear.events.length === 3);
    assert.deepEqual(ear.nodes, ["1", "3", "5"]);
  });

  it("updates in the middle of a batch that waits for room", async () => {
    const ear = new Ear();
    const session = open(ear);
    await said(session, ear, { action: "subscribe", topic: "node", options: { owner: "x" } });
    ear.fill();
    await log.append([nodeEvent("1", "x"), nodeEvent("2", "x"), nodeEvent("3", "y")]);
    await ear.until(() => ear.events.length === 1);
    await said(session, ear, { action: "update", topic: "node" });
    ear.empty();
    await ear.until(() => ear.events.length === 3);
    assert.deepEqual(ear.nodes, ["1", "2", "3"]);
  });

  it("ends a subscription at once, also while it waits for room", async () => {
    const ear = new Ear();
    const session = open(ear);
    await said(session, ear, { action: "subscribe", topic: "node" });
    ear.fill();
    await log.append([nodeEvent("1"), nodeEvent("2")]);
    await ear.until(() => ear.events.length === 1);
    const left = await said(session, ear, { action: "unsubscribe", topic: "node", ack: true });
    assert.equal(left?.cursor, 1);
    ear.empty();
    await said(session, ear, { action: "subscribe", topic: "node", cursor: left?.cursor });
    await ear.until(() => ear.events.length === 2);
    assert.deepEqual(ear.nodes, ["1", "2"]);
  });

  const refused: readonly [what: string, action: object | string, code: string, field: string | undefined][] =
    [
      ["text that is no JSON", "{", "INVALID_ARGUMENT", undefined],
      ["JSON that is no object", "[]", "INVALID_ARGUMENT", "action"],
      ["an unknown action", { action: "shout" }, "INVALID_ARGUMENT", "action"],
      ["an unknown field", { action: "ping", loud: true }, "INVALID_ARGUMENT", "loud"],
      [
        "a field of another action",
        { action: "unsubscribe", topic: "node", cursor: 1 },
        "INVALID_ARGUMENT",
        "cursor",
      ],
      ["an ack that is no boolean", { action: "ping", ack: "yes" }, "INVALID_ARGUMENT", "ack"],
      ["an id that is no text", { action: "ping", id: 7 }, "INVALID_ARGUMENT", "id"],
      ["a topic that there is not", { action: "subscribe", topic: "weather" }, "INVALID_ARGUMENT", "topic"],
      ["a topic without a feed here", { action: "subscribe", topic: "snapshot" }, "NOT_SERVED", "topic"],
      [
        "an unknown option",
        { action: "subscribe", topic: "node", options: { a: 1 } },
        "INVALID_ARGUMENT",
        "options.a",
      ],
      [
        "options that are no object",
        { action: "subscribe", topic: "node", options: [] },
        "INVALID_ARGUMENT",
        "options",
      ],
      [
        "a cursor that is no sequence",
        { action: "subscribe", topic: "node", cursor: -1 },
        "INVALID_ARGUMENT",
        "cursor",
      ],
      [
        "a cursor of the future",
        { action: "subscribe", topic: "node", cursor: 1 },
        "FUTURE_CURSOR",
        "cursor",
      ],
      ["an update of nothing", { action: "update", topic: "node" }, "NOT_FOUND", "topic"],
      ["an end of nothing", { action: "unsubscribe", topic: "node" }, "NOT_FOUND", "topic"],
      ["empty credentials", { action: "authenticate" }, "INVALID_ARGUMENT", "authenticate"],
      [
        "two kinds of credentials",
        { action: "authenticate", credentials: "k", nonce: "0x" },
        "INVALID_ARGUMENT",
        "credentials",
      ],
      ["a key that nobody has", { action: "authenticate", credentials: "k" }, "UNAUTHENTICATED", undefined],
      [
        "more than an action may have",
        `{"action":"ping","id":"${"x".repeat(65_536)}"}`,
        "TOO_LARGE",
        undefined,
      ],
    ];
  for (const [what, action, code, field] of refused) {
    it(`refuses ${what} with ${code}, and goes on`, async () => {
      const ear = new Ear();
      const session = open(ear);
      const hasId = typeof action === "object" && !("id" in action);
      const told = await said(session, ear, hasId ? { ...action, id: "q" } : action);
      assert.deepEqual([told?.error?.code, told?.error?.field], [code, field], told?.error?.message);
      assert.equal(told?.id, hasId ? "q" : undefined);
      assert.equal((await said(session, ear, { action: "ping" }))?.ack, "pong");
    });
  }

  it("refuses a second subscription to a topic with ALREADY_EXISTS", async () => {
    const ear = new Ear();
    const session = open(ear);
    await said(session, ear, { action: "subscribe", topic: "node" });
    const again = await said(session, ear, { action: "subscribe", topic: "node", id: "again" });
    assert.deepEqual([again?.error?.code, again?.id], ["ALREADY_EXISTS", "again"]);
  });

  it("refuses a cursor whose events are gone with OUTDATED_CURSOR, and 0 begins at the oldest that is kept", async () => {
    await log.append(Array.from({ length: 60 }, (_, index) => nodeEvent(String(index))));
    await stored.log.prune();
    const ear = new Ear();
    const session = open(ear);
    const told = await said(session, ear, { action: "subscribe", topic: "node", cursor: 9 });
    assert.equal(told?.error?.code, "OUTDATED_CURSOR");
    assert.match(told?.error?.message ?? "", /oldest kept is 11/);
    await said(session, ear, { action: "subscribe", topic: "node", cursor: 0 });
    await ear.until(() => ear.events.length === 50);
    assert.equal(ear.events[0]?.seq, 11);
  });

  it("tells a subscription that is overtaken by pruning so, by its id, and ends it", async () => {
    const ear = new Ear();
    const session = open(ear);
    await log.append([nodeEvent("0")]);
    await said(session, ear, { action: "subscribe", topic: "node", id: "slow" });
    ear.fill();
    await log.append([nodeEvent("1")]);
    await ear.until(() => ear.events.length === 1);
    for (let from = 0; from < 600; from += 100)
      await log.append(Array.from({ length: 100 }, (_, index) => nodeEvent(String(from + index))));
    await stored.log.prune();
    ear.empty();
    await ear.until(() => ear.answers.length === 1);
    const [told] = ear.answers;
    assert.deepEqual([told?.error?.code, told?.id, told?.topic], ["OUTDATED_CURSOR", "slow", "node"]);
    assert.equal((await said(session, ear, { action: "update", topic: "node" }))?.error?.code, "NOT_FOUND");
  });

  it("tells of an event that cannot be shown as an error of the subscription, without the inside", async () => {
    const ear = new Ear();
    await said(open(ear), ear, { action: "subscribe", topic: "node", id: "s" });
    await log.append([unreadableEvent]);
    await ear.until(() => ear.answers.length === 1);
    assert.deepEqual([ear.answers[0]?.error?.code, ear.answers[0]?.id], ["INTERNAL", "s"]);
  });

  it("refuses more actions a minute than a connection may send, and takes them again later", async () => {
    const ear = new Ear();
    const session = open(ear);
    for (let index = 0; index < 600; index++) await session.receive('{"action":"ping"}');
    assert.equal((await said(session, ear, { action: "ping" }))?.error?.code, "RATE_LIMITED");
    clock.advance(1_000);
    assert.equal((await said(session, ear, { action: "ping" }))?.ack, "pong");
  });

  it("subscribes as who the connection has shown to be, by signature once, by key each time", async () => {
    const ear = new Ear();
    const asked: (string | undefined)[] = [];
    const identity: FrontOptions["identity"] = {
      async identify(_, { apiKey, header }) {
        asked.push(apiKey ?? header("x-countersign-address"));
        if (apiKey === "good") return { ...anyone, user: "ann" };
        if (header("x-countersign-address") !== undefined) return { ...anyone, wallet: "0xaa" };
        throw new CountersignError("UNAUTHENTICATED", "who are you?");
      },
    };
    const session = open(ear, { identity });
    const subscribe = { action: "subscribe", topic: "node" };
    assert.equal((await said(session, ear, subscribe))?.error?.code, "UNAUTHENTICATED");
    assert.equal(
      (await said(session, ear, { action: "authenticate", credentials: "bad" }))?.error?.code,
      "UNAUTHENTICATED",
    );
    await said(session, ear, { action: "authenticate", credentials: "good" });
    await said(session, ear, subscribe);
    const signed = { address: "0xaa", timestamp: 1, nonce: "0x", signature: "0x" };
    assert.equal(
      (await said(session, ear, { action: "authenticate", ...signed, ack: true }))?.ack,
      "authenticate",
    );
    assert.equal((await said(session, ear, { action: "update", topic: "node", ack: true }))?.ack, "update");
    assert.deepEqual(asked, [undefined, "bad", "good", "good", "0xaa"]);
  });

  it("answers any text once at most, and every refused one", async () => {
    const ear = new Ear();
    const session = open(ear);
    const word = fc.constantFrom(
      "action",
      "topic",
      "id",
      "ack",
      "options",
      "cursor",
      "subscribe",
      "update",
      "unsubscribe",
      "ping",
      "authenticate",
      "node",
      "task",
    );
    const value = fc.oneof(word, fc.jsonValue({ maxDepth: 2 }), fc.nat(3), fc.boolean());
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.dictionary(word, value).map((fields) => JSON.stringify(fields)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const before = ear.answers.length;
        await session.receive(given);
        const answers = ear.answers.slice(before);
        assert.ok(answers.length <= 1);
        const [answer] = answers;
        assert.ok(answer === undefined || (answer.ack === undefined) !== (answer.error === undefined));
        assert.notEqual(answer?.error?.code, "INTERNAL", given);
        clock.advance(1_000);
      }),
      { numRuns: 300 },
    );
  });

  it("tells every event once and in order, however appends, pauses, updates, disconnections and restarts fall", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 40 }) }) },
      { weight: 2, arbitrary: fc.constant({ fill: true as const }) },
      { weight: 2, arbitrary: fc.constant({ empty: true as const }) },
      { weight: 2, arbitrary: fc.constant({ turn: true as const }) },
      { weight: 2, arbitrary: fc.constant({ update: true as const }) },
      { weight: 2, arbitrary: fc.record({ disconnect: fc.boolean() }) },
    );
    await stored.remove();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        stored = new TestLog(clock);
        log = await stored.open();
        const seen: (number | undefined)[] = [];
        let ear = new Ear();
        let session = open(ear);
        const connect = (cursor: number) =>
          said(session, ear, { action: "subscribe", topic: "node", cursor });
        await connect(0);
        for (const one of steps) {
          if ("append" in one)
            await log.append(Array.from({ length: one.append }, (_, n) => nodeEvent(String(n))));
          else if ("fill" in one) ear.fill();
          else if ("empty" in one) ear.empty();
          else if ("turn" in one) await new Promise((resolve) => setImmediate(resolve));
          else if ("update" in one)
            assert.equal(await said(session, ear, { action: "update", topic: "node" }), undefined);
          else {
            session.stop();
            ear.empty();
            seen.push(...ear.events.map(({ seq }) => seq));
            if (one.disconnect) log = await stored.reopen();
            ear = new Ear();
            session = open(ear);
            await connect(seen.at(-1) ?? 0);
          }
        }
        ear.empty();
        await ear.until(() => seen.length + ear.events.length >= log.lastSeq);
        seen.push(...ear.events.map(({ seq }) => seq));
        session.stop();
        const all = Array.from({ length: log.lastSeq }, (_, index) => index + 1);
        await stored.remove();
        assert.deepEqual(seen, all);
      }),
      { numRuns: 40 },
    );
    stored = new TestLog(clock);
  });
});
