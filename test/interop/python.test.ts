import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Genesis, systemClock, systemRandom, toHex } from "../../src/base/index.ts";
import { createLocalSigner } from "../../src/chain/index.ts";
import { RpcClient } from "../../src/chain/rpc.ts";
import { verifyReceipt } from "../../src/cosign/index.ts";
import { maxOutputBytes } from "../../src/operations/request-fields.ts";
import { TestDevnet, until } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";
import {
  generate,
  generateReference,
  protoFolder,
  type RunningPython,
  runPython,
  startPython,
  whyNoPython,
} from "./python.ts";

// Clients and a compute node in another language and another gRPC implementation (Python on gRPC's C core), which know
// the reference's messages and nothing of this program. The same keys, digests and transactions, made independently.

const missing = whyNoPython();
const capitalsModel = "capitals";
const capitalsPriceWei = 600_000_000_000_000_000n;

interface ClientReport {
  readonly models: Record<string, string>;
  readonly waiting: { readonly status: string; readonly confirmed: boolean };
  readonly terms_signers: string[];
  readonly payment_tx: string;
  readonly confirmed: boolean;
  readonly updates: string[];
  readonly partials: string[];
  readonly final: {
    readonly status: string;
    readonly error: string;
    readonly payment_confirmed: boolean;
    readonly completion_validated: boolean;
  };
  readonly saw_unknown_fields: boolean;
  readonly output?: { readonly text: string };
  readonly compute_wallet?: string;
  readonly completion_signers?: string[];
}

