import assert from "node:assert/strict";
import { CountersignError } from "../../../../src/base/index.ts";
import {
  acceptedForm,
  type CallHead,
  decodeCall,
  decodeEnvelope,
  encodeEnvelope,
  errorAnswer,
  type Format,
  formatOf,
  maxCorrelationIdCharacters,
  mediaTypes,
} from "../../../../src/facade/messages/index.ts";
import { countersign } from "../../../../src/wire/index.ts";

const formats = Object.keys(mediaTypes) as Format[];
const nothing: CallHead = { operation: undefined, credentials: undefined, correlationId: undefined };
const bytes = (text: string) => Buffer.from(text);

/** The error of a call, and the correlation id that was told by then. */
function refused(body: Uint8Array, head: Partial<CallHead> = {}, format: Format = "json") {
  let correlationId: string | undefined;
  try {
    decodeCall(format, { ...nothing, ...head }, body, (id) => {
      correlationId = id;
    });
  } catch (error) {
    assert(error instanceof CountersignError, String(error));
    return { code: error.code, message: error.message, correlationId };
  }
  return assert.fail("the call was taken");
}

describe("a call", () => {
  it("may have its envelope's members in any order, and null for none", () => {
    const call = decodeCall(
      "json",
      nothing,
      bytes(
        '{"message": {"id": "a"}, "credentials": null, "message_type": "GetTaskStatus", "correlation_id": "7"}',
      ),
    );
    assert.deepEqual({ ...call.message }, { id: "a" });
    assert.deepEqual(
      [call.operation.name, call.correlationId, call.credentials],
      ["GetTaskStatus", "7", undefined],
    );
  });

  it("in an envelope goes before what headers say", () => {
    const head = { ...nothing, correlationId: "of the header", credentials: "of the header" };
    const of = (members: string) =>
      decodeCall("json", head, bytes(`{${members}"message_type":"IsAlive","message":{}}`));
    const own = of('"correlation_id":"own","credentials":"own",');
    assert.deepEqual([own.correlationId, own.credentials], ["own", "own"]);
    assert.deepEqual([of("").correlationId, of("").credentials], ["of the header", "of the header"]);
  });

  it("tells its correlation id also when the rest of it cannot be read", () => {
    const id = (text: string, head = {}) => refused(bytes(text), head).correlationId;
    assert.equal(id('{"correlation_id":"7","message_type":"IsAlive","message":{"x":1}}'), "7");
    assert.equal(id('{"message_type":"IsAlive","message":{"x":1},"correlation_id":"7"}'), "7");
    assert.equal(id('{"message_type":"None","correlation_id":"7","message":['), "7");
    assert.equal(id('{"message_type":"None","message":[,"correlation_id":"7"}'), undefined);
    assert.equal(id("no JSON", { correlationId: "of the header" }), "of the header");
  });

  it("of an operation that there is none of is told which there are", () => {
    for (const { code, message } of [
      refused(bytes("{}"), { operation: "IsAlife" }),
      refused(bytes("{}"), { operation: "__proto__" }),
      // A name that only answers have.
      refused(bytes('{"message_type":"Ack","message":{}}')),
    ]) {
      assert.equal(code, "NOT_FOUND");
      assert.match(
        message,
        /^there is no operation "(IsAlife|__proto__|Ack)"; there are: AccountWeight, .*IsAlive/,
      );
    }
  });

  it("without what an envelope must have is told what", () => {
    const detail = (text: string) => refused(bytes(text)).message.replace("Invalid message format: ", "");
    assert.equal(detail("{}"), "1: 3: error: required field is missing: message in Envelope");
    assert.equal(
      detail('{"message_type":"IsAlive"}'),
      "1: 27: error: required field is missing: message in Envelope",
    );
    assert.equal(detail('{"message":{}}'), "1: 15: error: missing type field for this union value: message");
    assert.equal(detail('{"message_type":"Alive"}'), "1: 23: error: unknown enum value: Alive");
    assert.equal(detail('{"message_type":"IsAlive","messages":{}}'), "1: 38: error: unknown field: messages");
    assert.equal(
      detail('{"credentials":1}'),
      "1: 16: error: expecting: string constant instead got: integer constant",
    );
    const none = encodeEnvelope("protobuf", {
      timeMs: 1,
      correlationId: undefined,
      type: "IsAlive",
      value: {},
    });
    const { decode, encode } = countersign.v1.Envelope;
    const unnamed = encode({ ...decode(none), message_type: "" }).finish();
    assert.match(
      refused(unnamed, {}, "protobuf").message,
      /missing type field for this union value: message$/,
    );
  });

  it("with credentials or a correlation id beyond any use is refused, and they are not repeated", () => {
    const secret = "s".repeat(5_000);
    for (const { code, message, correlationId } of [
      refused(bytes("{}"), { operation: "IsAlive", credentials: secret }),
      refused(bytes("{}"), { operation: "IsAlive", correlationId: secret }),
      refused(bytes(`{"credentials":"${secret}","message_type":"IsAlive","message":{}}`)),
      refused(bytes(`{"correlation_id":"${secret}","message_type":"IsAlive","message":{}}`)),
    ]) {
      assert.equal(code, "INVALID_ARGUMENT");
      assert.match(
        message,
        /^(credentials|correlation_id): 5000 characters are not allowed; expected at most \d+$/,
      );
      assert.equal(correlationId, undefined);
    }
  });
});

