import assert from "node:assert/strict";
import { meshConfigSchema } from "../../../src/mesh/config.ts";

describe("mesh configuration", () => {
  it("is complete when nothing is said", () => {
    const config = meshConfigSchema.parse({});
    assert.deepEqual(config.listen, ["/ip4/0.0.0.0/tcp/8828"]);
    assert.equal(config.wanted_peers, 16);
  });

  it("names the key that it cannot accept", () => {
    for (const [key, value] of [
      ["listen", ["localhost:8828"]],
      ["wanted_peers", 0],
      ["deny", ["0xabc"]],
      ["listens", []],
    ] as const) {
      const result = meshConfigSchema.safeParse({ [key]: value });
      assert.equal(result.success, false);
      assert.ok(JSON.stringify(result.error?.issues).includes(key), key);
    }
  });
});
