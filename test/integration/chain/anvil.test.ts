import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { getCreateAddress } from "ethers/address";
import { isCode, systemClock } from "../../../src/base/index.ts";
import { contractAddresses, startAnvil } from "../../../src/chain/index.ts";
import { RpcClient } from "../../../src/chain/rpc.ts";

describe("A local chain", () => {
  it("answers with the chain id and accounts that were asked for, and is gone once stopped", async () => {
    const anvil = await startAnvil({ chainId: 4_242, accounts: 3 });
    const rpc = new RpcClient(anvil.url, systemClock);
    assert.equal(Number(await rpc.call<string>("eth_chainId")), 4_242);
    assert.equal((await rpc.call<string[]>("eth_accounts")).length, 3);
    await anvil.stop();
    await anvil.stop();
    await anvil.ended;
    await assert.rejects(rpc.call("eth_chainId"), (error) => isCode(error, "CHAIN_UNAVAILABLE"));
    assert.throws(() => process.kill(anvil.pid, 0), { code: "ESRCH" });
  });

  it("says which port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await assert.rejects(startAnvil({ port }), (error) => {
        assert.ok(isCode(error, "CONFIG_INVALID"));
        assert.match(error.message, new RegExp(`port ${port} on 127.0.0.1 is in use`));
        return true;
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it("explains a start that fails by what the program said", async () => {
    await assert.rejects(startAnvil({ extraArguments: ["--no-such-flag"] }), /no-such-flag/);
  });

  it("stops with its signal, before and after the start", async () => {
    const controller = new AbortController();
    const anvil = await startAnvil({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await anvil.ended;
    await assert.rejects(startAnvil({ signal: controller.signal }), /enough/);
  });

  it("gives contracts the addresses that were computed before", () => {
    const deployer = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
    for (const nonce of [0, 1, 126, 127, 128, 254, 255, 256, 65_535, 70_000]) {
      const expected = [0, 1, 2].map((add) =>
        getCreateAddress({ from: deployer, nonce: nonce + add }).toLowerCase(),
      );
      assert.deepEqual(Object.values(contractAddresses(deployer, nonce)), expected);
    }
  });
});