describe("an answer", () => {
  const hostile = '","message_type":"Error","message":{"code":3}}\r\n\r\nX-Header: 1\u2028\0\ud800';

  it("keeps whatever a correlation id or an error says inside its text", () => {
    const error = new CountersignError("INVALID_ARGUMENT", hostile);
    for (const format of formats) {
      const body = encodeEnvelope(
        format,
        errorAnswer(error, hostile.slice(0, maxCorrelationIdCharacters), 1),
      );
      const { member, value, correlationId } = decodeEnvelope(format, body);
      assert.equal(member.name, "Error");
      assert.deepEqual({ ...value }, { code: 1, message: hostile.toWellFormed() });
      assert.equal(correlationId, hostile.toWellFormed());
    }
    const json = Buffer.from(encodeEnvelope("json", errorAnswer(error, hostile, 1))).toString();
    assert(!/[\r\n\0]/.test(json), json);
  });

  it("says nothing of the inside when the error is none of ours", () => {
    assert.deepEqual(errorAnswer(new TypeError("x of undefined"), undefined, 1).value, {
      code: 199,
      message: "the node could not process the call",
    });
    assert.equal(errorAnswer(new DOMException("gone", "AbortError"), undefined, 1).value["code"], 116);
  });
});

describe("the formats", () => {
  it("are told from Content-Type, JSON where there is none", () => {
    assert.deepEqual(
      [
        undefined,
        "",
        "application/json; charset=utf-8",
        "Application/X-Protobuf",
        "application/x-flatbuffers",
        "text/html",
        'application/json;charset="UTF-8"',
        "application/json; charset=utf-16",
      ].map(formatOf),
      ["json", "json", "json", "protobuf", "flatbuffers", undefined, "json", undefined],
    );
  });

  it("are chosen by Accept, by weight and then by order", () => {
    const of = (accept: string | undefined) => acceptedForm(accept, "protobuf")?.format;
    assert.equal(of(undefined), "protobuf");
    assert.equal(of("*/*"), "protobuf");
    assert.equal(of("application/json;q=0.5, application/x-flatbuffers"), "flatbuffers");
    assert.equal(of("application/json, application/x-flatbuffers"), "json");
    assert.equal(of("text/html, application/*;q=0.1"), "protobuf");
    assert.equal(of("application/json;q=0"), undefined);
    assert.equal(of("text/html"), undefined);
  });

  it("have JSON lines among them, of either name", () => {
    for (const type of ["application/jsonl", "application/x-ndjson"]) {
      const form = acceptedForm(`text/html, ${type}`, "protobuf");
      assert.deepEqual(form, { format: "json", type, streamType: type, isLine: true });
    }
  });
});

describe("a body in FlatBuffers", () => {
  it("that stands for far more than its size is refused", () => {
    // A list of 60,000 offsets to one text of 200,000 bytes: capabilities, field 4 of NodeInfo.
    const entries = 60_000;
    const textBytes = 200_000;
    const textAt = 32 + 4 * entries;
    const body = Buffer.alloc(textAt + 4 + textBytes + 4);
    body.writeUInt32LE(20, 0);
    body.writeUInt16LE(14, 4);
    body.writeUInt16LE(8, 6);
    body.writeUInt16LE(4, 4 + 12);
    body.writeInt32LE(16, 20);
    body.writeUInt32LE(4, 24);
    body.writeUInt32LE(entries, 28);
    for (let at = 32; at < textAt; at += 4) body.writeUInt32LE(textAt - at, at);
    body.writeUInt32LE(textBytes, textAt);
    assert.equal(refused(body, { operation: "RegisterNode" }, "flatbuffers").code, "TOO_LARGE");
  });

  it("or in Protobuf has no more entries than any message", () => {
    const models = Buffer.alloc(400_000, Buffer.from([0x12, 0]));
    assert.equal(refused(models, { operation: "CreateSubnet" }, "protobuf").code, "TOO_LARGE");
  });

  it("or in Protobuf has integers that are told exactly or not at all", () => {
    const beyond = Buffer.from([0x38, ...Array(8).fill(0xff), 0x7f]);
    assert.match(
      refused(beyond, { operation: "RegisterNode" }, "protobuf").message,
      /last_heartbeat in NodeInfo: constant does not fit \[-9007199254740991; 9007199254740991\]$/,
    );
  });
});
