import assert from "node:assert/strict";
import fc from "fast-check";
import { type BookedEscrow, EscrowBook, type EscrowChange } from "../../../src/chain/escrow-book.ts";

const paid = (requestId: string, block: number): EscrowChange => ({
  kind: "paid",
  escrow: {
    requestId,
    state: "paid",
    payer: "0x1",
    client: "0x1",
    gatewayWallet: "0x2",
    totalWei: 1n,
    expirySec: 1,
    validationDigest: new Uint8Array(32),
    paymentTx: `pay ${requestId} ${block}`,
    paidBlock: block,
    closingTx: undefined,
    closedBlock: undefined,
  },
});
const closed = (
  requestId: string,
  block: number,
  state: "completed" | "refunded" = "completed",
): EscrowChange => ({
  kind: "closed",
  requestId,
  state,
  closingTx: `close ${requestId} ${block}`,
  block,
});

describe("Escrow book", () => {
  it("follows a payment to its end", () => {
    const book = new EscrowBook();
    assert.equal(book.apply(paid("a", 5)), "a");
    assert.equal(book.get("a")?.state, "paid");
    assert.equal(book.apply(closed("a", 7, "refunded")), "a");
    assert.equal(book.get("a")?.state, "refunded");
    assert.equal(book.get("a")?.closingTx, "close a 7");
  });

  it("names requests once when they are deep enough", () => {
    const book = new EscrowBook();
    book.apply(paid("a", 5));
    book.apply(paid("b", 6));
    assert.deepEqual(book.deepened(6, 3), []);
    assert.deepEqual(book.deepened(7, 3), ["a"]);
    assert.deepEqual(book.deepened(8, 3), ["b"]);
    assert.deepEqual(book.deepened(9, 3), []);
  });

  it("passes on the end of an escrow that it does not know, without inventing it", () => {
    const book = new EscrowBook();
    assert.equal(book.apply(closed("a", 7)), "a");
    assert.equal(book.get("a"), undefined);
  });

  it("after a roll back holds exactly what the blocks that are left say", () => {
    const change = fc.record({ id: fc.constantFrom("a", "b", "c", "d"), pays: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(30), (changes, keptBlocks) => {
        // One change a block, none that the contract would refuse.
        const states = new Map<string, string>();
        const chain = changes.flatMap(({ id, pays }, block): { block: number; change: EscrowChange }[] => {
          const state = states.get(id);
          if (pays ? state !== undefined : state !== "paid") return [];
          states.set(id, pays ? "paid" : "completed");
          return [{ block, change: pays ? paid(id, block) : closed(id, block) }];
        });
        const book = new EscrowBook();
        for (const { change } of chain) book.apply(change);
        const touched = book.rollBack(keptBlocks);
        const expected = new EscrowBook();
        for (const { block, change } of chain) if (block <= keptBlocks) expected.apply(change);
        const of = (one: EscrowBook) =>
          ["a", "b", "c", "d"].map((id): BookedEscrow | undefined => one.get(id));
        assert.deepEqual(of(book), of(expected));
        for (const { block, change } of chain) {
          const id = change.kind === "paid" ? change.escrow.requestId : change.requestId;
          if (block > keptBlocks) assert.ok(touched.includes(id));
        }
      }),
    );
  });
});
