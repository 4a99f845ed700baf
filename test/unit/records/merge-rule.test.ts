import assert from "node:assert/strict";
import fc from "fast-check";
import { merged, supersedes } from "../../../src/records/index.ts";

const record = fc.record({
  version: fc.integer({ min: 1, max: 4 }),
  digest: fc.uint8Array({ minLength: 2, maxLength: 2, max: 3 }),
});
/** Names a record; two of one name are the same record. */
const name = ({ version, digest }: { version: number; digest: Uint8Array }) => `${version}/${[...digest]}`;

describe("the merge rule", () => {
  it("takes the higher version, and the greater digest among equal ones", () => {
    const low = { version: 1, digest: new Uint8Array([9]) };
    const high = { version: 2, digest: new Uint8Array([1]) };
    const higher = { version: 2, digest: new Uint8Array([2]) };
    assert.ok(supersedes(high, low) && !supersedes(low, high));
    assert.ok(supersedes(higher, high) && !supersedes(high, higher));
    assert.ok(!supersedes(high, high));
  });

  it("is commutative, associative and idempotent", () => {
    fc.assert(
      fc.property(record, record, record, (a, b, c) => {
        assert.equal(name(merged(a, b)), name(merged(b, a)));
        assert.equal(name(merged(merged(a, b), c)), name(merged(a, merged(b, c))));
        assert.equal(name(merged(a, a)), name(a));
      }),
      { numRuns: 500 },
    );
  });
});
