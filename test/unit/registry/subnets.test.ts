import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, nowSec, sha256, toHex, zeroAddress } from "../../../src/base/index.ts";
import { requestChecks } from "../../../src/operations/requests.ts";
import { subnetIdOf } from "../../../src/records/kinds/index.ts";
import { quoteFor, readQuote, signQuote, subnetFeeWei } from "../../../src/roles/registry/fee-quote.ts";
import { configHash } from "../../../src/roles/registry/subnet-config.ts";
import {
  anonymous,
  by,
  computeWallet,
  gatewayWallet,
  never,
  otherRegistryWallet,
  refusal,
  registryWallet,
  startRegistry,
  strangerWallet,
  type TestRegistry,
  type TestRegistryOptions,
  treasury,
  validatorWallets,
} from "./network.ts";

const models = [
  { model_uuid: "m-1", source: "url", path: "http://127.0.0.1:1", max_tokens: 4_096 },
  { model_uuid: "m-2", source: "executor", path: "/bin/x", max_tokens: 5_096 },
];
const paymentTx = `0x${"a1".repeat(32)}`;
const gateway = gatewayWallet.address;

describe("subnets", () => {
  let net: TestRegistry;

  async function startWith(options: TestRegistryOptions = {}): Promise<void> {
    net = await startRegistry(options);
    net.replica.adopt(net.kinds.node, gateway, "gateway-1", {
      info: { node_id: "gateway-1", node_type: "gateway", wallet_address: gateway },
      roles: ["gateway"],
    });
  }
  async function restartWith(options: TestRegistryOptions): Promise<void> {
    await net.stop();
    await startWith(options);
  }

  beforeEach(() => startWith());
  afterEach(() => net.stop());

  const estimate = (changes: object = {}) =>
    net.registry.estimateSubnetFee(
      requestChecks.EstimateSubnetFee({ gateway_address: gateway, models, ...changes }),
      anonymous,
      never,
    );
  async function request(changes: object = {}) {
    const quote = await estimate();
    const checked = requestChecks.EstimateSubnetFee({ gateway_address: gateway, models });
    return requestChecks.CreateSubnet({
      gateway_address: gateway,
      models,
      fee_quote_id: quote.fee_quote_id,
      payment_tx: paymentTx,
      config_hash: configHash(gateway, checked.models),
      ...changes,
    });
  }
  type Created = Awaited<ReturnType<typeof request>>;
  const create = (message: Created, caller = by(gatewayWallet)) =>
    net.registry.createSubnet(message, caller, never);
  const list = () => net.registry.listSubnets({} as never, anonymous, never);
  const pay = (amountWei: bigint, tx = paymentTx, from = gateway) =>
    net.chain.transfers.set(`${tx}/${from}/${treasury}`, amountWei);
  /** 1 base + 2 models at 0.1 + 1000 tokens above the allowance at 10^12. */
  const feeWei = 1_201_000_000_000_000_000n;

  describe("quotes", () => {
    it("are given for gateways on the network only: no other's subnet could become active", async () => {
      const refused = await refusal(estimate({ gateway_address: `0x${"99".repeat(20)}` }));
      assert.equal(refused.code, "NOT_FOUND");
      assert.match(refused.message, /^gateway_address: /);
    });

    it("quote nothing on a network without a chain, for ten minutes", async () => {
      const quote = await estimate();
      assert.equal(quote.network_fee_wei, "0");
      assert.equal(quote.treasury_address, zeroAddress);
      assert.equal(quote.expiry_timestamp, nowSec(net.clock) + 600);
    });

    it("quote base, models and tokens above the allowance of each model", async () => {
      await restartWith({ isPaid: true });
      const quote = await estimate();
      assert.equal(quote.network_fee_wei, String(feeWei));
      assert.equal(quote.treasury_address, treasury);
    });

    it("fit 512 characters whatever is quoted, and read back as signed", async () => {
      await restartWith({ isPaid: true });
      const longest = {
        ...net.genesis,
        name: "n".repeat(32),
        subnet_fee: { ...net.genesis.subnet_fee, base_wei: "9".repeat(77) },
      };
      const quote = quoteFor(longest, {
        gateway,
        models,
        nowSec: 9_999_999_999,
        nonce: new Uint8Array(8).fill(255),
      });
      const id = await signQuote(quote, registryWallet);
      assert.ok(id.length <= 512, `${id.length} characters`);
      assert.deepEqual(readQuote(id), { quote, signer: registryWallet.address });
    });

    it("are never quotes when a character changes", async () => {
      const id = (await estimate()).fee_quote_id ?? "";
      fc.assert(
        fc.property(fc.nat(id.length - 1), fc.constantFrom(..."AZaz09_-."), (at, character) => {
          const changed = id.slice(0, at) + character + id.slice(at + 1);
          const read = readQuote(changed);
          assert.equal(read?.signer === registryWallet.address, changed === id);
        }),
      );
      fc.assert(fc.property(fc.string(), (text) => assert.equal(readQuote(text), undefined)));
    });

    it("cost more for every model and token", () => {
      fc.assert(
        fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 5 }), (tokens) => {
          const chain = { ...net.genesis, chain: {} as never };
          const listed = tokens.map((max_tokens) => ({ max_tokens }));
          const more = [...listed, { max_tokens: 0 }];
          assert.ok(subnetFeeWei(chain, more) > subnetFeeWei(chain, listed));
          const longer = listed.map(({ max_tokens }) => ({ max_tokens: max_tokens + 4_096 + 1 }));
          assert.ok(subnetFeeWei(chain, longer) > subnetFeeWei(chain, listed));
        }),
      );
    });
  });

  it("hashes the canonical configuration, every field named as in the proto", () => {
    const model = { input_format: "", source: "url", model_uuid: "m", path: "p", name: "n", category: "c" };
    const written =
      `{"gateway_address":"${gateway}","models":[{"category":"c","description":"","input_format":"","max_tokens":0,` +
      `"model_uuid":"m","name":"n","output_format":"","path":"p","source":"url","version":""}]}`;
    assert.deepEqual(configHash(gateway.toUpperCase().replace("0X", "0x"), [model]), sha256(written));
    assert.equal(written, canonicalJson(JSON.parse(written)));
  });

  it("allots ids with the top bit clear, from gateway and quote", () => {
    const ids = Array.from({ length: 200 }, (_, i) => subnetIdOf(gateway, `q${i}`));
    assert.equal(new Set(ids).size, 200);
    assert.ok(ids.every((id) => id > 0n && id < 1n << 63n));
    assert.notEqual(subnetIdOf(computeWallet.address, "q0"), ids[0]);
  });

  it("turns active once M validators have signed its activation", async () => {
    const message = await request();
    const { success, subnet } = await create(message);
    assert.equal(success, true);
    assert.equal(subnet?.status, "active");
    assert.equal(subnet?.subnet_id, subnetIdOf(gateway, message.fee_quote_id));
    assert.equal(subnet?.validated_by?.length, 3);
    const [round] = net.cosigner.asked;
    assert.equal(round?.round, "subnet");
    assert.equal(round?.subject, String(subnet?.subnet_id));
    assert.equal(round?.proposal.subnet?.metadata?.status, "pending");
    assert.equal(toHex(round?.typed.value["configHash"] as Uint8Array), toHex(message.config_hash));
    assert.deepEqual(
      (await list()).map(({ subnet_id, status }) => [subnet_id, status]),
      [[subnet?.subnet_id, "active"]],
    );
    const found = await net.registry.getSubnet({ subnet_id: subnet?.subnet_id ?? 0n }, anonymous, never);
    assert.equal(found.subnet?.models?.length, 2);
  });

  it("answers the same subnet when the request is repeated, also at once and after its quote expired", async () => {
    const message = await request();
    const [first, second] = await Promise.all([create(message), create(message)]);
    assert.equal(first.subnet?.subnet_id, second.subnet?.subnet_id);
    net.clock.advance(700_000);
    const third = await create(message);
    assert.equal(third.success, true);
    assert.equal(net.cosigner.asked.length, 1);
    assert.equal((await list()).length, 1);
  });

  it("stays pending without a quorum, says so, and is asked for again by itself", async () => {
    net.cosigner.willing = 1;
    const message = await request();
    const pending = await create(message);
    assert.equal(pending.success, false);
    assert.match(pending.message ?? "", /pending: 1 of 2/);
    assert.equal(pending.subnet?.status, "pending");
    assert.equal(pending.subnet?.quorum_trail?.[0]?.verdicts?.length, 3);
    net.cosigner.willing = 2;
    await net.registry.sweep(never);
    assert.equal((await list())[0]?.status, "active");
    assert.equal((await create(message)).success, true);
    assert.equal(net.cosigner.asked.length, 2);
  });

  it("is created for its gateway alone", async () => {
    const message = await request();
    assert.equal((await refusal(create(message, anonymous))).code, "UNAUTHENTICATED");
    assert.equal((await refusal(create(message, by(strangerWallet)))).code, "ACCESS_DENIED");
  });

  it("refuses quotes that are false, late, another's, or for something else", async () => {
    const code = async (message: Created, caller = by(gatewayWallet)) =>
      (await refusal(create(message, caller))).code;
    assert.equal(await code(await request({ fee_quote_id: "q" })), "QUOTE_INVALID");
    const other = computeWallet.address;
    const hash = configHash(
      other,
      requestChecks.EstimateSubnetFee({ gateway_address: other, models }).models,
    );
    assert.equal(
      await code(await request({ gateway_address: other, config_hash: hash }), by(computeWallet)),
      "QUOTE_INVALID",
    );
    assert.equal(await code(await request({ models: [models[0]] })), "QUOTE_INVALID");
    const late = await request();
    net.clock.advance(601_000);
    assert.equal(await code(late), "QUOTE_INVALID");
    const foreign = quoteFor(
      { ...net.genesis, name: "other" },
      { gateway, models, nowSec: nowSec(net.clock), nonce: new Uint8Array(8) },
    );
    assert.equal(
      await code(await request({ fee_quote_id: await signQuote(foreign, registryWallet) })),
      "QUOTE_INVALID",
    );
    assert.equal(net.replica.published, 0);
  });

  it("refuses a quote with another fee than the network's", async () => {
    await restartWith({ isPaid: true });
    pay(feeWei);
    const cheap = {
      ...quoteFor(net.genesis, {
        gateway,
        models: (await request()).models,
        nowSec: nowSec(net.clock),
        nonce: new Uint8Array(8),
      }),
      feeWei: "1",
    };
    const message = await request({
      fee_quote_id: await signQuote(cheap, validatorWallets[0] ?? registryWallet),
    });
    assert.equal((await refusal(create(message))).code, "QUOTE_INVALID");
  });

  it("takes a quote that another registry or a validator gave, and nobody else's", async () => {
    const quoteBy = async (signer: typeof registryWallet, nonce: number) => {
      const quote = quoteFor(net.genesis, {
        gateway,
        models: (await request()).models,
        nowSec: nowSec(net.clock),
        nonce: new Uint8Array(8).fill(nonce),
      });
      return request({ fee_quote_id: await signQuote(quote, signer) });
    };
    const message = await quoteBy(otherRegistryWallet, 1);
    assert.equal((await refusal(create(message))).code, "QUOTE_INVALID");
    const info = { node_id: "r-2", node_type: "gateway", wallet_address: otherRegistryWallet.address };
    net.replica.adopt(net.kinds.node, strangerWallet.address, "r-2", { info, roles: ["registry"] });
    assert.equal((await refusal(create(message))).code, "QUOTE_INVALID");
    net.replica.adopt(net.kinds.node, otherRegistryWallet.address, "r-2", {
      info,
      roles: ["gateway", "registry"],
    });
    assert.equal((await create(message)).success, true);
    assert.equal((await create(await quoteBy(validatorWallets[0] ?? registryWallet, 2))).success, true);
  });

  it("refuses a wrong config_hash by name", async () => {
    const problem = await refusal(create(await request({ config_hash: new Uint8Array(32) })));
    assert.equal(problem.code, "INVALID_ARGUMENT");
    assert.equal(problem.data["field"], "config_hash");
  });

  it("refuses models that fit no record", async () => {
    const large = Array.from({ length: 256 }, (_, i) => ({
      model_uuid: `m-${i}`,
      source: "url",
      description: "x".repeat(1_024),
    }));
    assert.equal((await refusal(estimate({ models: large }))).code, "TOO_LARGE");
  });

  describe("that cost money", () => {
    beforeEach(() => restartWith({ isPaid: true }));

    it("want the fee from the gateway to the treasury, once, in one payment", async () => {
      const code = async (message: Created) => (await refusal(create(message))).code;
      assert.equal(await code(await request({ payment_tx: "" })), "PAYMENT_INVALID");
      assert.equal(await code(await request()), "PAYMENT_INVALID");
      pay(feeWei, paymentTx, strangerWallet.address);
      assert.equal(await code(await request()), "PAYMENT_INVALID");
      pay(feeWei - 1n);
      assert.equal(await code(await request()), "PAYMENT_INVALID");
      pay(feeWei);
      const { subnet } = await create(await request());
      assert.equal(subnet?.status, "active");
      assert.equal(subnet?.network_fee_wei, String(feeWei));
      assert.equal(await code(await request()), "PAYMENT_INVALID");
    });

    it("refuse a payment that paid for another subnet, here or at another registry", async () => {
      pay(feeWei);
      net.replica.adopt(net.kinds.subnet, otherRegistryWallet.address, "9", {
        metadata: { subnet_id: 9n, payment_tx: paymentTx, status: "pending" },
      });
      assert.match((await refusal(create(await request()))).message, /paid for subnet 9 already/);
      await restartWith({ isPaid: true });
      pay(feeWei);
      await net.store.transact([
        {
          sql: "INSERT INTO registry_payments (payment_tx, subnet_id) VALUES (?, ?)",
          params: [paymentTx, "9"],
        },
      ]);
      assert.match((await refusal(create(await request()))).message, /paid for subnet 9 already/);
    });

    it("cannot be created where the chain is not read", async () => {
      await restartWith({ isPaid: true, isBlind: true });
      const problem = await refusal(create(await request()));
      assert.equal(problem.code, "CHAIN_UNAVAILABLE");
      assert.equal(problem.entry.grpc, "UNAVAILABLE");
    });
  });

  it("believes no record that calls itself active without M validators' signatures over its models", async () => {
    const { subnet } = await create(await request());
    const forge = (metadata: object) =>
      net.replica.adopt(net.kinds.subnet, strangerWallet.address, "f", {
        metadata: { ...subnet, subnet_id: 5n, ...metadata },
      });
    const statusOf5 = async () => (await list()).find((found) => found.subnet_id === 5n)?.status;
    forge({});
    assert.equal(await statusOf5(), "pending");
    forge({ validated_by: [] });
    assert.equal(await statusOf5(), "pending");
    const rival = { ...subnet, models: [models[0]], validated_by: subnet?.validated_by ?? [] };
    net.replica.adopt(net.kinds.subnet, strangerWallet.address, "g", { metadata: rival as never });
    assert.equal((await list()).find((found) => found.subnet_id === subnet?.subnet_id)?.models?.length, 2);
    const oneTwice = [subnet?.validated_by?.[0], subnet?.validated_by?.[0]] as never;
    net.replica.adopt(net.kinds.subnet, registryWallet.address, String(subnet?.subnet_id), {
      metadata: { ...subnet, validated_by: oneTwice },
    });
    assert.equal((await list()).find((found) => found.subnet_id === subnet?.subnet_id)?.status, "pending");
  });

  it("is active again, a while after enough of its signers are validators again", async () => {
    await restartWith({ isPaid: true });
    pay(feeWei);
    const message = await request();
    await create(message);
    const slashed = net.chain.staked.map((entry) => ({ ...entry, status: "slashed" as const }));
    const active = net.chain.staked.splice(0, 3, ...slashed);
    const other = net.restart();
    const statusAt = async () => (await other.listSubnets({} as never, anonymous, never))[0]?.status;
    assert.equal(await statusAt(), "pending");
    net.cosigner.willing = 0;
    await other.sweep(never);
    assert.equal(net.cosigner.asked.length, 2);
    net.chain.staked.splice(0, 3, ...active);
    assert.equal(await statusAt(), "pending");
    net.clock.advance(30_000);
    assert.equal(await statusAt(), "active");
  });

  it("is neither ended nor hidden by a stranger's record", async () => {
    net.cosigner.willing = 0;
    const message = await request();
    const { subnet } = await create(message);
    const statusNow = async () => (await list())[0]?.status;
    const adopt = (metadata: object) =>
      net.replica.adopt(net.kinds.subnet, strangerWallet.address, "f", {
        metadata: { ...subnet, ...metadata },
      });
    adopt({ status: "deprecated" });
    assert.equal(await statusNow(), "pending");
    net.cosigner.willing = 3;
    const active = (await create(message)).subnet;
    adopt({ ...active, status: "deprecated" });
    assert.equal(await statusNow(), "active");
  });

  it("is not found under an unknown id", async () => {
    const problem = await refusal(net.registry.getSubnet({ subnet_id: 1n }, anonymous, never));
    assert.equal(problem.code, "NOT_FOUND");
  });

  it("ends when its gateway says so, and only then", async () => {
    const { subnet } = await create(await request());
    const id = subnet?.subnet_id ?? 0n;
    assert.equal((await refusal(net.registry.deprecateSubnet(id, by(strangerWallet)))).code, "ACCESS_DENIED");
    assert.equal((await refusal(net.registry.deprecateSubnet(1n, by(gatewayWallet)))).code, "NOT_FOUND");
    await net.registry.deprecateSubnet(id, by(gatewayWallet));
    assert.equal((await list())[0]?.status, "deprecated");
  });

  it("ends when its gateway stays away 30 days, counted over restarts", async () => {
    await create(await request());
    const gatewayNode = () =>
      net.replica.adopt(net.kinds.node, gateway, "g", {
        info: { node_id: "g", node_type: "gateway", wallet_address: gateway },
      });
    const daysMs = 86_400_000;
    /** The record lives a day, so the registry renews it every half day. */
    async function pass(halfDays: number, isPresent: boolean) {
      for (let i = 0; i < halfDays; i++) {
        net.clock.set(net.clock.nowMs() + daysMs / 2);
        if (isPresent) gatewayNode();
        await net.restart().sweep(never);
      }
    }
    await pass(80, true);
    assert.equal((await list())[0]?.status, "active");
    await pass(2, false);
    await pass(58, false);
    assert.equal((await list())[0]?.status, "active");
    await pass(4, false);
    assert.equal((await list())[0]?.status, "deprecated");
  });
});
