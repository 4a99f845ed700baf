import assert from "node:assert/strict";
import { decodeMessage, messageNamed } from "../../../../src/facade/messages/index.ts";
import { badTexts } from "./bad-texts.ts";

const account = messageNamed("AccountWeight");

function refusal(text: string | Uint8Array, message = account): string {
  const body = typeof text === "string" ? new TextEncoder().encode(text) : text;
  try {
    decodeMessage("json", message, body);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("the text was taken");
}

describe("JSON that is not as it must be", () => {
  for (const { message, text, place, detail } of badTexts) {
    it(`${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)}: ${detail}`, () => {
      assert.equal(
        refusal(text, messageNamed(message)),
        `Invalid message format: ${place}: error: ${detail}`,
      );
    });
  }

  it("that is no UTF-8 is told where it is not", () => {
    const body = Buffer.concat([Buffer.from('{\n"account": "é'), Buffer.from([0xff]), Buffer.from('"}')]);
    assert.equal(refusal(body), "Invalid message format: 2: 15: error: illegal UTF-8 sequence");
  });

  it("that ends within a character is told so", () => {
    assert.equal(
      refusal(Buffer.from([0x7b, 0xef, 0xbf])),
      "Invalid message format: 1: 4: error: illegal UTF-8 sequence",
    );
  });

  it("of more bytes than any message has is told so", () => {
    assert.match(
      refusal(Buffer.alloc(32 << 20, 0x20)),
      /^message: 33554432 bytes are not allowed; expected at most/,
    );
  });

  it("of more entries than any message has is told so", () => {
    const many = `{"models":[${Array(70_000).fill("{}").join(",")}]}`;
    assert.match(
      refusal(many, messageNamed("CreateSubnetRequest")),
      /at most 65536 list entries and nested messages/,
    );
  });

  it("with megabytes in one value is told what is wrong", () => {
    const megabytes = "A".repeat(8_000_000);
    assert.match(
      refusal(`{"config_hash":"${megabytes}!"}`, messageNamed("CreateSubnetRequest")),
      /^Invalid message format: 1: 8000018: error: invalid base64: "A{80}…"$/,
    );
    const digits = "9".repeat(8_000_000);
    assert.match(
      refusal(`{"subnet_id":${digits}}`, messageNamed("GetSubnetRequest")),
      /constant does not fit/,
    );
    assert.match(refusal(`{"load":${digits}}`, messageNamed("HeartbeatRequest")), /constant does not fit/);
    assert.match(refusal(`{"${megabytes}":1}`), /unknown field: A{80}…$/);
    assert.match(refusal(`{"account":"${"\\".repeat(8_000_000)}`), /string constant$/);
  });

  it("may hold megabytes where they are allowed", () => {
    const hash = Buffer.alloc(6_000_000, 0xff);
    const read = decodeMessage(
      "json",
      messageNamed("CreateSubnetRequest"),
      Buffer.from(`{"config_hash":"${hash.toString("base64")}"}`),
    );
    assert(hash.equals(read["config_hash"] as Buffer));
  });

  it("repeats little of the caller's text, and no control characters", () => {
    const name = `\\u0007${"x".repeat(1_000_000)}`;
    assert.equal(
      refusal(`{"${name}":1}`),
      `Invalid message format: 1: 1000011: error: unknown field: ?${"x".repeat(79)}…`,
    );
  });
});

describe("JSON that is as it must be", () => {
  const read = (text: string, message: string) => ({
    ...decodeMessage("json", messageNamed(message), new TextEncoder().encode(text)),
  });

  it("may begin with a byte order mark, and has null for what is unset", () => {
    assert.deepEqual(
      read('\ufeff{"request_id":null,"subnet_id":null,"options":null}', "InferenceRequest"),
      {},
    );
  });

  it("has 64-bit integers as numbers or as strings, and subnet ids to the last bit", () => {
    assert.deepEqual(read('{"subnet_id":18446744073709551615}', "GetSubnetRequest"), {
      subnet_id: 18446744073709551615n,
    });
    assert.deepEqual(read('{"timestamp":"-5","load":1e-3,"max_tasks":"7"}', "UpdateNodeHeartbeatRequest"), {
      timestamp: -5,
      load: 0.001,
      max_tasks: 7,
    });
  });

  it("may have any escape in strings and in names", () => {
    assert.deepEqual(read('{"\\u0069d":"\\ud834\\udd1e\\/\\u0000\\n"}', "TaskID"), { id: "𝄞/\0\n" });
  });

  it("has bytes as base64 of either alphabet, padded or not", () => {
    for (const hash of ["-_8", "+/8=", "-_8="])
      assert.deepEqual(
        read(`{"config_hash":"${hash}"}`, "CreateSubnetRequest")["config_hash"],
        Buffer.from([0xfb, 0xff]),
      );
  });
});
