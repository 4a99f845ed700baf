import assert from "node:assert/strict";
import { genesisSchema, networkId, signingDomain, zeroAddress } from "../../../src/base/index.ts";

const address = (digit: string) => `0x${digit.repeat(40)}`;
const chain = {
  chain_id: 7,
  token: address("A"),
  validator_registry: address("b"),
  inference_payment: address("c"),
  treasury: address("d"),
};

describe("a genesis", () => {
  it("names its network, the same whatever the order and case it was written in", () => {
    const one = genesisSchema.parse({ name: "net", chain });
    const other = genesisSchema.parse({ chain: { ...chain, token: address("a") }, name: "net" });
    assert.match(networkId(one), /^net-[0-9a-f]{8}$/);
    assert.equal(networkId(one), networkId(other));
  });

  it("with anything else in it is another network", () => {
    const base = networkId(genesisSchema.parse({ name: "net", chain }));
    const changed = [
      { name: "net2", chain },
      { name: "net", chain: { ...chain, chain_id: 8 } },
      { name: "net", chain: { ...chain, token: address("e") } },
      { name: "net", chain, cosign: { required: 2 } },
      { name: "net", chain, deadlines_sec: { lease: 31 } },
      { name: "net", chain: null },
    ];
    const ids = changed.map((genesis) => networkId(genesisSchema.parse(genesis)));
    assert.equal(new Set([base, ...ids]).size, changed.length + 1);
  });

  it("gives unpaid work a domain that no contract shares", () => {
    const genesis = genesisSchema.parse({ name: "net", chain });
    assert.deepEqual(signingDomain(genesis, true), {
      chainId: 7,
      verifyingContract: chain.inference_payment,
    });
    assert.deepEqual(signingDomain(genesis, false), { chainId: 7, verifyingContract: zeroAddress });
    const chainless = genesisSchema.parse({ name: "net", chain: null });
    assert.deepEqual(signingDomain(chainless, true), { chainId: 0, verifyingContract: zeroAddress });
  });

  it("is refused with a key that it does not know", () => {
    assert.equal(genesisSchema.safeParse({ name: "net", chain: null, colour: "red" }).success, false);
  });
});
