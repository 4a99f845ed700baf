import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { CountersignError } from "../../../src/base/index.ts";
import { decodeEnvelope, type Envelope, type Format } from "../../../src/facade/messages/index.ts";
import { type Operation, operation } from "../../../src/operations/index.ts";
import { gatewayClientService } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { answered, TestDoor } from "../../support/message-door.ts";

const rules = { access: "open", group: "inference", limit: "read" } as const;

type Messages = (signal: AbortSignal) => AsyncGenerator<unknown>;

/** SubscribeToTaskUpdates, with these updates. */
const updating = (messages: Messages): Operation =>
  operation(
    gatewayClientService.SubscribeToTaskUpdates,
    rules,
    (message) => message,
    (_, { signal }) => messages(signal),
  );
const update = (text: string) => ({ request_id: "r", output_data: text });

/** Cuts a stream's bytes into envelopes, by the rules of its form. */
function envelopes(format: Format, bytes: Buffer): Envelope[] {
  const found: Envelope[] = [];
  for (let at = 0; at < bytes.length; ) {
    let start = at;
    let end: number;
    if (format === "json") end = bytes.indexOf("\n", at);
    else if (format === "flatbuffers") {
      start = at + 4;
      end = start + bytes.readUInt32LE(at);
    } else {
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[start++] ?? 0;
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      end = start + length;
    }
    found.push(decodeEnvelope(format, bytes.subarray(start, end)));
    at = format === "json" ? end + 1 : end;
  }
  return found;
}

describe("a streamed answer", () => {
  let door: TestDoor;
  const open = async (messages: Messages, clock?: ManualClock) => {
    door = await TestDoor.start({
      operations: [updating(messages)],
      ...(clock === undefined ? {} : { clock }),
    });
  };
  afterEach(() => door.stop());

  const subscribe = (accept: string) =>
    door.fetch("/SubscribeToTaskUpdates", {
      method: "POST",
      body: Buffer.from('{"id":"r"}'),
      headers: { accept, "nano-correlation-id": "7" },
    });

  it("is an envelope for each message, the last an Error where it fails", async () => {
    for (const [format, accept, type] of [
      ["json", "application/json", "application/jsonl"],
      ["json", "application/x-ndjson", "application/x-ndjson"],
      ["protobuf", "application/x-protobuf", "application/x-protobuf; encoding=delimited"],
      ["flatbuffers", "application/x-flatbuffers", "application/x-flatbuffers; encoding=size-prefixed"],
    ] as const) {
      await door?.stop();
      await open(async function* () {
        yield update("one\ntwo");
        yield update("x".repeat(300));
        throw new CountersignError("COMPUTE_FAILED", "the model gave up");
      });
      const response = await subscribe(accept);
      assert.deepEqual([response.status, response.headers.get("content-type")], [200, type]);
      const found = envelopes(format, Buffer.from(await response.arrayBuffer()));
      assert.deepEqual(
        found.map(({ member, value, correlationId }) => [
          member.name,
          value["output_data"] ?? value["message"],
          correlationId,
        ]),
        [
          ["InferenceResponse", "one\ntwo", "7"],
          ["InferenceResponse", "x".repeat(300), "7"],
          ["Error", "the model gave up", "7"],
        ],
      );
    }
  });

  it("that fails before its first message says so by its status", async () => {
    await open(async function* () {
      throw new CountersignError("TASK_NOT_FOUND", "there is no task r");
      // biome-ignore lint/correctness/noUnreachable: it is what makes this a generator of messages
      yield update("");
    });
    const { status, type, message, correlationId } = await answered(await subscribe("application/json"));
    assert.deepEqual([status, type, correlationId], [404, "Error", "7"]);
    assert.deepEqual(message, { code: 102, message: "there is no task r" });
  });

  it("begins before its first message where that takes long", async () => {
    const clock = new ManualClock();
    const go = new AbortController();
    const asked = new AbortController();
    await open(async function* () {
      asked.abort();
      await once(go.signal, "abort");
      yield update("late");
    }, clock);
    const begun = subscribe("application/json");
    await once(asked.signal, "abort");
    await clock.advance(1_000);
    const response = await begun;
    assert.equal(response.status, 200);
    go.abort();
    assert.match(await response.text(), /"late"/);
  });

  it("ends for the operation when the caller goes away", async () => {
    const ended = new AbortController();
    await open(async function* (signal) {
      yield update("one");
      await once(signal, "abort");
      ended.abort();
    });
    const socket = connect(door.port, "127.0.0.1");
    socket.write(
      'POST /api/v2/SubscribeToTaskUpdates HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{"id":"r"}',
    );
    await once(socket, "data");
    const gone = once(ended.signal, "abort");
    socket.destroy();
    await gone;
  });

  it("is not made faster than it is read", async () => {
    let made = 0;
    const many = 2_000;
    await open(async function* () {
      for (; made < many; made++) yield update("x".repeat(50_000));
    });
    const response = await subscribe("application/json");
    const reader = response.body?.getReader();
    await reader?.read();
    assert.ok(made < many / 2, `${made} of ${many} were made before they were read`);
    await reader?.cancel();
  });

  it("ends with an Error when the node stops", async () => {
    await open(async function* (signal) {
      yield update("one");
      await once(signal, "abort");
    });
    const response = await subscribe("application/json");
    door.front.stop();
    const found = envelopes("json", Buffer.from(await response.arrayBuffer()));
    assert.deepEqual(
      found.map(({ member, value }) => value["message"] ?? member.name),
      ["InferenceResponse", "the node is stopping"],
    );
  });
});
