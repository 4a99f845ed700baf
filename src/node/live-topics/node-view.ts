import type { Clock } from "../../base/index.ts";
import type { Look, Shown, ToldView } from "../../events/index.ts";
import { type NodeDirectory, type NodeView, nodeKey, offlineAfterMissed } from "../../records/index.ts";
import { NodeInfo } from "../../wire/index.ts";

export interface NodeViewOptions {
  readonly directory: Pick<NodeDirectory, "get" | "keys">;
  readonly heartbeatIntervalMs: number;
  readonly clock: Clock;
}

/** Topic `node`: every node's own statement, with the status that this node observes; `removed` once it is gone. */
export function nodeView({ directory, heartbeatIntervalMs, clock }: NodeViewOptions): ToldView {
  const listensFromMs = clock.nowMs();
  const lookAt = (wallet: string, nodeId: string): Look => {
    const key = nodeKey(wallet, nodeId);
    const node = directory.get(wallet, nodeId);
    if (node === undefined) return { key, is: "gone" };
    // Who was not heard yet may be well: that is told once this node has listened for long enough.
    const isListening = clock.nowMs() - listensFromMs >= offlineAfterMissed * heartbeatIntervalMs;
    return isListening || node.status === "alive" ? shown(node) : { key, is: "unclear" };
  };
  return {
    topic: "node",
    *all() {
      for (const { wallet, nodeId } of directory.keys()) yield lookAt(wallet, nodeId);
    },
    one(key) {
      const { wallet, nodeId } = partsOf(key);
      return lookAt(wallet, nodeId);
    },
    gone(key) {
      const { wallet, nodeId } = partsOf(key);
      return NodeInfo.encode({ node_id: nodeId, wallet_address: wallet, status: "removed" }).finish();
    },
  };
}

function shown(node: NodeView): Shown {
  const info = { ...node.info, wallet_address: node.wallet, last_heartbeat: 0, status: node.status };
  const heardSec = Math.floor((node.lastHeartbeatMs ?? 0) / 1000);
  return {
    key: nodeKey(node.wallet, node.info.node_id),
    payload: NodeInfo.encode({ ...info, last_heartbeat: heardSec }).finish(),
    compared: NodeInfo.encode(info).finish(),
  };
}

function partsOf(key: string): { readonly wallet: string; readonly nodeId: string } {
  const slash = key.indexOf("/");
  return { wallet: key.slice(0, slash), nodeId: key.slice(slash + 1) };
}
