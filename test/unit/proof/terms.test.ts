import assert from "node:assert/strict";
import fc from "fast-check";
import { genesisSchema } from "../../../src/base/index.ts";
import {
  deadlinesOf,
  parsePaymentTree,
  parseWei,
  paymentTree,
  quotedAtSec,
  splitPrice,
  totalOf,
} from "../../../src/proof/terms.ts";

const genesis = genesisSchema.parse({ name: "terms", chain: null });

describe("a task's terms", () => {
  it("split the price 80/10/5/5, the remainder to compute", () => {
    assert.deepEqual(splitPrice(1_000n, genesis), {
      computeWei: 800n,
      gatewayWei: 100n,
      validatorsWei: 50n,
      treasuryWei: 50n,
    });
    assert.deepEqual(splitPrice(19n, genesis), {
      computeWei: 18n,
      gatewayWei: 1n,
      validatorsWei: 0n,
      treasuryWei: 0n,
    });
  });

  it("lose and create no wei, and survive the way over the wire", () => {
    const bps = fc.integer({ min: 0, max: 3_333 });
    const shares = fc.record({ gateway: bps, validators: bps, treasury: bps });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), shares, (total, split_bps) => {
        const split = splitPrice(total, { split_bps });
        assert.equal(totalOf(split), total);
        assert.ok(split.computeWei >= 0n);
        assert.deepEqual(parsePaymentTree(paymentTree(split)), split);
      }),
    );
  });

  it("refuse a genesis that gives away more than the whole", () => {
    assert.throws(() => splitPrice(100n, { split_bps: { gateway: 9_000, validators: 1_000, treasury: 1 } }), {
      code: "CONFIG_INVALID",
    });
  });

  it("derive every deadline from the expiry", () => {
    assert.deepEqual(deadlinesOf(1_300, genesis), {
      quote: 1_120,
      payment: 1_120,
      execution: 1_240,
      validation: 1_300,
    });
    assert.equal(quotedAtSec(1_300, genesis), 1_000);
  });

  it("take only canonical decimal amounts that fit 256 bits", () => {
    for (const bad of ["", "-1", "01", "1.0", "0x1", " 1", "1e3", String(2n ** 256n), "9".repeat(79), null]) {
      assert.equal(parseWei(bad), undefined, String(bad));
    }
    assert.equal(parseWei(String(2n ** 256n - 1n)), 2n ** 256n - 1n);
  });
});
