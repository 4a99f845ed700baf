import assert from "node:assert/strict";
import fc from "fast-check";
import { FairQueue } from "../../../src/cosign/fair-queue.ts";

describe("fair queue", () => {
  it("serves senders in turn, each in its own order", () => {
    const queue = new FairQueue<string>({ perSender: 10, total: 20 });
    for (const item of ["a1", "a2", "a3"]) queue.push("a", item);
    for (const item of ["b1", "b2"]) queue.push("b", item);
    const served = Array.from({ length: 6 }, () => queue.shift());
    assert.deepEqual(served, ["a1", "b1", "a2", "b2", "a3", undefined]);
  });

  it("loses nothing it took and takes nothing past its bounds", () => {
    const step = fc.oneof(fc.constant("shift" as const), fc.constantFrom("a", "b", "c"));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new FairQueue<string>({ perSender: 5, total: 9 });
        const held = new Map<string, string[]>([
          ["a", []],
          ["b", []],
          ["c", []],
        ]);
        let number = 0;
        for (const one of steps) {
          const size = [...held.values()].reduce((sum, list) => sum + list.length, 0);
          assert.equal(queue.size, size);
          if (one === "shift") {
            const item = queue.shift();
            if (item === undefined) assert.equal(size, 0);
            else assert.equal(held.get(item.slice(0, 1))?.shift(), item);
          } else {
            const list = held.get(one) ?? [];
            const isTaken = queue.push(one, `${one}${number}`);
            assert.equal(isTaken, size < 9 && list.length < 5);
            if (isTaken) list.push(`${one}${number}`);
            number++;
          }
        }
      }),
    );
  });
});
