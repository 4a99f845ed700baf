import assert from "node:assert/strict";
import fc from "fast-check";
import { CountersignError } from "../../../../src/base/index.ts";
import { parseBody } from "../../../../src/facade/openai/body.ts";
import { chatCall, completionCall, embeddingsCall } from "../../../../src/facade/openai/request.ts";

const messages = [{ role: "user", content: "Hello" }];
const chat = (more: object = {}) => chatCall({ model: "m", messages, ...more });

/** The field that a refusal names. */
function refusedField(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    assert(error instanceof CountersignError, String(error));
    assert.equal(error.code, "INVALID_ARGUMENT");
    return error.data["field"];
  }
  assert.fail("it was accepted");
}

describe("requests of OpenAI's API", () => {
  it("pass on what models read, and leave out what changes nothing", () => {
    const call = chat({
      temperature: 0.5,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: null,
      n: 1,
      logprobs: false,
      logit_bias: {},
      tools: [],
      tool_choice: "auto",
      response_format: { type: "text" },
      modalities: ["text"],
      user: "ann",
      metadata: { a: "b" },
      store: true,
      service_tier: "auto",
      max_completion_tokens: 7,
      stop: ["a", "b"],
      seed: 3,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    assert.deepEqual(call, {
      model: "m",
      input: { messages, temperature: 0.5, max_tokens: 7, stop: ["a", "b"], seed: 3 },
      isStreamed: true,
      includesUsage: true,
    });
  });

  it("take messages of every role, with parts, tool calls and their results", () => {
    const all = [
      { role: "system", content: "Be short" },
      { role: "developer", content: [{ type: "text", text: "really" }] },
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] },
      { role: "assistant", content: null, tool_calls: [{ id: "1" }] },
      { role: "tool", tool_call_id: "1", content: "42" },
    ];
    assert.deepEqual(chatCall({ model: "m", messages: all }).input, { messages: all });
  });

  for (const [field, value] of Object.entries({
    n: 2,
    logprobs: true,
    top_logprobs: 2,
    logit_bias: { 5: 1 },
    modalities: ["audio"],
    audio: {},
    functions: [{}],
    function_call: "auto",
    web_search_options: {},
    temperature: 3,
    top_p: "1",
    stop: ["a", "b", "c", "d", "e"],
    seed: 1.5,
    max_tokens: 0,
    max_completion_tokens: -1,
    tools: Array.from({ length: 129 }, () => ({})),
    response_format: "json",
    stream: "yes",
    stream_options: { include_usage: true },
    temprature: 1,
    __proto__x: 1,
    constructor: 1,
    messages: [],
    model: 5,
  })) {
    it(`refuse ${field} ${JSON.stringify(value).slice(0, 40)} and name it`, () => {
      assert.equal(
        refusedField(() => chat({ [field]: value })),
        field,
      );
    });
  }

  it("name the message that is wrong", () => {
    const refused = (message: unknown) =>
      refusedField(() => chatCall({ model: "m", messages: [...messages, message] }));
    assert.equal(refused("hi"), "messages[1]");
    assert.equal(refused({ role: "robot", content: "x" }), "messages[1].role");
    assert.equal(refused({ role: "user" }), "messages[1].content");
    assert.equal(refused({ role: "assistant", content: null }), "messages[1].content");
    assert.equal(refused({ role: "user", content: [{}] }), "messages[1].content");
    assert.equal(
      refusedField(() => chatCall({ model: "m" })),
      "messages",
    );
  });

  it("complete one prompt, which may stand in a list", () => {
    assert.deepEqual(completionCall({ model: "m", prompt: ["Once"], echo: false, suffix: null }).input, {
      prompt: "Once",
    });
    for (const prompt of [["a", "b"], [1, 2], 5, undefined])
      assert.equal(
        refusedField(() => completionCall({ model: "m", prompt })),
        "prompt",
      );
    for (const field of ["best_of", "suffix", "logprobs", "echo"])
      assert.equal(
        refusedField(() => completionCall({ model: "m", prompt: "a", [field]: 3 })),
        field,
      );
  });

  it("embed a text, several, or lists of tokens, and count them", () => {
    const count = (input: unknown) => embeddingsCall({ model: "m", input }).count;
    assert.deepEqual(["a", ["a", "b"], [1, 2], [[1], [2, 3]]].map(count), [1, 2, 1, 2]);
    for (const input of ["", [], [""], ["a", 1], [[]], [-1], {}, null])
      assert.equal(
        refusedField(() => count(input)),
        "input",
      );
  });

  it("are JSON objects of bounded depth, whatever bytes come", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            const value = parseBody(Buffer.from(bytes));
            assert.equal(typeof value, "object");
            assert(!Array.isArray(value));
          } catch (error) {
            assert(error instanceof CountersignError, String(error));
          }
        },
      ),
    );
  });

  it("are accepted or refused with a field, whatever JSON comes", () => {
    const names = fc.constantFrom("messages", "model", "n", "stop", "tools", "stream", "stream_options", "x");
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue({ maxDepth: 3 })), (body) => {
        for (const read of [chatCall, completionCall, embeddingsCall]) {
          try {
            read(body);
          } catch (error) {
            assert(
              error instanceof CountersignError && typeof error.data["field"] === "string",
              String(error),
            );
          }
        }
      }),
    );
  });
});
