import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

// proto/common_types.proto beside reference.proto, which is the reference's text as it stands.

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function parsed(path: string): protobuf.Root {
  return protobuf.parse(readFileSync(fileAt(path), "utf8"), { keepCase: true }).root;
}

const reference = parsed("reference.proto");
const product = parsed("../../proto/common_types.proto");

const messagesOf = (root: protobuf.Root) => root.nestedArray.filter((one) => one instanceof protobuf.Type);
const servicesOf = (root: protobuf.Root) => root.nestedArray.filter((one) => one instanceof protobuf.Service);

/** What decides about a field's bytes and about the code generated from it. */
const formOf = ({ id, name, type, repeated, options }: protobuf.Field) => ({
  id,
  name,
  type,
  repeated,
  optional: options?.["proto3_optional"] === true,
});

/** Where the reference's numbering ends and the product's own begins. */
const firstOwnTag = 100;

describe("the product's proto", () => {
  it("is read whole", () => {
    assert.equal(servicesOf(reference).length, 3);
    assert.equal(messagesOf(reference).length, 35);
  });

  for (const service of servicesOf(reference)) {
    it(`serves every method of ${service.name}, and no other`, () => {
      const form = ({ name, requestType, responseType, requestStream, responseStream }: protobuf.Method) => ({
        name,
        requestType,
        responseType,
        requestStream: requestStream === true,
        responseStream: responseStream === true,
      });
      const own = product.lookupService(service.name);
      assert.equal(own.fullName, `.${service.name}`, "no package");
      assert.deepEqual(own.methodsArray.map(form), service.methodsArray.map(form));
    });
  }

  for (const message of messagesOf(reference)) {
    it(`keeps every field of ${message.name}, and adds its own from tag ${firstOwnTag} on`, () => {
      const own = product.lookupType(message.name);
      assert.equal(own.fullName, `.${message.name}`, "no package");
      const shared = own.fieldsArray.filter(({ id }) => id < firstOwnTag);
      assert.deepEqual(shared.map(formOf), message.fieldsArray.map(formOf));
    });
  }
});
