import assert from "node:assert/strict";
import { once } from "node:events";
import { CountersignError, type Logger, type RateState, silentLogger } from "../../../src/base/index.ts";
import {
  errorView,
  type Front,
  type IncomingCall,
  Limits,
  limitsConfigSchema,
  unaryDeadlineMs,
} from "../../../src/facade/front/index.ts";
import { type Operation, operation } from "../../../src/operations/index.ts";
import { gatewayClientService as rpc } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { anyone, openFront } from "../../support/open-front.ts";

const never = new AbortController().signal;

function incoming(rest: Partial<IncomingCall> = {}): IncomingCall {
  return { facade: "rest", ip: "192.0.2.1", header: () => undefined, body: new Uint8Array(), ...rest };
}

function reading(run: Parameters<typeof operation>[3], limit: Operation["limit"] = "read"): Operation {
  return operation(
    rpc.GetTaskStatus,
    { access: "open", group: "inference", limit },
    (message) => message,
    run,
  );
}

describe("front of all facades", () => {
  const clock = new ManualClock();
  const open = (options: Parameters<typeof openFront>[0] = {}): Front => openFront({ clock, ...options });
  const refusing = { identify: () => Promise.reject(new CountersignError("UNAUTHENTICATED", "not signed")) };

  it("counts calls per caller, tells the rate also of the one that is refused, and lets the next in later", async () => {
    const limits = new Limits(limitsConfigSchema.parse({ http: { read: 2 } }));
    const front = open({ limits });
    const rates: RateState[] = [];
    const call = () =>
      front.unary(
        reading(async () => "ok"),
        incoming({ onRate: (state) => rates.push(state) }),
        {},
        never,
      );
    assert.equal(await call(), "ok");
    assert.equal(await call(), "ok");
    await assert.rejects(call(), { code: "RATE_LIMITED" });
    assert.deepEqual(
      rates.map(({ remaining, retryMs }) => [remaining, retryMs > 0]),
      [
        [1, false],
        [0, false],
        [0, true],
      ],
    );
    assert.equal(
      await front.unary(
        reading(async () => "ok"),
        incoming({ ip: "192.0.2.2" }),
        {},
        never,
      ),
      "ok",
    );
    await clock.advance(30_000);
    assert.equal(await call(), "ok");
  });

  it("counts a wallet's calls together wherever they come from, and a user's too", async () => {
    const limits = new Limits(limitsConfigSchema.parse({ http: { read: 1 } }));
    for (const who of [{ wallet: "0xaa" }, { user: "ann" }]) {
      const front = open({ limits, identity: { identify: async () => ({ ...anyone, ...who }) } });
      await front.unary(
        reading(async () => "ok"),
        incoming({ ip: "192.0.2.1" }),
        {},
        never,
      );
      await assert.rejects(
        front.unary(
          reading(async () => "ok"),
          incoming({ ip: "192.0.2.2" }),
          {},
          never,
        ),
        {
          code: "RATE_LIMITED",
        },
      );
    }
  });

  it("counts a /64 of IPv6 as one caller, and an IPv4 address as one in either form", async () => {
    for (const [one, same, other] of [
      ["2001:db8:0:1::5", "2001:db8:0:1:ffff::9", "2001:db8:0:2::5"],
      ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
    ] as const) {
      const front = open({ limits: new Limits(limitsConfigSchema.parse({ http: { read: 1 } })) });
      const call = (ip: string) =>
        front.unary(
          reading(async () => "ok"),
          incoming({ ip }),
          {},
          never,
        );
      await call(one);
      await assert.rejects(call(same), { code: "RATE_LIMITED" });
      await call(other);
    }
  });

  it("bounds the calls that a caller has under way, and lets the next one in when one has ended", async () => {
    const front = open({ limits: new Limits(limitsConfigSchema.parse({ open_calls: 1 })) });
    const endless = operation(
      rpc.SubscribeToTaskUpdates,
      { access: "open", group: "inference", limit: "read" },
      (message) => message,
      async function* () {
        yield 1;
      },
    );
    const first = await front.stream(endless, incoming(), {}, never);
    const second = () => front.stream(endless, incoming(), {}, never);
    await assert.rejects(second(), { code: "RATE_LIMITED", message: /1 calls under way/ });
    assert.ok(await front.stream(endless, incoming({ ip: "192.0.2.2" }), {}, never));
    for await (const message of first) assert.equal(message, 1);
    const left = await second();
    await left.return();
    assert.ok(await second());
  });

  it("stops checking who an address is once it has failed to say so too often", async () => {
    const front = open({ identity: refusing });
    const call = () =>
      front.unary(
        reading(async () => "ok"),
        incoming(),
        {},
        never,
      );
    for (let i = 0; i < 120; i++) await assert.rejects(call(), { code: "UNAUTHENTICATED" });
    await assert.rejects(call(), { code: "RATE_LIMITED" });
  });

  it("counts what cannot be read, and limits it by its address", () => {
    const front = open({ limits: new Limits(limitsConfigSchema.parse({ http: { read: 1 } })) });
    const error = new CountersignError("INVALID_ARGUMENT", "no JSON");
    front.unreadable(incoming(), error);
    assert.throws(() => front.unreadable(incoming(), error), { code: "RATE_LIMITED" });
    front.unreadable(incoming({ ip: "192.0.2.2" }), error);
    const [calls] = front.counts.metrics();
    assert.deepEqual(calls?.read(), { unreadable: 3 });
  });

  it("refuses calls once it is stopped", async () => {
    const front = open();
    const call = () =>
      front.unary(
        reading(async () => "ok"),
        incoming(),
        {},
        never,
      );
    assert.equal(await call(), "ok");
    front.stop();
    await assert.rejects(call(), { code: "UNAVAILABLE" });
  });

  it("ends a unary call at its deadline", async () => {
    const front = open();
    const untilAborted = reading(async (_, { signal }) => {
      if (!signal.aborted) await once(signal, "abort");
      throw signal.reason;
    });
    const late = front.unary(untilAborted, incoming(), {}, never);
    const ended = assert.rejects(late, { code: "DEADLINE_EXCEEDED" });
    await clock.advance(unaryDeadlineMs);
    await ended;
  });

  it("admits a stream before anything is read of it, and ends it when the caller hangs up or the front stops", async () => {
    for (const end of ["hang up", "stop"] as const) {
      const front = open();
      const hangUp = new AbortController();
      const endless = operation(
        rpc.SubscribeToTaskUpdates,
        { access: "open", group: "inference", limit: "read" },
        (message) => message,
        async function* (_, { signal }) {
          yield 1;
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        },
      );
      const messages = await front.stream(endless, incoming(), {}, hangUp.signal);
      assert.deepEqual(await messages.next(), { done: false, value: 1 });
      const next = assert.rejects(
        messages.next(),
        end === "stop" ? { code: "UNAVAILABLE" } : { name: "AbortError" },
      );
      if (end === "stop") front.stop();
      else hangUp.abort();
      await next;
      const [openCalls] = front.counts.metrics().filter(({ name }) => name === "calls_open");
      assert.equal(openCalls?.read(), 0);
    }
  });

  it("writes down who changed what and who was refused, and tells nothing of an unexpected failure", async () => {
    const lines: { sentence: string; operation?: string; outcome?: string; error?: string }[] = [];
    const write = (data: object, sentence: string) => lines.push({ ...data, sentence });
    const logger: Logger = { ...silentLogger, info: write, error: write };
    const front = open({ logger });
    await front.unary(
      reading(async () => "ok", "act"),
      incoming(),
      {},
      never,
    );
    const failed = front.unary(
      reading(() => Promise.reject(new Error("secret"))),
      incoming(),
      {},
      never,
    );
    const error = await failed.catch((reason: unknown) => reason);
    assert.equal(errorView(error).message, "the node could not process the call");
    await assert.rejects(
      open({ logger, identity: refusing }).unary(
        reading(async () => "ok"),
        incoming(),
        {},
        never,
      ),
    );
    assert.deepEqual(
      lines.map(({ sentence, outcome, error: text }) => [sentence, outcome ?? text]),
      [
        ["audit", "OK"],
        ["an operation failed unexpectedly", "secret"],
        ["audit", "UNAUTHENTICATED"],
      ],
    );
  });
});
