import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { systemClock, systemRandom } from "../../../src/base/index.ts";
import {
  AccessPermissions,
  AccessRules,
  CallerIdentity,
  hashOfKey,
  newApiKey,
  parseAccess,
} from "../../../src/facade/auth/index.ts";
import { Limits, limitsConfigSchema } from "../../../src/facade/front/index.ts";
import {
  encodeEnvelope,
  encodeMessage,
  type Format,
  mediaTypes,
  messageNamed,
  messagesSchema,
} from "../../../src/facade/messages/index.ts";
import { operation } from "../../../src/operations/index.ts";
import { gatewayClientService } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TestDoor, weightyAccount } from "../../support/message-door.ts";
import { anyone, openFront } from "../../support/open-front.ts";

// The reference's page about its RPC gateway, example by example, over HTTP.

interface Answer {
  readonly message_type: string;
  readonly message: Readonly<Record<string, unknown>>;
}

const timeMs = 1_579_736_914_615;
const read = { access: "open", group: "inference", limit: "read" } as const;

describe("the message gateway", () => {
  let door: TestDoor;
  const open = async (options: Parameters<typeof TestDoor.start>[0] = {}) => {
    door = await TestDoor.start(options);
    return door;
  };
  afterEach(() => door.stop());

  const json = async (path: string, text: string, headers = {}) => {
    const response = await door.fetch(path, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/json", ...headers },
    });
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      answer: (await response.json()) as Answer,
    };
  };

  it("answers the reference's call without an envelope", async () => {
    await open({ clock: new ManualClock(timeMs) });
    const { status, type, answer } = await json("/AccountWeight", `{\n    "account": "${weightyAccount}"\n}`);
    assert.deepEqual([status, type], [200, "application/json"]);
    assert.deepEqual(answer, {
      time: timeMs,
      message_type: "AccountWeightResponse",
      message: { voting_weight: "668657804547735335568510480612620716" },
    });
    assert.deepEqual(Object.keys(answer), ["time", "message_type", "message"]);
  });

  it("answers the reference's calls in an envelope, and hands credentials on", async () => {
    const keys: (string | undefined)[] = [];
    const identity = {
      identify: async (_: unknown, { apiKey }: { apiKey?: string | undefined }) => {
        keys.push(apiKey);
        return { wallet: undefined, proof: undefined, isLocal: false };
      },
    };
    await open({ front: openFront({ identity }), clock: new ManualClock(timeMs) });
    const envelope = (credentials: string) => `{${credentials}
    "message_type" : "AccountWeight",
    "message": {
        "account": "${weightyAccount}"
    }
}`;
    const expected = {
      time: timeMs,
      message_type: "AccountWeightResponse",
      message: { voting_weight: "668657804547735335568510480612620716" },
    };
    assert.deepEqual((await json("", envelope(""))).answer, expected);
    assert.deepEqual((await json("", envelope('"credentials": "mywalletuser",'))).answer, expected);
    const header = { "nano-api-key": "of the header" };
    assert.deepEqual((await json("/", envelope('"credentials": "mywalletuser",'), header)).answer, expected);
    assert.deepEqual((await json("/IsAlive", "{}", header)).status, 200);
    assert.deepEqual(keys, [undefined, "mywalletuser", "mywalletuser", "of the header"]);
  });

  it("answers a call that the access rules deny as the reference does, with a key or without", async () => {
    const key = newApiKey(systemRandom);
    const table = parseAccess(
      "access.yaml",
      `users: { ann: { keys: [{ hash: ${hashOfKey(key)} }], allow: [IsAlive] } }`,
    );
    const access = { rules: new AccessRules(table) };
    const wallets = { identify: async () => anyone };
    const identity = new CallerIdentity({ wallets, access, clock: systemClock, mode: "optional" });
    const front = openFront({ identity, permissions: new AccessPermissions(access) });
    await open({ front, clock: new ManualClock(timeMs) });
    const message = `{"account":"${weightyAccount}"}`;
    const envelope = `{"credentials":"${key}","message_type":"AccountWeight","message":${message}}`;
    for (const [{ status, answer }, expected] of [
      [await json("/AccountWeight", message, { "nano-api-key": key }), 403],
      [await json("", envelope), 403],
      [await json("/AccountWeight", message), 401],
    ] as const) {
      assert.equal(status, expected);
      assert.deepEqual(answer, {
        time: timeMs,
        message_type: "Error",
        message: { code: 3, message: "Access denied" },
      });
    }
    assert.equal((await json("/IsAlive", "{}", { "nano-api-key": key })).status, 200);
    const alive = `{"credentials":"${key}","message_type":"IsAlive","message":{}}`;
    assert.equal((await json("", alive, { "nano-api-key": "another" })).status, 200);
    const unknown = await json("/IsAlive", "{}", { "nano-api-key": `${key}x` });
    assert.deepEqual([unknown.status, unknown.answer.message["code"]], [401, 100]);
  });

  it("tells a missing field in the reference's words", async () => {
    await open();
    for (const { status, answer } of [
      await json("/AccountWeight", "{\n\n}"),
      await json("", '{"message_type": "AccountWeight",\n"message": {\n}}'),
    ]) {
      assert.equal(status, 400);
      assert.deepEqual(
        [answer.message_type, answer.message],
        [
          "Error",
          {
            code: 1,
            message:
              "Invalid message format: 3: 2: error: required field is missing: account in AccountWeight",
          },
        ],
      );
    }
  });

  it("refuses the reference's own account, which is no address, and names the field", async () => {
    await open();
    const account = "nano_3t6k35gi95xu6tergt6p69ck76ogmitsa8mnijtpxm9fkcm736xtoncuohr3";
    const { status, answer } = await json("/AccountWeight", `{"account":"${account}"}`);
    assert.deepEqual([status, answer.message_type, answer.message["code"]], [400, "Error", 1]);
    assert.match(String(answer.message["message"]), /^account: "nano_3t6k.*" is not allowed; expected /);
  });

  it("takes and answers each form, also another one than it was asked in", async () => {
    await open();
    const value = { account: weightyAccount };
    const formats = Object.keys(mediaTypes) as Format[];
    for (const from of formats) {
      const bare = encodeMessage(from, messageNamed("AccountWeight"), value);
      const envelope = encodeEnvelope(from, { timeMs: 1, correlationId: "7", type: "AccountWeight", value });
      for (const to of [undefined, ...formats]) {
        const headers = {
          "content-type": mediaTypes[from],
          ...(to === undefined ? {} : { accept: mediaTypes[to] }),
        };
        const [one, other] = [
          await door.post("/AccountWeight", bare, headers),
          await door.post("", envelope, headers),
        ];
        assert.equal(one.headers.get("content-type"), mediaTypes[to ?? from]);
        for (const { status, type, message } of [one, other]) {
          assert.deepEqual([status, type], [200, "AccountWeightResponse"]);
          assert.deepEqual(message, { voting_weight: "668657804547735335568510480612620716" });
        }
        assert.deepEqual([one.correlationId, other.correlationId], [undefined, "7"]);
      }
    }
  });

  it("tells where the caller stands with its limits, also when it is refused", async () => {
    const limits = new Limits(limitsConfigSchema.parse({ http: { read: 2 } }));
    await open({ front: openFront({ limits }) });
    const call = () =>
      door.post("/AccountWeight", `{"account":"${weightyAccount}"}`, { "nano-correlation-id": "7" });
    const [first, second, third] = [await call(), await door.post("", "no JSON"), await call()];
    assert.deepEqual(
      [first, second, third].map(({ status }) => status),
      [200, 400, 429],
    );
    assert.deepEqual(
      [first, second, third].map(({ headers }) => headers.get("x-rate-limit-remaining")),
      ["1", "0", "0"],
    );
    assert.equal(third.headers.get("retry-after"), "30");
    assert.deepEqual([third.type, third.message["code"], third.correlationId], ["Error", 105, "7"]);
  });

  it("says nothing of the inside when an operation fails", async () => {
    const failing = operation(
      gatewayClientService.GetTaskStatus,
      read,
      (m) => m,
      async () => {
        throw new TypeError("x of undefined");
      },
    );
    await open({ operations: [failing] });
    const { status, type, message, correlationId } = await door.post("/GetTaskStatus", '{"id":"a"}', {
      "nano-correlation-id": "7",
    });
    assert.deepEqual([status, type, correlationId], [500, "Error", "7"]);
    assert.deepEqual(message, { code: 199, message: "the node could not process the call" });
  });

  it("answers an operation that this node does not serve by the role that would", async () => {
    await open();
    for (const [name, role] of [
      ["GetTaskStatus", /GetTaskStatus is not served here; ask a node that has the role gateway, which/],
      ["CreateSubnet", /role gateway, registry or validator, which/],
    ] as const) {
      const { status, message } = await door.post(`/${name}`, "{}");
      assert.equal(status, 404);
      assert.match(String(message["message"]), role);
    }
  });

  it("points who wants to subscribe to the WebSocket", async () => {
    await open();
    for (const { status, message } of [
      await door.post("/task", "{}"),
      await door.post("/Subscribe", "{}"),
      await door.post("", '{"message_type":"TopicTask","message":{}}'),
    ]) {
      assert.equal(status, 400);
      assert.match(String(message["message"]), /open the WebSocket, at \/ws .*"topic":"task"\}$/);
    }
  });

  it("serves its schemas in each form's own language, each in one file", async () => {
    await open();
    const get = async (path: string) => {
      const response = await door.fetch(path, {});
      return { type: response.headers.get("content-type"), text: await response.text() };
    };
    const committed = new URL("../../../proto/countersign.fbs", import.meta.url);
    assert.deepEqual(await get("/schema.fbs"), {
      type: "text/plain; charset=utf-8",
      text: readFileSync(committed, "utf8"),
    });
    const proto = await get("/schema.proto");
    assert.equal(proto.type, "text/plain; charset=utf-8");
    assert.match(proto.text, /^syntax = "proto3";[\s\S]*message AccountWeight \{/);
    const schema = await get("/schema.json");
    assert.equal(schema.type, "application/schema+json; charset=utf-8");
    assert.deepEqual(JSON.parse(schema.text), messagesSchema());
    assert.equal((await door.fetch("/schema.fbs", { method: "HEAD" })).status, 200);
  });

  it("says which version of the API it is, and refuses another in an envelope", async () => {
    await open();
    const [own, other] = [
      await door.post("/IsAlive", "{}"),
      await door.post("/IsAlive", "{}", { "x-api-version": "v9" }),
    ];
    assert.equal(own.headers.get("x-api-version"), "v1");
    assert.deepEqual([other.status, other.type, other.headers.get("x-api-version")], [400, "Error", "v1"]);
  });

  it("signs over the body's bytes as they were sent", async () => {
    const bodies: string[] = [];
    const identity = {
      identify: async (_: unknown, { body }: { body: Uint8Array }) => {
        bodies.push(Buffer.from(body).toString());
        return anyone;
      },
    };
    await open({ front: openFront({ identity }) });
    await door.post("/IsAlive", " {\n} ");
    await door.post("", '{"message_type":"IsAlive", "message":{}}');
    await door.post("/IsAlive?a=b", "", { "content-type": "application/x-protobuf" });
    assert.deepEqual(bodies, [" {\n} ", '{"message_type":"IsAlive", "message":{}}', "/api/v2/IsAlive?a=b"]);
  });
});
