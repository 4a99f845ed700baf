import assert from "node:assert/strict";
import { genesisSchema, networkId, systemRandom, toHex, utf8 } from "../../../src/base/index.ts";
import { isSignedCall, parseCallSignature } from "../../../src/chain/index.ts";
import { createClient, privateKeyWallet, type SdkError, verifyReceipt } from "../../../src/sdk/index.ts";
import type * as messages from "../../../src/sdk/messages.ts";
import type { InferenceResponse, InferenceTaskStatus, ModelInfo, NodeInfo } from "../../../src/wire/index.ts";

// Names of the SDK's messages are those of the wire: the compiler compares them.
type Names<M> = Exclude<keyof M, `$${string}`>;
type Same<A, B> = [Names<A>] extends [Names<B>] ? ([Names<B>] extends [Names<A>] ? true : false) : false;
const named: [
  Same<messages.TaskStatus, InferenceTaskStatus.$Properties>,
  Same<messages.InferenceResponse, InferenceResponse.$Properties>,
  Same<messages.ModelInfo, ModelInfo.$Properties>,
  Same<messages.NodeInfo, NodeInfo.$Properties>,
] = [true, true, true, true];

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A gateway that gives these answers, one after the other; an error is a connection that fails. */
function scripted(...answers: (Response | Error)[]): { sent: Sent[]; fetch: typeof fetch } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (url, init = {}) => {
      sent.push({ url: String(url), init });
      const answer = answers[sent.length - 1];
      if (answer === undefined) throw new Error("asked once too often");
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

/** Time stands still, and no wait lasts. */
const clock = {
  nowMs: () => 1_800_000_000_000,
  after: (delayMs: number, callback: () => void) => {
    if (delayMs < 10_000) queueMicrotask(callback);
    return () => {};
  },
  every: () => () => {},
};

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const refusal = (code: string, status: number, headers = {}) =>
  json({ error: { code, number: 1, message: code } }, status, headers);
const task = { request_id: "r", status: "queued", error_message: "", quorum_trail: [] };
const genesis = genesisSchema.parse({ name: "test", chain: null });

describe("calls of the SDK", () => {
  it("have messages with the wire's names", () => assert.deepEqual(named, [true, true, true, true]));

  it("are repeated while the gateway is away or busy, a submit under one Idempotency-Key", async () => {
    const { sent, fetch } = scripted(
      new TypeError("fetch failed"),
      refusal("UNAVAILABLE", 503),
      refusal("RATE_LIMITED", 429, { "retry-after": "1" }),
      new Response("<html>", { status: 502 }),
      json(task, 202),
    );
    const client = createClient({ url: "http://gateway:1/prefix/", fetch, clock });
    assert.equal((await client.submit({ model: "m", input: { a: 1 } })).id, "r");
    assert.deepEqual(
      new Set(sent.map(({ url }) => url)),
      new Set(["http://gateway:1/prefix/api/v1/inference"]),
    );
    const keys = sent.map(({ init }) => new Headers(init.headers).get("idempotency-key"));
    assert.equal(keys.length, 5);
    assert.equal(new Set(keys).size, 1);
    assert.equal(sent[0]?.init.body, '{"model_uuid":"m","input_data":"{\\"a\\":1}"}');
  });

  it("are not repeated for ever, nor when the answer would be the same", async () => {
    const down = scripted(...Array.from({ length: 3 }, () => new TypeError("fetch failed")));
    const client = createClient({ url: "http://gateway:1", fetch: down.fetch, clock, retries: 2 });
    await assert.rejects(client.models(), { name: "SdkError", code: "UNAVAILABLE" });
    assert.equal(down.sent.length, 3);
    for (const answer of [
      refusal("MODEL_NOT_FOUND", 404),
      refusal("RATE_LIMITED", 429, { "retry-after": "60" }),
    ]) {
      const one = scripted(answer);
      await assert.rejects(createClient({ url: "http://gateway:1", fetch: one.fetch, clock }).models());
      assert.equal(one.sent.length, 1);
    }
  });

  it("are signed once the gateway asks for it, over the target where there is no body", async () => {
    const { sent, fetch } = scripted(refusal("UNAUTHENTICATED", 401), json(task), json(task));
    const wallet = await privateKeyWallet(toHex(systemRandom(32)));
    const client = createClient({ url: "http://gateway:1", fetch, clock, wallet, genesis, apiKey: "csk_a" });
    await client.status("0xab/r");
    await client.status("r");
    const [unsigned, first, second] = sent.map(({ init }) => {
      const headers = new Headers(init.headers);
      assert.equal(headers.get("authorization"), "Bearer csk_a");
      return parseCallSignature((name) => headers.get(name) ?? undefined);
    });
    assert.equal(unsigned, undefined);
    assert.ok(
      first !== undefined && !("badHeader" in first) && second !== undefined && !("badHeader" in second),
    );
    assert.equal(first.address, wallet.address);
    assert.notDeepEqual(first.nonce, second.nonce);
    assert.ok(isSignedCall(genesis, first, "GetTaskStatus", utf8("/api/v1/inference/0xab%2Fr")));
    assert.ok(isSignedCall(genesis, second, "GetTaskStatus", utf8("/api/v1/inference/r")));
  });

  it("do not sign for a gateway that names one network and shows the genesis of another", async () => {
    const status = { network: "other-00000000", genesis_json: JSON.stringify(genesis) };
    const { sent, fetch } = scripted(json(status));
    const wallet = await privateKeyWallet(toHex(systemRandom(32)));
    const client = createClient({ url: "http://gateway:1", fetch, clock, wallet });
    await assert.rejects(client.cancel("r"), { code: "CONFIG_INVALID" });
    assert.equal(sent.length, 1);
    assert.notEqual(networkId(genesis), status.network);
  });

  it("refuse what can be no call, and say which argument", async () => {
    for (const url of ["", "ftp://a", "http://user:secret@a", "http://a?b"])
      assert.throws(
        () => createClient({ url }),
        (error: SdkError) => error.field === "url",
      );
    await assert.rejects(privateKeyWallet("0x12"), (error: SdkError) => {
      assert.equal(error.field, "privateKey");
      return !error.message.includes("0x12");
    });
    const { fetch } = scripted(new Response("<html>", { status: 200 }));
    await assert.rejects(createClient({ url: "http://gateway:1", fetch }).models(), {
      code: "INTERNAL",
      httpStatus: 200,
    });
    assert.equal((await verifyReceipt({})).ok, false);
    await assert.rejects(verifyReceipt({}, { genesis: { name: "?" } }), {
      code: "CONFIG_INVALID",
      field: "genesis.name",
    });
  });
});