describe("a client and a compute node in Python, from the reference's proto alone", function () {
  this.timeout(300_000);
  const scratch = tempFolder();
  let net: TestDevnet;

  before(async function () {
    if (missing !== undefined) {
      process.stderr.write(`      skipped: ${missing}\n`);
      this.skip();
    }
    generateReference(scratch.path);
    net = await TestDevnet.start({ validators: 3, computeNodes: 1 });
  });
  after(async () => {
    await net?.stop();
    scratch.remove();
  });

  const common = () => ({ genesis: net.net.genesisFile, wallet: net.net.walletFile });
  const chainUrl = () => net.net.plan.rpcUrl ?? "";
  const contracts = () => net.net.plan.genesis.chain as NonNullable<Genesis["chain"]>;

  const ask = (requestId: string, model: string, input: object) =>
    runPython("client.py", scratch.path, {
      ...common(),
      gateway: net.addressOf("gateway-1"),
      registry: net.addressOf("validator-1"),
      "rpc-url": chainUrl(),
      model,
      "request-id": requestId,
      input: JSON.stringify(input),
    }) as Promise<ClientReport>;

  async function balanceOf(address: string): Promise<bigint> {
    const data = `0x70a08231${address.slice(2).padStart(64, "0")}`;
    const rpc = new RpcClient(chainUrl(), systemClock);
    return BigInt(await rpc.call<string>("eth_call", [{ to: contracts().token, data }, "latest"]));
  }

  it("asks, checks the validators' signatures, pays on chain and gets its result", async () => {
    const before = await balanceOf(net.client);
    const report = await ask("python-1", "tiny-text", { prompt: "The network", max_tokens: 4 });
    assert.equal(report.models["tiny-text"], String(10n ** 18n));
    assert.deepEqual(report.waiting, { status: "queued", confirmed: false });
    const validators = ["validator-1", "validator-2", "validator-3"].map((name) => net.walletOf(name));
    for (const signers of [report.terms_signers, report.completion_signers ?? []]) {
      assert.ok(signers.length >= net.net.plan.genesis.cosign.required);
      assert.ok(signers.every((signer) => validators.includes(signer)));
    }
    assert.equal(report.confirmed, true);
    assert.equal(report.updates.at(-1), "completed");
    assert.deepEqual(report.final, {
      status: "completed",
      error: "",
      payment_confirmed: true,
      completion_validated: true,
    });
    assert.equal(report.compute_wallet, net.walletOf("compute-1"));
    assert.notEqual(report.output?.text, "");
    assert.equal(report.saw_unknown_fields, true, "fields from tag 100 on were sent and passed over");
    assert.equal(await balanceOf(net.client), before - 10n ** 18n);
    await net.reached("python-1", "settled");
    const status = await net.status("python-1");
    assert.equal(status.payment_status?.payment_tx, report.payment_tx);
    assert.deepEqual(verifyReceipt(status.receipt_json ?? "").problems, []);
  });

  describe("a compute node", () => {
    const privateKey = systemRandom(32);
    const wallet = createLocalSigner(privateKey).address;
    let node: RunningPython | undefined;

    before(async () => {
      const walletFile = join(scratch.path, "compute.key");
      writeFileSync(walletFile, `${toHex(privateKey)}\n`, { mode: 0o600 });
      node = startPython("compute.py", scratch.path, {
        gateway: net.addressOf("gateway-1"),
        genesis: net.net.genesisFile,
        wallet: walletFile,
        model: capitalsModel,
        "price-wei": String(capitalsPriceWei),
        "node-id": "python-node",
        "heartbeat-sec": "1",
      });
      assert.deepEqual(await node.next(), { event: "serving", wallet });
    });
    after(async () => {
      await node?.stop();
    });

    it("serves its own model at its own price and is paid for it", async () => {
      const [report, task] = await Promise.all([
        ask("python-2", capitalsModel, { prompt: "größe counts" }),
        node?.next(),
      ]);
      assert.equal(report.models[capitalsModel], String(capitalsPriceWei));
      assert.deepEqual(report.output, { text: "GRÖSSE COUNTS" });
      assert.equal(report.compute_wallet, wallet);
      assert.ok((report.completion_signers ?? []).length >= net.net.plan.genesis.cosign.required);
      assert.deepEqual(task, {
        event: "task",
        request_id: "python-2",
        assigned: "python-node",
        forged: "INVALID_ARGUMENT",
        accepted: true,
        again: "accepted before",
        other: "ALREADY_EXISTS",
      });
      await net.reached("python-2", "settled");
      // 80 % of the price, and what dividing the validators' share leaves over.
      const signers = BigInt((report.completion_signers ?? []).length);
      const rest = (capitalsPriceWei / 20n) % signers;
      assert.equal(await balanceOf(wallet), (capitalsPriceWei * 8n) / 10n + rest);
      const status = await net.status("python-2");
      assert.deepEqual(verifyReceipt(status.receipt_json ?? "").problems, []);
    });

    it("hands over the largest output that there may be, within the 4 MiB that clients receive by default", async () => {
      const length = maxOutputBytes - JSON.stringify({ text: "" }).length - 1;
      const [report] = await Promise.all([
        ask("python-large", capitalsModel, { prompt: "x", repeat: length }),
        node?.next(),
      ]);
      assert.equal(report.final.status, "completed", report.final.error);
      assert.equal(report.output?.text.length, length);
      await net.reached("python-large", "settled");
    });

    it("reports a failure, and the client gets its money back", async () => {
      const [before, earned] = await Promise.all([balanceOf(net.client), balanceOf(wallet)]);
      const [report, task] = await Promise.all([
        ask("python-3", capitalsModel, { prompt: "fail" }),
        node?.next(),
      ]);
      assert.deepEqual(task, { event: "task", request_id: "python-3", accepted: true, failed: true });
      assert.equal(report.final.status, "failed");
      assert.equal(report.final.error, "COMPUTE_FAILED: this prompt cannot be capitalised");
      await until("the refund", async () => (await balanceOf(net.client)) === before || undefined);
      assert.equal(await balanceOf(wallet), earned);
    });
  });

  it("reads the registry, registers a node and takes it away, pays for a subnet", async () => {
    const report = (await runPython("registry.py", scratch.path, {
      ...common(),
      registry: net.addressOf("validator-2"),
      "rpc-url": chainUrl(),
    })) as Record<string, unknown> & { subnet: { id: string } };
    const validators = ["validator-1", "validator-2", "validator-3"].map((name) => net.walletOf(name));
    assert.deepEqual(Object.keys(report["validators"] as object).sort(), validators.sort());
    assert.deepEqual(new Set(Object.values(report["validators"] as object)), new Set([String(10n ** 21n)]));
    assert.equal((report["first"] as { status: string }).status, "active");
    assert.ok((report["compute_nodes"] as string[]).includes("compute-1"));
    assert.deepEqual(report["gateways"], ["gateway-1", "python-gateway"]);
    assert.equal(report["limited"], 1);
    assert.deepEqual(report["serving_tiny_text"], ["compute-1"]);
    assert.deepEqual(report["registered"], { "python-gateway": "7" });
    assert.deepEqual(report["deregistered"], []);
    const { base_wei, per_model_wei, per_token_wei, free_tokens } = net.net.plan.genesis.subnet_fee;
    const feeWei =
      BigInt(base_wei) + BigInt(per_model_wei) + BigInt(per_token_wei) * BigInt(5_000 - free_tokens);
    assert.deepEqual(report["quote"], { fee_wei: String(feeWei), treasury: contracts().treasury });
    const { id, validated_by, ...subnet } = report.subnet as Record<string, unknown>;
    assert.deepEqual(subnet, { success: true, status: "active", models: ["tiny-text"] });
    assert.ok(Number(validated_by) >= net.net.plan.genesis.cosign.required);
    assert.deepEqual(report["listed"], [id]);
  });

  it("gets the reference's statuses for wrong input", async () => {
    const report = await runPython("wrong_input.py", scratch.path, {
      ...common(),
      gateway: net.addressOf("gateway-1"),
      registry: net.addressOf("validator-1"),
    });
    assert.deepEqual(report, {
      "unknown task": ["NOT_FOUND", "TASK_NOT_FOUND"],
      "updates of an unknown task": ["NOT_FOUND", "TASK_NOT_FOUND"],
      "empty task id": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "not protobuf": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "unknown model": ["NOT_FOUND", "MODEL_NOT_FOUND"],
      "no model": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "input that is no JSON": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "malformed client": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "same id, same content": ["OK", ""],
      "same id, other content": ["ALREADY_EXISTS", "ALREADY_EXISTS"],
      "payment that is none": ["FAILED_PRECONDITION", "PAYMENT_INVALID"],
      "cancel by nobody": ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      cancel: ["OK", ""],
      "cancel again": ["OK", ""],
      "updates of a cancelled task": ["CANCELLED", "CANCELLED"],
      unsigned: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      signed: ["OK", ""],
      replayed: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      "half signed": ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      "signed for another operation": ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      "signed for another body": ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      "signed by a stranger": ["PERMISSION_DENIED", "ACCESS_DENIED"],
      "signed too early": ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      "signed too late": ["UNAUTHENTICATED", "UNAUTHENTICATED"],
      "heartbeat of an unknown node": ["NOT_FOUND", "NOT_FOUND"],
      "stream of an unregistered node": ["NOT_FOUND", "NOT_FOUND"],
      "result of an unknown task": ["NOT_FOUND", "TASK_NOT_FOUND"],
      "result without status": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "registry's method at a gateway": ["UNIMPLEMENTED", ""],
      "unknown subnet": ["NOT_FOUND", "NOT_FOUND"],
      "subnet 0": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "unknown validator": ["NOT_FOUND", "NOT_FOUND"],
      "malformed validator": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "node of a type that is none": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
      "fee of no models": ["INVALID_ARGUMENT", "INVALID_ARGUMENT"],
    });
  });

  it("can be generated from the product's own proto too", () => {
    generate(protoFolder, "common_types.proto", scratch.path);
    assert.ok(existsSync(join(scratch.path, "common_types_pb2_grpc.py")));
  });
});
