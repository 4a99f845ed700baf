import assert from "node:assert/strict";
import { CountersignError } from "../../../src/base/index.ts";
import type { CallContext } from "../../../src/operations/index.ts";
import { provable } from "../../../src/operations/provable.ts";
import { requestChecks } from "../../../src/operations/requests.ts";
import { NodeInfo, registryService } from "../../../src/wire/index.ts";

const wallet = `0x${"ab".repeat(20)}`;
const node = { node_id: "node-1", node_type: "compute", wallet_address: wallet };
const ask = provable(registryService.RegisterNode, requestChecks.RegisterNode, (info) => info.node_id);
const request = requestChecks.RegisterNode(node);
const signed = (body: Uint8Array): CallContext => ({
  caller: { wallet, proof: { operation: "RegisterNode", body }, isLocal: false },
  signal: new AbortController().signal,
});
const isRefusal = (error: unknown) => error instanceof CountersignError && error.code === "UNAUTHENTICATED";

describe("a call that is shown to the network", () => {
  it("passes with the bytes that every node can decode", () => {
    const body = NodeInfo.encode(node as NodeInfo).finish();
    assert.equal(ask(request, signed(body)), "node-1");
  });

  it("is refused where the wallet signed its JSON, another message, or no message at all", () => {
    const other = NodeInfo.encode({ ...node, node_id: "node-2" } as NodeInfo).finish();
    for (const body of [Buffer.from(JSON.stringify(node)), other, new Uint8Array(), Buffer.from([0xff])])
      assert.throws(() => ask(request, signed(body)), isRefusal);
  });

  it("is left to the role where no wallet signed it", () => {
    const { signal } = new AbortController();
    assert.equal(
      ask(request, { caller: { wallet: undefined, proof: undefined, isLocal: true }, signal }),
      "node-1",
    );
  });
});
