import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fromHex, silentLogger, systemClock, toHex } from "../../../src/base/index.ts";
import {
  type Anvil,
  createLocalSigner,
  openRemoteWallet,
  preprocessingMessage,
  recoverHashSigner,
  recoverSigner,
  startAnvil,
} from "../../../src/chain/index.ts";
import { RpcClient } from "../../../src/chain/rpc.ts";
import { TransactionQueue } from "../../../src/chain/transactions.ts";

// Anvil holds the keys of its accounts and signs with them: a real remote signer.

const terms = preprocessingMessage(
  { chainId: 31_337, verifyingContract: `0x${"ab".repeat(20)}` },
  {
    requestId: "a request, größer",
    client: `0x${"01".repeat(20)}`,
    gatewayWallet: `0x${"02".repeat(20)}`,
    computeNodeId: "node",
    computeNodeWallet: `0x${"03".repeat(20)}`,
    computePriceWei: 2n ** 200n + 1n,
    gatewayGasWei: "7",
    validatorRewardWei: 0n,
    treasuryFeeWei: 1n,
    expiryTimestamp: 1_800_000_000,
  },
);

describe("a wallet behind a remote signer", function () {
  this.timeout(60_000);
  let anvil: Anvil;
  let address: string;
  const open = (url: string, of = address) => openRemoteWallet({ url, address: of, clock: systemClock });

  before(async () => {
    anvil = await startAnvil();
    [address] = (await new RpcClient(anvil.url, systemClock).call<string[]>("eth_accounts")) as [string];
  });
  after(() => anvil.stop());

  it("signs typed messages and hashes as a local key does", async () => {
    const { signer } = await open(anvil.url);
    assert.equal(recoverSigner(terms.digest, await signer.signTyped(terms)), address);
    const hash = new Uint8Array(32).fill(9);
    assert.equal(recoverHashSigner(hash, await signer.signHash(hash)), address);
  });

  it("sends transactions in the order of their nonces", async () => {
    const { sender } = await open(anvil.url);
    const rpc = new RpcClient(anvil.url, systemClock);
    const queue = new TransactionQueue({
      rpc,
      sender,
      chainId: anvil.chainId,
      clock: systemClock,
      logger: silentLogger,
      pollMs: 20,
    });
    const to = `0x${"0d".repeat(20)}`;
    await Promise.all([1n, 2n, 3n].map((valueWei) => queue.send({ to, data: "0x", valueWei })));
    queue.stop();
    assert.equal(BigInt(await rpc.call<string>("eth_getBalance", [to, "latest"])), 6n);
  });

  it("is refused at the start when the signer holds another key", async () => {
    await assert.rejects(open(anvil.url, `0x${"0e".repeat(20)}`), {
      code: "UNAVAILABLE",
      message: /refused (personal_sign|eth_sign)/,
    });
  });

  it("is refused at the start when nobody answers", async () => {
    await assert.rejects(open("http://127.0.0.1:1"), {
      code: "UNAVAILABLE",
      message: /remote signer at http:\/\/127\.0\.0\.1:1 does not answer/,
    });
  });

  describe("of another kind", () => {
    const local = createLocalSigner(new Uint8Array(32).fill(7));
    const served = async (
      answer: (method: string, params: string[]) => unknown,
      work: (url: string) => Promise<void>,
    ) => {
      const server = createServer((request, response) => {
        let body = "";
        request.on("data", (part) => {
          body += part;
        });
        request.on("end", async () => {
          const { id, method, params } = JSON.parse(body);
          const result = await answer(method, params);
          const error = { code: -32_601, message: "no such method" };
          response.end(
            JSON.stringify({ jsonrpc: "2.0", id, ...(result === undefined ? { error } : { result }) }),
          );
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    };

    it("may know eth_sign alone, and count recovery ids from 0", () =>
      served(
        async (method, [, hash]) => {
          if (method !== "eth_sign") return undefined;
          const signature = await local.signHash(fromHex(hash ?? ""));
          signature[64] = (signature[64] ?? 0) - 27;
          return toHex(signature);
        },
        async (url) => {
          const { signer } = await open(url, local.address);
          const hash = new Uint8Array(32).fill(3);
          assert.equal(recoverHashSigner(hash, await signer.signHash(hash)), local.address);
        },
      ));

    for (const [what, answer] of [
      ["nothing", null],
      ["no hex", "signed!"],
      ["too few bytes", "0x1234"],
      ["a signature by somebody else", `0x${"11".repeat(64)}1b`],
    ] as const) {
      it(`is refused when it answers ${what}`, () =>
        served(
          () => answer,
          (url) =>
            assert.rejects(open(url, local.address), {
              code: "CONFIG_INVALID",
              message: new RegExp(`does not sign for ${local.address}`),
            }),
        ));
    }
  });
});
