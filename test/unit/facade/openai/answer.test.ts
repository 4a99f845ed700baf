import assert from "node:assert/strict";
import fc from "fast-check";
import { chatCompletion, embeddingList } from "../../../../src/facade/openai/answer.ts";
import { chatChunks, completionChunks, GrowingText } from "../../../../src/facade/openai/chunks.ts";
import { openAiError, taskFailure } from "../../../../src/facade/openai/errors.ts";
import { partialText, textAnswer, vectorsOf } from "../../../../src/facade/openai/output.ts";
import { StreamedAnswer, wholeAnswer } from "../../../../src/roles/compute/runners/openai-answer.ts";

const head = { requestId: "r", model: "m", createdSec: 1 };
const noUsage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

describe("answers of OpenAI's API", () => {
  it("say the same, whichever runner made the output", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const said = { text: "Hi", finishReason: "length", usage, toolCalls: [] };
    const whole = { choices: [{ message: { content: "Hi" }, finish_reason: "length" }], usage };
    assert.deepEqual(textAnswer(JSON.stringify({ text: "Hi", finish_reason: "length", usage })), said);
    assert.deepEqual(textAnswer(wholeAnswer("chat", JSON.stringify(whole))), said);
    assert.deepEqual(textAnswer(JSON.stringify(whole)), said);
    const streamed = new StreamedAnswer();
    streamed.add(JSON.stringify({ choices: [{ delta: { content: "Hi" }, finish_reason: "length" }], usage }));
    assert.deepEqual(textAnswer(streamed.finish()), said);
  });

  it("are a program's own JSON where it says no text", () => {
    const plain = { finishReason: "stop", usage: noUsage, toolCalls: [] };
    assert.deepEqual(textAnswer('"Hi"'), { text: "Hi", ...plain });
    assert.deepEqual(textAnswer('{"label":"cat"}'), { text: '{"label":"cat"}', ...plain });
    assert.throws(() => textAnswer("{"), /not JSON/);
  });

  it("carry tool calls, whole and streamed", () => {
    const call = { id: "1", type: "function", function: { name: "f", arguments: "{}" } };
    const answer = textAnswer(JSON.stringify({ text: "", finish_reason: "tool_calls", tool_calls: [call] }));
    const whole = JSON.parse(JSON.stringify(chatCompletion(head, answer)));
    assert.equal(whole.choices[0].message.content, null);
    assert.deepEqual(whole.choices[0].message.tool_calls, [call]);
    const [calls, end] = JSON.parse(JSON.stringify(chatChunks(head, false).end(answer)));
    assert.deepEqual(calls.choices[0].delta.tool_calls, [{ index: 0, ...call }]);
    assert.equal(end.choices[0].finish_reason, "tool_calls");
  });

  it("count tokens in one last chunk, only where it is asked for", () => {
    const answer = textAnswer('{"text":"Hi","usage":{"prompt_tokens":1,"completion_tokens":1}}');
    for (const make of [chatChunks, completionChunks]) {
      const [end, usage] = JSON.parse(JSON.stringify(make(head, true).end(answer)));
      assert.equal(end.usage, null);
      assert.deepEqual([usage.choices, usage.usage.total_tokens], [[], 2]);
      assert.equal(make(head, false).end(answer).length, 1);
    }
  });

  it("embed as many inputs as were asked for, as numbers or base64", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), {
          minLength: 1,
        }),
        (vectors) => {
          const found = vectorsOf(JSON.stringify({ embeddings: vectors }), vectors.length);
          const coded = embeddingList("m", found, "base64") as { data: { embedding: string }[] };
          const openAi = { data: coded.data };
          const again = embeddingList("m", vectorsOf(JSON.stringify(openAi), vectors.length), "float");
          const numbers = (again as { data: { embedding: number[] }[] }).data.map(
            ({ embedding }) => embedding,
          );
          // JSON knows no -0.
          assert.deepEqual(numbers, JSON.parse(JSON.stringify(vectors)));
        },
      ),
    );
    assert.throws(() => vectorsOf('{"embeddings":[[1]]}', 2), /1 embeddings for 2 inputs/);
    assert.throws(() => vectorsOf('{"text":"Hi"}', 1), /no embeddings/);
    assert.throws(() => vectorsOf('{"embeddings":[["a"]]}', 1), /no embeddings/);
  });

  it("stream the same text, however a node cut it into partial outputs", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat({ max: 40 })), (text, cuts) => {
        const growing = new GrowingText();
        const told = [...cuts]
          .sort((a, b) => a - b)
          .map((cut) => JSON.stringify({ text: text.slice(0, cut) }));
        const pieces = told.map((output) => growing.add(partialText(output) ?? ""));
        assert.equal(pieces.join("") + growing.finish(text), text);
        // What has been given stands: no piece ends within a character.
        for (const piece of pieces) assert(!/[\ud800-\udbff]$/.test(piece));
      }),
    );
  });

  it("do not take back what another node had said", () => {
    const growing = new GrowingText();
    assert.equal(growing.add("Hello"), "Hello");
    assert.equal(growing.add("Howdy"), "");
    assert.equal(growing.add("Hello you"), " you");
    assert.throws(() => growing.finish("Howdy"), { code: "COMPUTE_UNAVAILABLE" });
  });
});

describe("errors of OpenAI's API", () => {
  it("tell what a task failed of by its catalogue code", () => {
    const { status, body, isWorthRetrying } = openAiError(taskFailure("QUORUM_NOT_REACHED: 0 of 2 signed"));
    assert.deepEqual([status, body.error.code, isWorthRetrying], [409, "quorum_not_reached", false]);
    assert.match(body.error.message, /^0 of 2 signed\. /);
  });

  it("tell a field that the model's runner refused", () => {
    const words = 'stop: "5" is not allowed; expected up to 4 strings';
    const { status, body } = openAiError(taskFailure(`COMPUTE_FAILED: ${words}`));
    assert.deepEqual([status, body.error.param], [400, "stop"]);
    const long = openAiError(
      taskFailure("COMPUTE_FAILED: messages: 9 tokens are not allowed; expected at most 4"),
    );
    assert.deepEqual([long.status, long.body.error.param], [400, "messages"]);
  });

  it("say nothing of the inside", () => {
    const { status, body } = openAiError(new TypeError("secret"));
    assert.equal(status, 500);
    assert.equal(body.error.type, "server_error");
    assert(!JSON.stringify(body).includes("secret"));
    assert.equal(openAiError(taskFailure("whatever it was")).status, 502);
  });
});
