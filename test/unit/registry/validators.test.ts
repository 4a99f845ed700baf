import assert from "node:assert/strict";
import { nowSec, sha256, toHex } from "../../../src/base/index.ts";
import type { Signer } from "../../../src/chain/index.ts";
import { requestChecks } from "../../../src/operations/requests.ts";
import type { Caller } from "../../../src/roles/registry/index.ts";
import { RegisterValidatorRequest, UnregisterValidatorRequest } from "../../../src/wire/index.ts";
import {
  anonymous,
  by,
  local,
  never,
  refusal,
  registryWallet,
  signing,
  startRegistry,
  strangerWallet,
  type TestRegistry,
  type TestRegistryOptions,
  validatorContract,
  validatorWallets,
} from "./network.ts";

const [first = registryWallet, second = registryWallet] = validatorWallets;
const stakeTx = `0x${"c3".repeat(32)}`;

describe("validators", () => {
  let net: TestRegistry;

  beforeEach(async () => {
    net = await startRegistry();
  });
  afterEach(() => net.stop());

  async function restartWith(options: TestRegistryOptions): Promise<void> {
    await net.stop();
    net = await startRegistry(options);
  }

  const request = (changes: object = {}) =>
    requestChecks.RegisterValidator({
      validator_address: first.address,
      stake_wei: "1000",
      node_id: "v-1",
      timestamp: nowSec(net.clock),
      ...changes,
    });
  type Registration = ReturnType<typeof request>;

  async function signed(message: Registration, signer: Signer = first): Promise<Registration> {
    const body = RegisterValidatorRequest.encode({ ...message, signature: "" }).finish();
    return requestChecks.RegisterValidator({
      ...message,
      signature: toHex(await signer.signHash(sha256(body))),
    });
  }
  async function resignation(signer: Signer = first, timestamp = nowSec(net.clock)) {
    const message = { validator_address: first.address, timestamp };
    const body = UnregisterValidatorRequest.encode(message).finish();
    return requestChecks.UnregisterValidator({
      ...message,
      signature: toHex(await signer.signHash(sha256(body))),
    });
  }

  const register = async (message: Registration | Promise<Registration>, caller?: Caller) => {
    const given = await message;
    const body = RegisterValidatorRequest.encode(given).finish();
    const own = await signing(net, first, "RegisterValidator", body);
    return net.registry.registerValidator(given, caller ?? own, never);
  };
  const info = async (address: string) =>
    (await net.registry.getValidatorInfo({ address }, anonymous, never)).validator;
  const list = (changes: object = {}) =>
    net.registry.listValidators(requestChecks.ListValidators(changes), anonymous, never);
  const codeOf = async (promise: Promise<unknown>) => (await refusal(promise)).code;

  it("register by a signed call, with the call in the record", async () => {
    const answer = await register(request());
    assert.equal(answer.success, true);
    assert.equal(answer.validator?.node_id, "v-1");
    assert.equal(answer.validator?.registered_at, nowSec(net.clock));
    const record = net.replica.get(net.kinds.validator, registryWallet.address, first.address);
    assert.equal(record?.payload.status, "active");
    assert.equal(record?.payload.proof?.operation, "RegisterValidator");
  });

  it("register by the request's own signature, whoever brings it", async () => {
    const message = await signed(request());
    for (const caller of [anonymous, by(strangerWallet)]) {
      net.clock.advance(1_000);
      const fresh = await signed(request());
      assert.equal((await register(fresh, caller)).success, true);
    }
    const proof = net.replica.get(net.kinds.validator, registryWallet.address, first.address)?.payload.proof;
    assert.equal(proof?.operation, "RegisterValidator");
    assert.deepEqual(
      RegisterValidatorRequest.decode(proof?.body ?? new Uint8Array()).validator_address,
      first.address,
    );
    assert.notEqual(message.signature, "");
  });

  it("are refused without a signature, with another's, and for another", async () => {
    assert.equal(await codeOf(register(request(), anonymous)), "UNAUTHENTICATED");
    assert.equal(await codeOf(register(request(), by(strangerWallet))), "ACCESS_DENIED");
    assert.equal(await codeOf(register(signed(request(), second), anonymous)), "UNAUTHENTICATED");
    const changed = { ...(await signed(request())), node_id: "v-2" };
    assert.equal(await codeOf(register(changed, anonymous)), "UNAUTHENTICATED");
  });

  it("are refused with an old or future signature, and with a copy of one that was undone", async () => {
    for (const offset of [-61, 61]) {
      const message = signed(request({ timestamp: nowSec(net.clock) + offset }));
      assert.equal((await refusal(register(message, anonymous))).data["field"], "timestamp");
    }
    const message = await signed(request());
    await register(message, anonymous);
    net.clock.advance(5_000);
    await net.registry.unregisterValidator(await resignation(), anonymous, never);
    net.clock.advance(1_000);
    assert.equal((await refusal(register(message, anonymous))).data["field"], "timestamp");
  });

  it("register with their own node without a signature or a proof", async () => {
    const own = request({ validator_address: registryWallet.address });
    assert.equal(await codeOf(register(own, local)), "STAKE_INVALID");
    await restartWith({ isPaid: true });
    net.chain.staked.push({
      address: registryWallet.address,
      stakeWei: 5n,
      status: "active",
      registeredAtSec: 9,
    });
    net.chain.transfers.set(`${stakeTx}/${registryWallet.address}/${validatorContract}`, 5n);
    const answer = await register(
      request({ validator_address: registryWallet.address, stake_wei: "5", stake_tx: stakeTx }),
      local,
    );
    assert.equal(answer.validator?.status, "active");
    const record = net.replica.get(net.kinds.validator, registryWallet.address, registryWallet.address);
    assert.equal(record?.payload.proof ?? null, null);
  });

  it("of a network without a chain are those that the genesis lists, with its stake", async () => {
    const stranger = request({ validator_address: strangerWallet.address });
    assert.equal(await codeOf(register(stranger, by(strangerWallet))), "STAKE_INVALID");
    assert.equal(await codeOf(register(request({ stake_wei: "999" }))), "STAKE_INVALID");
    assert.equal((await register(request({ stake_wei: "" }))).validator?.stake_wei, "1000");
  });

  describe("of a network with a chain", () => {
    beforeEach(async () => {
      await restartWith({ isPaid: true });
      net.chain.transfers.set(`${stakeTx}/${first.address}/${validatorContract}`, 1_000n);
    });

    it("need their stake there, as they say, by the transaction that they name", async () => {
      const field = async (changes: object) => {
        const problem = await refusal(register(request({ stake_tx: stakeTx, ...changes })));
        return [problem.code, problem.data["field"]];
      };
      assert.deepEqual(await field({ stake_wei: "999" }), ["STAKE_INVALID", "stake_wei"]);
      assert.deepEqual(await field({ stake_tx: "" }), ["INVALID_ARGUMENT", "stake_tx"]);
      const unknown = `0x${"d4".repeat(32)}`;
      assert.deepEqual(await field({ stake_tx: unknown }), ["STAKE_INVALID", "stake_tx"]);
      net.chain.transfers.set(`${unknown}/${second.address}/${validatorContract}`, 1_000n);
      assert.deepEqual(await field({ stake_tx: unknown }), ["STAKE_INVALID", "stake_tx"]);
      const answer = await register(request({ stake_tx: stakeTx }));
      assert.equal(answer.validator?.registered_at, 1_700_000_000);
      assert.equal(answer.validator?.status, "active");
    });

    for (const status of ["pending", "unbonding", "inactive", "slashed"] as const) {
      it(`cannot register while ${status}, and are shown so`, async () => {
        net.chain.staked[0] = { address: first.address, stakeWei: 1_000n, status, registeredAtSec: 1 };
        assert.equal(await codeOf(register(request({ stake_tx: stakeTx }))), "STAKE_INVALID");
        assert.equal((await info(first.address))?.status, status);
        assert.equal((await list({ active_only: true })).length, 2);
      });
    }

    it("cannot register where the chain is not read", async () => {
      await restartWith({ isPaid: true, isBlind: true });
      assert.equal(await codeOf(register(request({ stake_tx: stakeTx }))), "CHAIN_UNAVAILABLE");
    });
  });

  it("go inactive when they unregister, and come back when they register again", async () => {
    await register(request());
    const ack = await net.registry.unregisterValidator(
      await resignation(),
      await signing(
        net,
        first,
        "UnregisterValidator",
        UnregisterValidatorRequest.encode(await resignation()).finish(),
      ),
      never,
    );
    assert.equal(ack.success, true);
    assert.equal((await info(first.address))?.status, "inactive");
    assert.equal((await list({ active_only: true })).length, 2);
    net.clock.advance(1_000);
    await register(request());
    assert.equal((await info(first.address))?.status, "active");
  });

  it("unregister by nobody else, and not before they registered", async () => {
    assert.equal(
      await codeOf(net.registry.unregisterValidator(await resignation(), anonymous, never)),
      "NOT_FOUND",
    );
    await register(request());
    const unsigned = requestChecks.UnregisterValidator({ validator_address: first.address });
    const unregister = (caller = anonymous, message = unsigned) =>
      codeOf(net.registry.unregisterValidator(message, caller, never));
    assert.equal(await unregister(), "UNAUTHENTICATED");
    assert.equal(await unregister(by(second)), "ACCESS_DENIED");
    assert.equal(await unregister(anonymous, await resignation(second)), "UNAUTHENTICATED");
  });

  it("show stake, reputation, statistics and when they were last seen", async () => {
    await register(request());
    net.conduct.set(first.address, {
      score: -3,
      successes: 7,
      failures: 2,
      noAnswers: 1,
      slashings: 0,
      lastSeenMs: 50_000,
    });
    net.replica.adopt(net.kinds.node, first.address, "v-1", {
      info: { node_id: "v-1", wallet_address: first.address },
    });
    net.states.set("v-1", { lastHeartbeatMs: 61_500 });
    assert.deepEqual(await info(first.address), {
      validator_address: first.address,
      stake_wei: "1000",
      reputation: -3,
      status: "active",
      registered_at: nowSec(net.clock),
      last_seen: 61,
      validations_total: 10,
      validations_failed: 3,
      node_id: "v-1",
    });
  });

  it("are listed with most stake first, up to the limit; an unknown one is not found", async () => {
    await restartWith({ isPaid: true });
    const all = (await list()).map((validator) => validator.stake_wei);
    assert.deepEqual(all, ["1002", "1001", "1000"]);
    assert.equal((await list({ limit: 2 })).length, 2);
    assert.equal(await codeOf(info(strangerWallet.address)), "NOT_FOUND");
  });

  it("that only a record names are pending", async () => {
    net.replica.adopt(net.kinds.validator, strangerWallet.address, strangerWallet.address, {
      status: "active",
    });
    assert.equal((await info(strangerWallet.address))?.status, "pending");
    assert.equal((await list({ active_only: true })).length, 3);
  });

  it("stay registered while they are listed, by renewal", async () => {
    await register(request());
    net.clock.set(net.clock.nowMs() + net.kinds.validator.lifeMs / 2 + 1);
    await net.registry.sweep(never);
    net.clock.set(net.clock.nowMs() + net.kinds.validator.lifeMs / 2 + 1);
    assert.equal((await info(first.address))?.node_id, "v-1");
  });
});
