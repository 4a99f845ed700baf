import assert from "node:assert/strict";
import { silentLogger } from "../../../src/base/index.ts";
import { openStreamsSideBySide } from "../../../src/mesh/gossip-streams.ts";

interface Attempt {
  readonly peerId: string;
  readonly connection: { readonly name: string; status: string };
  end(): void;
}

function opener() {
  const attempts: Attempt[] = [];
  const pubsub = {
    createOutboundStream(peerId: string, connection: Attempt["connection"]): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      attempts.push({ peerId, connection, end: resolve });
      return promise;
    },
  };
  openStreamsSideBySide(pubsub as never, silentLogger);
  return {
    attempts,
    open: (peerId: string, name: string) => pubsub.createOutboundStream(peerId, connection(name)),
  };
}

const connection = (name: string) => ({ name, status: "open" });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("gossip's streams", () => {
  it("to one peer do not wait for another's that hangs", async () => {
    const { attempts, open } = opener();
    await open("silent", "a");
    await open("lively", "b");
    assert.deepEqual(
      attempts.map(({ peerId }) => peerId),
      ["silent", "lively"],
    );
  });

  it("are tried on the newest connection once an attempt on another has ended, one at a time", async () => {
    const { attempts, open } = opener();
    await open("peer", "first");
    await open("peer", "second");
    await open("peer", "third");
    assert.equal(attempts.length, 1);
    attempts[0]?.end();
    await turn();
    assert.deepEqual(
      attempts.map(({ connection: { name } }) => name),
      ["first", "third"],
    );
    attempts[1]?.end();
    await turn();
    await open("peer", "fourth");
    assert.equal(attempts.length, 3);
  });
});
