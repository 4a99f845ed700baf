import assert from "node:assert/strict";
import { signingDomain, systemRandom } from "../../../src/base/index.ts";
import { completionMessage, createLocalSigner } from "../../../src/chain/index.ts";
import { hasQuorum } from "../../../src/cosign/index.ts";
import { unpaidGenesis } from "../gateway/builders.ts";

const message = completionMessage(signingDomain(unpaidGenesis(), false), {
  requestId: "request-1",
  computeNodeWallet: `0x${"1".repeat(40)}`,
  resultHash: new Uint8Array(32),
  completionTimestamp: 1,
  computationTimeMs: 1,
});

describe("a quorum", () => {
  const validators = [1, 2, 3].map(() => createLocalSigner(systemRandom(32)));
  const set = { entries: validators.map(({ address }) => ({ address, stakeWei: 1n })), required: 2 };
  const signed = (index: number) => {
    const signer = validators[index];
    assert.ok(signer);
    return signer.signTyped(message).then((signature) => ({ address: signer.address, signature }));
  };
  const isMade = (signatures: Parameters<typeof hasQuorum>[1]) => hasQuorum(message.digest, signatures, set);

  it("is M distinct active validators' signatures", async () => {
    const [first, second] = [await signed(0), await signed(1)];
    assert.equal(isMade([first, second]), true);
    assert.equal(isMade([first]), false);
    assert.equal(isMade([first, first]), false);
    const stranger = createLocalSigner(systemRandom(32));
    const foreign = { address: stranger.address, signature: await stranger.signTyped(message) };
    assert.equal(isMade([first, foreign]), false);
    assert.equal(isMade([foreign, first, second]), true);
  });

  it("takes each validator at its first signature, so that many false ones cost little", async () => {
    const [first, second] = [await signed(0), await signed(1)];
    const falseOne = { ...second, signature: first.signature };
    assert.equal(isMade([first, falseOne, second]), false);
  });
});
