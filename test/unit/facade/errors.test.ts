import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CountersignError, type ErrorCode, errorCatalogue, grpcStatus } from "../../../src/base/index.ts";
import { errorView } from "../../../src/facade/front/index.ts";
import { statusOf } from "../../../src/facade/grpc/status.ts";
import { encodeEnvelope } from "../../../src/facade/messages/envelope.ts";
import { errorAnswer as messageAnswer } from "../../../src/facade/messages/index.ts";
import { openAiError } from "../../../src/facade/openai/errors.ts";
import { errorAnswer as restAnswer } from "../../../src/facade/rest/error-answer.ts";
import { errorText } from "../../../src/facade/websocket/answers.ts";

const source = fileURLToPath(new URL("../../../src", import.meta.url));
const codes = Object.keys(errorCatalogue) as ErrorCode[];
const text = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith("error-catalogue.ts"))
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");
const json = (bytes: string | Uint8Array) => JSON.parse(Buffer.from(bytes as Uint8Array).toString());

describe("the catalogue of errors", () => {
  it("has a number of its own for each code, a fix, and no code that nothing makes", () => {
    const numbers = codes.map((code) => errorCatalogue[code].number);
    assert.equal(new Set(numbers).size, codes.length);
    for (const code of codes) {
      assert.ok(errorCatalogue[code].fix.endsWith("."), code);
      assert.match(text, new RegExp(`"${code}"`), code);
    }
  });

  for (const code of codes) {
    it(`is told by every door in its own form: ${code}`, () => {
      const { number, grpc, http, fix } = errorCatalogue[code];
      const error = new CountersignError(code, "what was wrong", { field: "id", allowed: "another" });
      const status = statusOf(error);
      assert.equal(status.code, grpcStatus[grpc]);
      assert.equal(status.details, `${code}: what was wrong`);
      assert.deepEqual(status.metadata?.get("countersign-code"), [code]);
      const rest = restAnswer(error);
      assert.equal(rest.status, http);
      const told = { code, number, message: "what was wrong", field: "id", allowed: "another", fix };
      assert.deepEqual(json(rest.body).error, told);
      const openai = openAiError(error);
      assert.equal(openai.status, http);
      assert.match(openai.body.error.message, /^what was wrong\. /);
      assert.match(openai.body.error.type, /^[a-z]+(_[a-z]+)*_error$/);
      assert.match(openai.body.error.code, /^[a-z]+(_[a-z]+)*$/);
      const live = JSON.parse(errorText(error, "7", 1));
      assert.deepEqual(live, { error: told, id: "7", time: 1 });
      const envelope = json(encodeEnvelope("json", messageAnswer(error, "7", 1)));
      assert.equal(envelope.message_type, "Error");
      assert.equal(envelope.correlation_id, "7");
      assert.equal(envelope.message.code, number);
      // The reference has words of its own for who may not.
      assert.ok(envelope.message.message.length > 0);
    });
  }

  it("tells nothing of what is no error of ours", () => {
    assert.equal(errorView(new Error("secret")).code, "INTERNAL");
    for (const told of [
      JSON.stringify(openAiError(new Error("secret"))),
      errorText(new Error("secret"), undefined, 1),
      String(statusOf(new Error("secret")).details),
      Buffer.from(restAnswer(new Error("secret")).body).toString(),
    ])
      assert.ok(!told.includes("secret"));
  });
});
