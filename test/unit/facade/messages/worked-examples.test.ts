import assert from "node:assert/strict";
import { CountersignError } from "../../../../src/base/index.ts";
import {
  answerTo,
  type CallHead,
  decodeCall,
  encodeEnvelope,
  errorAnswer,
} from "../../../../src/facade/messages/index.ts";

// The reference's page about its RPC gateway, example by example.

const account = "nano_3t6k35gi95xu6tergt6p69ck76ogmitsa8mnijtpxm9fkcm736xtoncuohr3";
const nothing: CallHead = { operation: undefined, credentials: undefined, correlationId: undefined };
const bytes = (text: string) => new TextEncoder().encode(text);
const json = (answer: Parameters<typeof encodeEnvelope>[1]) =>
  JSON.parse(Buffer.from(encodeEnvelope("json", answer)).toString());

describe("the reference's worked examples", () => {
  it("a call without an envelope is answered in one", () => {
    const head = { ...nothing, operation: "AccountWeight" };
    const call = decodeCall("json", head, bytes(`{\n    "account": "${account}"\n}`));
    assert.deepEqual({ ...call.message }, { account });
    const answer = json(
      answerTo(call, { voting_weight: "668657804547735335568510480612620716" }, 1579736914615),
    );
    assert.deepEqual(answer, {
      time: 1579736914615,
      message_type: "AccountWeightResponse",
      message: { voting_weight: "668657804547735335568510480612620716" },
    });
    assert.deepEqual(Object.keys(answer), ["time", "message_type", "message"]);
  });

  it("a call in an envelope names its message and may bring credentials", () => {
    const call = decodeCall(
      "json",
      nothing,
      bytes(`{
    "credentials": "mywalletuser",
    "message_type" : "AccountWeight",
    "message": {
        "account": "${account}"
    }
}`),
    );
    assert.equal(call.operation.name, "AccountWeight");
    assert.equal(call.credentials, "mywalletuser");
    assert.deepEqual({ ...call.message }, { account });
  });

  it("a refused call is answered by an Error", () => {
    const error = new CountersignError("ACCESS_DENIED", "Access denied");
    assert.deepEqual(json(errorAnswer(error, undefined, 1579737134595)), {
      time: 1579737134595,
      message_type: "Error",
      message: { code: 3, message: "Access denied" },
    });
  });

  it("a message without a required field is told with line and column", () => {
    const refused = (operation: string | undefined, text: string) => {
      try {
        decodeCall("json", { ...nothing, operation }, bytes(text));
      } catch (error) {
        return json(errorAnswer(error, undefined, 1)).message;
      }
      return assert.fail("the message was taken");
    };
    const expected = {
      code: 1,
      message: "Invalid message format: 3: 2: error: required field is missing: account in AccountWeight",
    };
    assert.deepEqual(refused("AccountWeight", "{\n\n}"), expected);
    assert.deepEqual(refused(undefined, '{"message_type": "AccountWeight",\n"message": {\n}}'), expected);
  });

  it("a correlation id and credentials may come as headers", () => {
    const head = { operation: "IsAlive", credentials: "mywalletuser", correlationId: "page 7" };
    const call = decodeCall("json", head, bytes("{}"));
    assert.equal(call.credentials, "mywalletuser");
    assert.deepEqual(json(answerTo(call, {}, 5)), {
      time: 5,
      correlation_id: "page 7",
      message_type: "IsAlive",
      message: {},
    });
  });
});
