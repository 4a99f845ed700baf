import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateDescriptors } from "../../../../scripts/message-descriptors.ts";
import { decodeEnvelope } from "../../../../src/facade/messages/index.ts";
import { tempFolder } from "../../../support/temp-folder.ts";

describe("the FlatBuffers schema", () => {
  const scratch = tempFolder();
  after(() => scratch.remove());

  /** The schema of a proto with one operation on a message of these fields. */
  const schemaOf = (fields: string, committed = "", more = "") => {
    const file = join(scratch.path, "test.proto");
    const service = `service S { rpc Ask(Question) returns (Answer); ${more} }`;
    const error = "message Error { int32 code = 1; string message = 2; }";
    const messages = `message Question { ${fields} } message Answer {} message Extra {}`;
    writeFileSync(file, `syntax = "proto3"; package countersign.v1; ${service} ${error} ${messages}`);
    return generateDescriptors([file], committed).schema;
  };
  const table = (schema: string) =>
    /table Question \{\n(.*?)\n\}/s
      .exec(schema)?.[1]
      ?.split("\n")
      .map((line) => line.trim());
  const union = (schema: string) =>
    /union Message \{\n(.*?)\n\}/s
      .exec(schema)?.[1]
      ?.split("\n")
      .map((line) => line.trim());
  const first = schemaOf("string a = 1; repeated uint64 c = 3;");

  it("gives ids in the order of the tags", () => {
    assert.deepEqual(table(first), ["a: string (id: 0);", "c: [ulong] (id: 1);"]);
  });

  it("keeps every id, whatever comes and goes", () => {
    const more = schemaOf("optional bool b = 2; string a = 1; repeated uint64 c = 3;", first);
    assert.deepEqual(table(more), ["a: string (id: 0);", "c: [ulong] (id: 1);", "b: bool = null (id: 2);"]);
    const less = schemaOf("optional bool b = 2; repeated uint64 c = 3;", more);
    assert.deepEqual(table(less), [
      "a: string (id: 0, deprecated);",
      "c: [ulong] (id: 1);",
      "b: bool = null (id: 2);",
    ]);
    const again = schemaOf("map<string, int64> d = 4; string a = 1; repeated uint64 c = 3;", less);
    assert.deepEqual(table(again), [
      "a: string (id: 0);",
      "c: [ulong] (id: 1);",
      "b: bool = null (id: 2, deprecated);",
      "d: [QuestionDEntry] (id: 3);",
    ]);
    assert.equal(schemaOf("map<string, int64> d = 4; string a = 1; repeated uint64 c = 3;", again), again);
  });

  it("keeps the number of every message in envelopes", () => {
    assert.deepEqual(union(first), ["Ask: Question,", "Answer: Answer,", "Error: Error,"]);
    const more = schemaOf("string a = 1; repeated uint64 c = 3;", first, "rpc Add(Extra) returns (Answer);");
    assert.deepEqual(union(more), ["Ask: Question,", "Answer: Answer,", "Error: Error,", "Add: Extra,"]);
  });

  it("refuses what old buffers could not be read with", () => {
    assert.throws(
      () => schemaOf("bytes a = 1;", first),
      /Question\.a is string in the schema and cannot become \[ubyte\]/,
    );
    const plain = schemaOf("bool a = 1;");
    assert.throws(
      () => schemaOf("optional bool a = 1;", plain),
      /Question\.a is bool .* cannot become bool = null/,
    );
    const more = schemaOf("Extra a = 1;");
    assert.throws(() => schemaOf("string b = 2;", more), /no operation uses Extra any more/);
    const moved = first
      .replace("(id: 0)", "(id: 9)")
      .replace("(id: 1)", "(id: 0)")
      .replace("(id: 9)", "(id: 1)");
    assert.throws(() => schemaOf("string a = 1; repeated uint64 c = 3;", moved), /id 1 on line 0/);
  });

  it("refuses what it has no form for", () => {
    assert.throws(() => schemaOf("oneof x { string a = 1; }"), /Question\.a: a oneof has no form here/);
    assert.throws(() => schemaOf("map<uint32, string> a = 1;"), /the key of a map must be a string/);
    assert.throws(() => schemaOf("Question a = 1;"), /Question contains itself/);
    assert.throws(() => schemaOf("fixed64 a = 1;"), /Question\.a: fixed64 has no form here/);
  });

  it("still reads a buffer that flatc made when it was new", () => {
    const { member, value, correlationId, credentials } = decodeEnvelope(
      "flatbuffers",
      Buffer.from(oldBuffer, "base64"),
    );
    assert.deepEqual([member.name, member.id, correlationId, credentials], ["RegisterNode", 22, "c", "k"]);
    assert.deepEqual(
      JSON.parse(JSON.stringify(value, (_key, one) => (typeof one === "bigint" ? `${one}` : one))),
      {
        node_id: "n",
        node_type: "compute",
        ip_address: "i",
        port: 7,
        capabilities: ["a", "b"],
        wallet_address: "w",
        last_heartbeat: -5,
        supported_models: [
          { model_uuid: "m", name: "x", version: "v", category: "t", price_wei: "9", max_tokens: 8 },
        ],
        subnet_id: "0",
        max_tasks: 3,
        peer_id: "p",
        multiaddrs: ["d"],
        status: "s",
      },
    );
  });
});

const oldBuffer = [
  "FAAAAAAADgAeABQACAAMAAcAEAAOAAAAAAAAFjwBAAAwAQAALAAAALdaqM9vAQAAAAAeAEAABAAIAAwAEAAUABgAMAAcADgA",
  "IAAkACgALAAeAAAA9AAAAOQAAADYAAAABwAAALQAAACoAAAARAAAAAMAAAA0AAAAIAAAABQAAAD7/////////wAAAAAAAAAA",
  "AQAAAHMAAAABAAAABAAAAAEAAABkAAAAAQAAAHAAAAABAAAAFAAAABAAIAAEAAgADAAQABQAGAAQAAAAPAAAADAAAAAkAAAA",
  "GAAAAAwAAAAIAAAAAAAAAAEAAAA5AAAAAQAAAHQAAAABAAAAdgAAAAEAAAB4AAAAAQAAAG0AAAABAAAAdwAAAAIAAAAQAAAA",
  "BAAAAAEAAABiAAAAAQAAAGEAAAABAAAAaQAAAAcAAABjb21wdXRlAAEAAABuAAAAAQAAAGMAAAABAAAAawAAAA==",
].join("");
