import assert from "node:assert/strict";
import { TopicValidatorResult } from "@libp2p/gossipsub";
import fc from "fast-check";
import { defaultGossipTuning, gossipsubOptions, validatorResult } from "../../../src/mesh/gossip.ts";
import { topicNames } from "../../../src/mesh/mesh.ts";
import { protocolId, topicId } from "../../../src/mesh/protocol-ids.ts";

describe("gossip verdicts", () => {
  it("map to the library's results one to one", () => {
    assert.equal(validatorResult("accept"), TopicValidatorResult.Accept);
    assert.equal(validatorResult("ignore"), TopicValidatorResult.Ignore);
    assert.equal(validatorResult("reject"), TopicValidatorResult.Reject);
  });

  it("are about this network's topics and no others", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,10}-[0-9a-f]{8}$/), (network) => {
        const { allowedTopics } = gossipsubOptions(network, defaultGossipTuning);
        assert.deepEqual(
          [...(allowedTopics ?? [])],
          topicNames.map((name) => `/countersign/${network}/${name}/1`),
        );
      }),
    );
  });

  it("carry the network id in every name", () => {
    assert.equal(protocolId("net-01234567", "cosign"), "/countersign/net-01234567/cosign/1.0.0");
    assert.equal(topicId("net-01234567", "records"), "/countersign/net-01234567/records/1");
  });
});
