import assert from "node:assert/strict";
import { CountersignError } from "../../../src/base/index.ts";
import { messageOperations } from "../../../src/operations/index.ts";
import { anyone, openFront } from "../../support/open-front.ts";

const validator = `0x${"ab".repeat(20)}`;
const operations = new Map(
  messageOperations((address) => (address === validator ? 5n : 0n)).map((one) => [one.name, one]),
);

function ask(name: string, message: object): Promise<unknown> {
  const operation = operations.get(name);
  assert.ok(operation);
  const incoming = { facade: "rest", ip: "::1", header: () => undefined, body: new Uint8Array() } as const;
  return openFront({ identity: { identify: async () => anyone } }).unary(
    operation,
    incoming,
    message,
    new AbortController().signal,
  );
}

describe("message operations", () => {
  it("answer a validator's stake as its weight, and 0 for any other account", async () => {
    assert.deepEqual(await ask("AccountWeight", { account: validator.toUpperCase().replace("X", "x") }), {
      voting_weight: "5",
    });
    assert.deepEqual(await ask("AccountWeight", { account: `0x${"cd".repeat(20)}` }), { voting_weight: "0" });
  });

  it("refuse what is no address", async () => {
    await assert.rejects(
      ask("AccountWeight", { account: "nano_1" }),
      (error) => error instanceof CountersignError && error.data["field"] === "account",
    );
  });

  it("answer that the node is alive", async () => {
    assert.deepEqual(await ask("IsAlive", {}), {});
  });
});
