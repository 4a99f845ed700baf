import assert from "node:assert/strict";
import type { Metadata, ServiceError } from "@grpc/grpc-js";
import { systemRandom, utf8 } from "../../../src/base/index.ts";
import { createLocalSigner, signedHeaders } from "../../../src/chain/index.ts";
import { GrpcClient } from "../../../src/wire/grpc-client.ts";
import { messageService } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { Doors, network } from "../../support/signed-doors.ts";

const clock = new ManualClock();
const windowSec = 60;
const never = new AbortController().signal;
const newWallet = () =>
  signedHeaders({
    signer: createLocalSigner(systemRandom(32)),
    genesis: network,
    clock,
    random: systemRandom,
  });

interface Limited {
  readonly path: string;
  readonly operation: string;
  readonly body?: string;
  /** Calls a minute. */
  readonly limit: number;
}

const account = `0x${"1".repeat(40)}`;
const paths: readonly Limited[] = [
  { path: "/api/v1/inference/task", operation: "GetTaskStatus", limit: 3 },
  {
    path: "/api/v1/inference",
    operation: "SubmitInferenceTask",
    limit: 2,
    body: '{"model_uuid":"m","input_data":"{}"}',
  },
  { path: "/api/v2/AccountWeight", operation: "AccountWeight", limit: 3, body: `{"account":"${account}"}` },
  { path: "/v1/models", operation: "GetSupportedModels", limit: 3 },
  {
    path: "/v1/completions",
    operation: "SubmitInferenceTask",
    limit: 2,
    body: '{"model":"m","prompt":"x"}',
  },
];

describe("limits, at every door", () => {
  let doors: Doors;
  beforeEach(async () => {
    doors = await Doors.open(clock, { http: { read: 3, submit: 2 }, grpc: { read: 2 } });
  });
  afterEach(() => doors.close());

  for (const { path, operation, body, limit } of paths) {
    it(`are told in headers of each answer, and counted for each wallet: ${path}`, async () => {
      const call = async (wallet: ReturnType<typeof newWallet>) => {
        const headers = {
          ...(await wallet(operation, utf8(body ?? path))),
          "content-type": "application/json",
        };
        const init = body === undefined ? {} : { method: "POST", body };
        const answer = await fetch(`http://${doors.http}${path}`, { ...init, headers });
        await answer.arrayBuffer();
        return answer;
      };
      const wallet = newWallet();
      for (let left = limit - 1; left >= 0; left--) {
        const { status, headers } = await call(wallet);
        assert.ok(status < 300, String(status));
        assert.equal(headers.get("ratelimit-policy"), `"default";q=${limit};w=${windowSec}`);
        assert.match(headers.get("ratelimit") ?? "", new RegExp(`^"default";r=${left};t=\\d+$`));
        assert.equal(headers.get("x-rate-limit-limit"), String(limit));
        assert.equal(headers.get("x-rate-limit-remaining"), String(left));
        assert.match(headers.get("x-rate-limit-reset") ?? "", /^\d{10,}$/);
        assert.equal(headers.get("retry-after"), null);
      }
      const { status, headers } = await call(wallet);
      assert.equal(status, 429);
      assert.equal(headers.get("x-rate-limit-remaining"), "0");
      assert.equal(headers.get("retry-after"), String(windowSec / limit));
      assert.ok((await call(newWallet())).status < 300);
    });
  }

  it("are told in gRPC's metadata, and counted apart from HTTP", async () => {
    const client = new GrpcClient(doors.grpc);
    const headers = newWallet();
    const call = () => client.call(messageService.AccountWeight, { account }, { signal: never, headers });
    await call();
    await call();
    const { code, metadata } = (await call().catch((error: unknown) => error)) as ServiceError;
    client.close();
    const told = (name: string) => (metadata as Metadata).get(name)[0];
    assert.equal(code, 8);
    assert.deepEqual(
      ["countersign-code", "x-rate-limit-limit", "x-rate-limit-remaining", "retry-after"].map(told),
      ["RATE_LIMITED", "2", "0", "30"],
    );
  });
});
