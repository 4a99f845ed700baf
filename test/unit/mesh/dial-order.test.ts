import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseDials, type DialTarget } from "../../../src/mesh/dial-order.ts";

interface Named extends DialTarget {
  readonly name: string;
}

const named = (name: string, ...prefixes: string[]): Named => ({ name, prefixes, isBootstrap: false });
const choose = (targets: Named[], count: number, dialled: Record<string, number> = {}, maxPerPrefix = 4) =>
  chooseDials(targets, {
    count,
    dialledTo: (prefix) => dialled[prefix] ?? 0,
    maxPerPrefix,
    random: () => 0.5,
  }).map(({ name }) => name);

describe("the order of dials", () => {
  it("begins with the peers that the operator named", () => {
    const bootstrap = { ...named("bootstrap"), isBootstrap: true };
    assert.deepEqual(choose([named("a"), bootstrap], 2), ["bootstrap", "a"]);
  });

  it("prefers prefixes where this node has nobody yet", () => {
    const targets = [named("a", "p"), named("b", "q"), named("c", "r")];
    assert.deepEqual(choose(targets, 2, { p: 1, q: 2 }), ["c", "a"]);
  });

  it("spreads one round over prefixes too", () => {
    const crowd = Array.from({ length: 100 }, (_, index) => named(`crowd ${index}`, "p"));
    const chosen = choose([...crowd, named("a", "q"), named("b", "r")], 3);
    assert.equal(chosen.filter((name) => name.startsWith("crowd")).length, 1);
  });

  it("leaves a prefix alone that has its share, and knows no bound for private addresses", () => {
    assert.deepEqual(choose([named("a", "p")], 1, { p: 4 }), []);
    const neighbours = Array.from({ length: 8 }, (_, index) => named(`at home ${index}`));
    assert.equal(choose(neighbours, 8).length, 8);
  });

  it("never chooses twice, nor more than asked, nor past the bound", () => {
    const target = fc.record({
      name: fc.uuid(),
      prefixes: fc.subarray(["p", "q", "r"]),
      isBootstrap: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(target, { selector: ({ name }) => name }),
        fc.nat(12),
        fc.nat(5),
        (targets, count, held) => {
          const chosen = chooseDials(targets, {
            count,
            dialledTo: () => held,
            maxPerPrefix: 4,
            random: Math.random,
          });
          assert.ok(chosen.length <= count);
          assert.equal(new Set(chosen).size, chosen.length);
          const inP = chosen.filter(
            ({ prefixes, isBootstrap }) => !isBootstrap && prefixes.length === 1 && prefixes[0] === "p",
          );
          assert.ok(inP.length <= Math.max(0, 4 - held));
        },
      ),
    );
  });
});
