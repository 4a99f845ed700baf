import assert from "node:assert/strict";
import type { Look } from "../../../src/events/index.ts";
import { nodeView } from "../../../src/node/live-topics/node-view.ts";
import type { NodeView } from "../../../src/records/index.ts";
import { NodeInfo } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const wallet = `0x${"aa".repeat(20)}`;

describe("the view of nodes that subscribers are told", () => {
  const clock = new ManualClock();
  let node: Partial<NodeView> | undefined;
  const open = () =>
    nodeView({
      directory: { get: () => node as NodeView | undefined, keys: () => [{ wallet, nodeId: "n/1" }] },
      heartbeatIntervalMs: 10_000,
      clock,
    });
  const is = (rest: Partial<NodeView>): void => {
    node = { info: new NodeInfo({ node_id: "n/1" }), wallet, ...rest };
  };
  const look = (view: ReturnType<typeof open>): Look => view.one?.(`${wallet}/n/1`) ?? assert.fail();
  const infoIn = (one: Look) => ("payload" in one ? NodeInfo.decode(one.payload) : assert.fail(one.is));

  it("shows a node's own word with its status and when it was heard, which alone is no change", () => {
    const view = open();
    is({ status: "alive", lastHeartbeatMs: 5_000 });
    const first = look(view);
    is({ status: "alive", lastHeartbeatMs: 9_000 });
    const later = look(view);
    assert.deepEqual([infoIn(first).last_heartbeat, infoIn(later).last_heartbeat], [5, 9]);
    assert.ok("compared" in first && "compared" in later);
    assert.deepEqual(first.compared, later.compared);
    is({ status: "suspect", lastHeartbeatMs: 9_000 });
    clock.advance(60_000);
    const silent = look(view);
    assert.equal(infoIn(silent).status, "suspect");
    assert.ok("compared" in silent);
    assert.notDeepEqual(silent.compared, later.compared);
  });

  it("says nothing of a node that it has not heard until it has listened for six heartbeats", () => {
    const view = open();
    is({ status: "suspect" });
    clock.advance(59_999);
    assert.deepEqual(look(view), { key: `${wallet}/n/1`, is: "unclear" });
    clock.advance(1);
    assert.equal(infoIn(look(view)).status, "suspect");
  });

  it("calls a node without a record removed, by wallet and id", () => {
    const view = open();
    node = undefined;
    assert.deepEqual([...(view.all() as Iterable<Look>)], [{ key: `${wallet}/n/1`, is: "gone" }]);
    const gone = NodeInfo.decode(view.gone(`${wallet}/n/1`));
    assert.deepEqual([gone.node_id, gone.wallet_address, gone.status], ["n/1", wallet, "removed"]);
  });
});
