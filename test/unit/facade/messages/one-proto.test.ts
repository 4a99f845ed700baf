import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { messagesByName } from "../../../../src/facade/messages/index.ts";
import { oneProto } from "../../../../src/facade/messages/one-proto.ts";
import { countersign } from "../../../../src/wire/index.ts";
import { tempFolder } from "../../../support/temp-folder.ts";

const text = oneProto(
  ["common_types", "node", "message_gateway"].map((name) =>
    readFileSync(fileURLToPath(new URL(`../../../../proto/${name}.proto`, import.meta.url)), "utf8"),
  ),
);

describe("the schema in one proto", () => {
  it("has every message of the gateway, field by field, and needs no other file", () => {
    const { root } = protobuf.parse(text, { keepCase: true });
    root.resolveAll();
    for (const { name, fields } of messagesByName.values()) {
      const numbers = Object.entries(root.lookupType(name).fields).map(([field, { id }]) => [field, id]);
      const expected = fields.map(({ name: field, tag }) => [field, tag]);
      assert.deepEqual(Object.fromEntries(numbers), Object.fromEntries(expected), name);
    }
    const bytes = countersign.v1.Envelope.encode({ time: 5, message_type: "IsAlive" } as never).finish();
    const read = root.lookupType("Envelope").decode(bytes).toJSON();
    assert.deepEqual(read, { time: "5", message_type: "IsAlive" });
  });

  it("is taken by protoc", function () {
    if (spawnSync("protoc", ["--version"]).status !== 0) {
      process.stderr.write("skipped: there is no protoc (Debian: protobuf-compiler)\n");
      return this.skip();
    }
    const folder = tempFolder();
    try {
      writeFileSync(join(folder.path, "schema.proto"), text);
      const { status, stderr } = spawnSync(
        "protoc",
        [`-I${folder.path}`, `--descriptor_set_out=${join(folder.path, "out")}`, "schema.proto"],
        { encoding: "utf8" },
      );
      assert.deepEqual([status, stderr], [0, ""]);
    } finally {
      folder.remove();
    }
  });
});
