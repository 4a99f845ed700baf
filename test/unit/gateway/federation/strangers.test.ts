import assert from "node:assert/strict";
import fc from "fast-check";
import type { ErrorCode } from "../../../../src/base/index.ts";
import {
  type AskName,
  decodeAnswer,
  decodeMessage,
  encodeMessage,
  maxInputBytes,
  maxMessageBytes,
  maxOutputBytes,
  maxStructureBytes,
  type TaskRef,
} from "../../../../src/roles/gateway/federation/task-messages.ts";
import { countersign, type PreprocessingValidation } from "../../../../src/wire/index.ts";
import { FederationNetwork, pay, type SimNode, type TestGateway } from "./network.ts";

const nobody = `0x${"0".repeat(40)}`;
type HandOver = countersign.v1.TaskHandOver.$Properties;
type Result = countersign.v1.TaskResult.$Properties;

describe("what another gateway or a stranger sends by the task protocol", function () {
  this.timeout(30_000);
  let net: FederationNetwork;
  let a: TestGateway;
  let b: TestGateway;
  let c: TestGateway;
  let node: SimNode;

  const start = async (isPaid = false, options = {}, federation = {}) => {
    net = new FederationNetwork({ isPaid });
    a = await net.gateway("a");
    b = await net.gateway("b", federation);
    c = await net.gateway("c");
    node = net.node("node-b", [b], { priceWei: isPaid ? "1000" : "0", workMs: 30_000, ...options });
    await net.pass(100);
  };
  afterEach(() => net.stop());

  const ref = (requestId = "request-1", fields: Partial<TaskRef> = {}): TaskRef => ({
    gateway: a.wallet,
    client: nobody,
    requestId,
    attempt: 0,
    ...fields,
  });
  const send = async (from: string, to: string, message: Uint8Array) => {
    const answer = net.deliver(from, to, message);
    answer.catch(() => {});
    await net.pass(100);
    return decodeAnswer(await answer);
  };
  const refused = (from: string, to: string, message: Uint8Array, code: ErrorCode, text = /./) =>
    assert.rejects(send(from, to, message), { code, message: text });
  const reserve = (fields: Partial<TaskRef> = {}, requestId = "request-1") =>
    encodeMessage(ref(requestId, fields), "reserve", { model_uuid: "model" });
  const nothingStored = async () => {
    assert.deepEqual(await b.running.tasks.list("", 10), []);
    assert.deepEqual(b.heldSlots, []);
    assert.deepEqual(node.received, []);
  };

  /** The first message of that kind that was sent, as it went out. */
  const sentBy = <T>(name: AskName): T => {
    const found = net.sent.map((bytes) => decodeMessage(bytes).ask).find((ask) => ask.name === name);
    assert.ok(found, `no ${name} was sent`);
    return found.body as T;
  };
  /** Has a task of A handed over to B, but for the message itself, which is answered here. */
  const handOverOfA = async (): Promise<HandOver> => {
    // Once a slot is reserved, nothing that A sends arrives.
    void a.submit("request-1").catch(() => {});
    await net.until("A has its quote", async () => (await a.task("request-1"))?.quote !== undefined);
    net.isCut = (from) => from === "a";
    if (net.isPaid) {
      await net.until("terms", async () => (await a.task("request-1"))?.state === "awaiting_payment");
      const task = await a.task("request-1");
      assert.ok(task);
      pay(net, task);
    }
    await net.until("it is sent", () =>
      net.sent.some((bytes) => decodeMessage(bytes).ask.name === "hand_over"),
    );
    return sentBy<HandOver>("hand_over");
  };

  it("is refused to who is no gateway, and to who speaks for another one", async () => {
    await start();
    for (const [from, gateway] of [
      ["stranger", a.wallet],
      ["c", a.wallet],
      ["stranger", nobody],
    ] as const) {
      for (const name of ["reserve", "hand_over", "check", "release"] as const) {
        await refused(from, "b", encodeMessage(ref("x", { gateway }), name, {}), "ACCESS_DENIED");
      }
    }
    await refused("stranger", "a", encodeMessage(ref("x"), "result", {}), "TASK_NOT_FOUND");
    await refused("b", "a", encodeMessage(ref("x", { gateway: c.wallet }), "result", {}), "INVALID_ARGUMENT");
    await nothingStored();
  });

  it("is refused to a gateway that the operator has not allowed", async () => {
    await start(false, {}, { allow: [nobody] });
    await refused("a", "b", reserve(), "ACCESS_DENIED", /takes no tasks from/);
    await nothingStored();
  });

  it("is no task without a quorum's signatures over a quote of that gateway, task and node", async () => {
    await start();
    const good = await handOverOfA();
    const validation = good.validation as PreprocessingValidation.$Properties;
    const [signature] = validation.validator_signatures ?? [];
    const bad: [string, Partial<HandOver>, Partial<TaskRef>][] = [
      ["no validation", { validation: null }, {}],
      ["no signatures", { validation: { ...validation, validator_signatures: [] } }, {}],
      ["another's signature", { validation: { ...validation, compute_node_id: "other" } }, {}],
      [
        "a signature of nobody",
        {
          validation: { ...validation, validator_signatures: [{ ...signature, validator_address: nobody }] },
        },
        {},
      ],
      ["a quote of the future", { validation: { ...validation, expiry_timestamp: 9_999_999_999 } }, {}],
      ["another request", {}, { requestId: "request-2" }],
      ["another client", {}, { client: `0x${"9".repeat(40)}` }],
      ["an attempt without its grant", {}, { attempt: 1 }],
      ["another model", { model_uuid: "other" }, {}],
      ["no JSON", { input_data: "{" }, {}],
      ["too long", { input_data: `"${"x".repeat(maxInputBytes)}"` }, {}],
    ];
    for (const [what, fields, named] of bad) {
      const message = encodeMessage(ref("request-1", named), "hand_over", { ...good, ...fields });
      const code = what === "another model" ? "NO_COMPUTE_NODE" : "INVALID_ARGUMENT";
      const text = what === "a quote of the future" ? /a time that the genesis allows/ : /./;
      await assert.rejects(send("a", "b", message), { code, message: text }, what);
    }
    const stolen = encodeMessage(ref("request-1", { gateway: c.wallet }), "hand_over", good);
    await refused("c", "b", stolen, "INVALID_ARGUMENT");
    assert.deepEqual(await b.running.tasks.list("", 10), []);
    await send("a", "b", encodeMessage(ref(), "hand_over", good));
    assert.equal(node.received.length, 1);
  });

  it("is no task before its escrow is paid as this gateway sees it, nor for less than the node asks", async () => {
    await start(true);
    const good = await handOverOfA();
    const escrow = net.chain.escrows.get("request-1");
    assert.ok(escrow);
    const message = encodeMessage(ref(), "hand_over", good);
    net.chain.escrows.delete("request-1");
    await refused("a", "b", message, "PAYMENT_INVALID", /unpaid/);
    net.chain.escrows.set("request-1", { ...escrow, depth: 1 });
    await refused("a", "b", message, "PAYMENT_INVALID", /shallow/);
    net.chain.escrows.set("request-1", { ...escrow, validationDigest: new Uint8Array(32) });
    await refused("a", "b", message, "PAYMENT_INVALID", /foreign/);
    net.chain.escrows.set("request-1", { ...escrow, state: "refunded" });
    await refused("a", "b", message, "TASK_ENDED");
    net.chain.escrows.set("request-1", escrow);
    net.chain.isUp = false;
    await refused("a", "b", message, "CHAIN_UNAVAILABLE");
    net.chain.isUp = true;
    assert.deepEqual(node.received, []);
    await send("a", "b", message);
    assert.equal(node.received.length, 1);
  });

  it("is one task however often it is handed over", async () => {
    await start(false, { workMs: 300 });
    const good = await handOverOfA();
    const message = encodeMessage(ref(), "hand_over", good);
    await Promise.all([send("a", "b", message), send("a", "b", message)]);
    await send("a", "b", message);
    const other = encodeMessage(ref(), "hand_over", { ...good, input_data: "{}" });
    await refused("a", "b", other, "ALREADY_EXISTS");
    net.isCut = () => false;
    await net.until("settled", async () => (await a.task("request-1"))?.state === "settled");
    await net.pass(15_000);
    await send("a", "b", message);
    await net.pass(1_000);
    assert.equal(node.received.length, 1);
    assert.equal(a.receipts.length, 1);
  });

  it("is a result only from the gateway that has the task, signed by its node, of that attempt", async () => {
    await start(false, { workMs: 300 });
    void a.submit("request-1").catch(() => {});
    await net.until("it is there", () => node.received.length === 1);
    net.isCut = (from) => from === "b";
    await net.until("a result is sent", () =>
      net.sent.some((bytes) => decodeMessage(bytes).ask.name === "result"),
    );
    const good = sentBy<Result>("result");
    const result = (fields: Partial<Result>, named: Partial<TaskRef> = {}) =>
      encodeMessage(ref("request-1", named), "result", { ...good, ...fields });
    await refused("c", "a", result({}), "ACCESS_DENIED");
    await refused("stranger", "a", result({}), "ACCESS_DENIED");
    await refused("b", "a", result({}, { attempt: 1 }), "TASK_ENDED");
    await refused("b", "a", result({ output_data: "{}" }), "INVALID_ARGUMENT", /result_hash/);
    const completion = good.completion ?? {};
    const forged = { ...completion, compute_node_signature: `0x${"11".repeat(64)}1b` };
    await refused("b", "a", result({ completion: forged }), "INVALID_ARGUMENT", /signature/);
    await refused("b", "a", result({ completion: {} }), "INVALID_ARGUMENT");
    await refused("b", "a", result({ output_data: "x".repeat(maxOutputBytes + 1) }), "TOO_LARGE");
    assert.equal((await a.task("request-1"))?.state, "dispatched");
    await send("b", "a", result({}));
    await net.until("settled", async () => (await a.task("request-1"))?.state === "settled");
    await send("b", "a", result({}));
    await refused("b", "a", result({ output_data: "{}" }), "ALREADY_EXISTS");
    assert.equal(a.receipts.length, 1);
  });

  it("holds no more slots than one gateway may, and none for ever", async () => {
    await start(false, { slots: 1_000 });
    for (let index = 0; index < 256; index++) await net.deliver("a", "b", reserve({}, `request-${index}`));
    await net.deliver("a", "b", reserve({}, "request-0"));
    await refused("a", "b", reserve({}, "request-256"), "RATE_LIMITED");
    await net.deliver("c", "b", reserve({ gateway: c.wallet }, "of-c"));
    assert.equal(b.heldSlots.length, 257);
    await net.deliver("a", "b", encodeMessage(ref("request-7"), "release", {}));
    await net.deliver("a", "b", encodeMessage(ref("request-7"), "release", {}));
    assert.equal(b.heldSlots.length, 256);
    await net.pass(60_000);
    assert.deepEqual(b.heldSlots, []);
  });

  it("makes no more tasks than the operator allows", async () => {
    await start(false, { slots: 10 }, { max_tasks: 2 });
    await net.deliver("a", "b", reserve({}, "request-1"));
    await net.deliver("a", "b", reserve({}, "request-2"));
    await refused("a", "b", reserve({}, "request-3"), "UNAVAILABLE", /2 tasks for others/);
  });

  it("is answered clearly when it names nothing that is known", async () => {
    await start();
    await refused("a", "b", encodeMessage(ref("unknown"), "check", {}), "TASK_NOT_FOUND");
    await send("a", "b", encodeMessage(ref("unknown"), "release", {}));
    await refused("b", "a", encodeMessage(ref("unknown"), "result", {}), "TASK_NOT_FOUND");
    await refused("b", "a", encodeMessage(ref("unknown"), "progress", {}), "TASK_NOT_FOUND");
    const unserved = encodeMessage(ref(), "reserve", { model_uuid: "none" });
    await refused("a", "b", unserved, "NO_COMPUTE_NODE");
    await refused(
      "a",
      "b",
      encodeMessage(ref(), "reserve", { model_uuid: "model", max_price_wei: "x" }),
      "INVALID_ARGUMENT",
    );
    await nothingStored();
  });
});

