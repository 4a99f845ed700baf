import assert from "node:assert/strict";
import fc from "fast-check";
import { type Action, scoreOf, weiPerToken } from "../../../src/roles/indexer/score/score.ts";
import { statusOf } from "../../../src/roles/indexer/score/status.ts";

const tokens = (count: number) => BigInt(count) * weiPerToken;
const action = fc.record<Action>({
  by: fc.nat(20).map((wallet) => `0x${wallet.toString(16).padStart(40, "0")}`),
  kind: fc.constantFrom("upvote", "dislike", "downvote"),
  amountWei: fc.bigInt({ min: 0n, max: tokens(300) }),
});

describe("an article's score", () => {
  it("counts upvotes up to the cap, less dislikes and down-votes, rounded down", () => {
    const actions: Action[] = [
      { by: "0xa", kind: "upvote", amountWei: tokens(250) },
      { by: "0xb", kind: "upvote", amountWei: tokens(10) + 1n },
      { by: "0xc", kind: "dislike", amountWei: tokens(25) },
      { by: "0xd", kind: "downvote", amountWei: tokens(50) },
    ];
    assert.deepEqual(scoreOf(actions), { scoreNet: 35, upvotes: 2, counted: 110, dislikes: 1, downvotes: 1 });
    assert.equal(scoreOf([]).scoreNet, 0);
  });

  it("rounds down below zero too", () => {
    const parameters = { upvoteCapWei: tokens(1), dislikeWeightWei: 1n, downvoteWeightWei: weiPerToken };
    assert.equal(scoreOf([{ by: "0xa", kind: "dislike", amountWei: 0n }], parameters).scoreNet, -1);
    assert.equal(scoreOf([{ by: "0xa", kind: "downvote", amountWei: 0n }], parameters).scoreNet, -1);
  });

  it("takes one action per wallet, the first, however its address is written", () => {
    const first: Action = { by: "0xAB", kind: "upvote", amountWei: tokens(10) };
    assert.equal(scoreOf([first, { by: "0xab", kind: "downvote", amountWei: 0n }]).scoreNet, 10);
  });

  it("depends on the order of actions in nothing but which is a wallet's first", () => {
    fc.assert(
      fc.property(fc.uniqueArray(action, { selector: ({ by }) => by }), (actions) => {
        assert.deepEqual(scoreOf(actions), scoreOf(actions.toReversed()));
        const { counted, dislikes, downvotes, scoreNet } = scoreOf(actions);
        assert.equal(scoreNet, counted - 25 * dislikes - 50 * downvotes);
      }),
    );
  });
});

describe("an article's status", () => {
  it("is under dispute while a case is open, then what the cases came to", () => {
    assert.equal(statusOf([]), "normal");
    assert.equal(statusOf([{ isUpheld: false }]), "normal");
    assert.equal(statusOf([{ isUpheld: true }, { isUpheld: false }]), "action_taken");
    assert.equal(statusOf([{ isUpheld: true }, {}]), "under_dispute");
  });
});
