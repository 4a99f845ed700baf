import assert from "node:assert/strict";
import { multiaddr } from "@multiformats/multiaddr";
import fc from "fast-check";
import { prefixOfAddress, prefixOfIp } from "../../../src/mesh/ip-prefix.ts";

describe("IP prefix", () => {
  for (const [ip, prefix] of [
    ["203.0.113.77", "203.0.113.0/24"],
    ["2001:db8:1:2::3", "2001:db8:1::/48"],
    ["2001:db8::", "2001:db8:0::/48"],
    ["::ffff:203.0.113.77", "203.0.113.0/24"],
    ["2001:0db8:0001:0000:0000:0000:0000:0001", "2001:db8:1::/48"],
  ] as const) {
    it(`of ${ip} is ${prefix}`, () => assert.equal(prefixOfIp(ip), prefix));
  }

  for (const ip of [
    "127.0.0.1",
    "10.9.8.7",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "::1",
    "::",
    "fe80::1",
    "fd12:3456::1",
    "::ffff:10.0.0.1",
    "no address",
    "",
  ]) {
    it(`of ${ip || "nothing"} there is none`, () => assert.equal(prefixOfIp(ip), undefined));
  }

  it("of a multiaddr is that of its machine, and of a name there is none", () => {
    assert.equal(prefixOfAddress(multiaddr("/ip4/203.0.113.77/tcp/8828")), "203.0.113.0/24");
    assert.equal(prefixOfAddress(multiaddr("/ip6/2001:db8:1::5/tcp/8828")), "2001:db8:1::/48");
    assert.equal(prefixOfAddress(multiaddr("/dns4/node.example.org/tcp/8828")), undefined);
    assert.equal(prefixOfAddress(multiaddr("/memory/a")), undefined);
  });

  it("is the same for two addresses exactly when they share their first 24 or 48 bits", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte, byte), ([a, b, c, d, e]) => {
        const one = prefixOfIp(`203.${a}.${b}.${c}`);
        assert.equal(prefixOfIp(`203.${a}.${b}.${d}`), one);
        assert.equal(prefixOfIp(`203.${a}.${e}.${d}`) === one, b === e);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        assert.match(prefixOfIp(ip) ?? "::/48", /^(([0-9a-f]{1,4}:){3}:|::)\/48$|^(\d+\.){3}0\/24$/);
      }),
    );
  });
});