describe("a task message", () => {
  const named = { gateway: nobody, client: nobody, request_id: "request-1", attempt: 0 };
  const encode = (message: countersign.v1.TaskMessage.$Properties) =>
    countersign.v1.TaskMessage.encode(message).finish();

  it("that is garbage is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.throws(() => decodeMessage(bytes), { name: "CountersignError" });
      }),
    );
  });

  it("that was changed anywhere decodes to something bounded or is refused", () => {
    const good = encode({
      task: named,
      reserve: { model_uuid: "model", max_price_wei: "1", except: ["a/b"] },
    });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = value;
        try {
          const { ref } = decodeMessage(bytes);
          assert.match(ref.requestId, /^[A-Za-z0-9._:-]{1,128}$/);
          assert.ok(ref.attempt <= 64);
        } catch (error) {
          assert.equal((error as Error).name, "CountersignError");
        }
      }),
    );
  });

  it("names one task and asks one thing", () => {
    const bad: countersign.v1.TaskMessage.$Properties[] = [
      { task: named },
      { check: {} },
      { task: { ...named, gateway: "0x1" }, check: {} },
      { task: { ...named, client: nobody.replaceAll("0", "A") }, check: {} },
      { task: { ...named, request_id: "a b" }, check: {} },
      { task: { ...named, attempt: 65 }, check: {} },
      { task: named, reserve: { except: Array.from({ length: 100 }, () => "a/b") } },
      { task: named, reserve: { except: ["x".repeat(300)] } },
    ];
    for (const message of bad)
      assert.throws(() => decodeMessage(encode(message)), { code: "INVALID_ARGUMENT" });
    assert.equal(decodeMessage(encode({ task: named, check: {} })).ask.name, "check");
  });

  it("may be as large as an output, but not of as many parts", () => {
    const text = "x".repeat(maxOutputBytes);
    assert.equal(decodeMessage(encode({ task: named, result: { output_data: text } })).ask.name, "result");
    const parts = Array.from({ length: maxStructureBytes }, () => ({}));
    assert.throws(() => decodeMessage(encode({ task: named, hand_over: { grants: parts } })), {
      code: "TOO_LARGE",
    });
    assert.throws(() => decodeMessage(new Uint8Array(maxMessageBytes + 1)), { code: "TOO_LARGE" });
  });
});
