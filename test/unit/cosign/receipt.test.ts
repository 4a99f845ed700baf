import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, type Genesis, toHex } from "../../../src/base/index.ts";
import type { Signer, TypedMessage } from "../../../src/chain/index.ts";
import {
  buildReceipt,
  genesisValidatorSet,
  maxInlinedCharacters,
  type ReceiptInput,
  receiptHash,
  verifyReceipt,
} from "../../../src/cosign/index.ts";
import type { ValidatorSignature } from "../../../src/wire/index.ts";
import {
  asked,
  client,
  completionOf,
  compute,
  gateway,
  genesisOf,
  otherCompute,
  signerOf,
  termsOf,
  validators,
} from "./builders.ts";

const nowMs = 1_800_000_000_000;
const nowSec = nowMs / 1000;

async function signaturesOf(
  message: TypedMessage,
  signers: readonly Signer[],
): Promise<ValidatorSignature.$Properties[]> {
  return Promise.all(
    signers.map(async (signer) => ({
      validator_address: signer.address,
      signature: toHex(await signer.signTyped(message)),
      timestamp: nowSec,
    })),
  );
}

interface Shape {
  chain?: boolean;
  reassigned?: boolean;
  required?: number;
  signers?: readonly Signer[];
  output?: string;
  input?: string;
}

async function inputOf(shape: Shape = {}): Promise<ReceiptInput> {
  const genesis: Genesis = genesisOf({
    chain: shape.chain ?? false,
    ...(shape.required === undefined ? {} : { required: shape.required }),
  });
  const signers = shape.signers ?? validators.slice(0, 3);
  const outputData = shape.output ?? "output";
  const bare = termsOf(genesis, nowMs);
  const first = asked({ preprocessing: { client, model_uuid: "model-1", validation: bare } }, genesis);
  const validation = { ...bare, validator_signatures: await signaturesOf(first.typed, signers) };
  const node = shape.reassigned ? otherCompute : compute;
  const grant = {
    attempt: 1,
    compute_node_id: "node-2",
    compute_node_wallet: otherCompute.address,
    deadline: nowSec + 60,
    validator_signatures: [] as ValidatorSignature.$Properties[],
  };
  if (shape.reassigned) {
    const { typed } = asked(
      {
        reassignment: {
          client,
          model_uuid: "model-1",
          preprocessing: validation,
          attempt: 1,
          compute_node_id: "node-2",
          compute_node_wallet: otherCompute.address,
          deadline: nowSec + 60,
          previous: [],
        },
      },
      genesis,
    );
    grant.validator_signatures = await signaturesOf(typed, signers);
  }
  const grants = shape.reassigned ? [grant] : [];
  const proposal = await completionOf(genesis, validation, nowSec + 40, { signer: node, output: outputData });
  const { typed } = asked({ completion: { ...proposal, reassignments: grants } }, genesis);
  return {
    genesis,
    validators: genesisValidatorSet(genesis),
    client,
    modelUuid: "model-1",
    inputData: shape.input ?? "input",
    outputData,
    validation,
    grants,
    completion: proposal.completion ?? {},
    completionSignatures: await signaturesOf(typed, signers),
    paymentTx: shape.chain ? `0x${"AB".repeat(32)}` : undefined,
    payoutTx: shape.chain ? `0x${"cd".repeat(32)}` : undefined,
    issuedAtSec: nowSec + 50,
  };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The value with one member changed by `change`, for every way to do that: leaves, keys added, keys and elements removed. */
function* tampered(value: Json, path = ""): Generator<{ path: string; value: Json }> {
  if (value === null) yield { path, value: 1 };
  else if (typeof value === "boolean") yield { path, value: !value };
  else if (typeof value === "number") {
    yield { path: `${path} + 1`, value: value + 1 };
    yield { path: `${path} as text`, value: String(value) };
  } else if (typeof value === "string") {
    yield { path: `${path} grown`, value: `${value}0` };
    yield { path: `${path} emptied`, value: value === "" ? "x" : "" };
    const at = value.length >> 1;
    const other = value[at] === "1" ? "2" : "1";
    yield { path: `${path} altered`, value: `${value.slice(0, at)}${other}${value.slice(at + 1)}` };
    if (value !== value.toUpperCase()) yield { path: `${path} in capitals`, value: value.toUpperCase() };
    yield { path: `${path} nulled`, value: null };
  } else if (Array.isArray(value)) {
    yield { path: `${path} grown`, value: [...value, value[0] ?? 1] };
    for (const [index, element] of value.entries()) {
      yield { path: `${path}[${index}] removed`, value: value.toSpliced(index, 1) };
      for (const one of tampered(element, `${path}[${index}]`)) {
        yield { path: one.path, value: value.with(index, one.value) };
      }
    }
    if (value.length > 1) yield { path: `${path} turned round`, value: value.toReversed() };
  } else {
    yield { path: `${path} grown`, value: { ...value, extra: 1 } };
    yield {
      path: `${path} with __proto__`,
      value: JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(value).slice(1)}`),
    };
    for (const [key, member] of Object.entries(value)) {
      const { [key]: _gone, ...rest } = value;
      yield { path: `${path}.${key} removed`, value: rest };
      for (const one of tampered(member, `${path}.${key}`)) {
        yield { path: one.path, value: { ...value, [key]: one.value } };
      }
    }
  }
}

/** Changes a receipt and signs it again as its gateway: what only the other checks can notice. */
async function resigned(text: string, change: (receipt: Record<string, never>) => void): Promise<string> {
  const receipt = JSON.parse(text);
  change(receipt);
  receipt.gateway_signature = toHex(await gateway.signHash(receiptHash(receipt)));
  return canonicalJson(receipt);
}

const fieldsOf = (text: string): string[] => verifyReceipt(text).problems.map(({ field }) => field);

describe("a receipt", () => {
  for (const [name, shape] of Object.entries<Shape>({
    "of unpaid work": {},
    "of paid work": { chain: true },
    "after a re-assignment": { reassigned: true, chain: true },
    "with more signatures than required": { signers: validators },
    "of a pool that trusts itself": { required: 0, signers: [] },
  })) {
    it(`${name} holds`, async () => {
      const text = await buildReceipt(await inputOf(shape), gateway);
      const check = verifyReceipt(text);
      assert.deepEqual(check.problems, []);
      assert.equal(check.ok, true);
      assert.equal(check.summary?.compute_node, shape.reassigned ? otherCompute.address : compute.address);
      assert.equal(text, canonicalJson(JSON.parse(text)));
      assert.equal(verifyReceipt(JSON.parse(text)).ok, true);
      assert.equal(verifyReceipt(JSON.stringify(JSON.parse(text), null, 2)).ok, true);
    });

    it(`${name} fails when any member is changed, added or removed`, async () => {
      const receipt = JSON.parse(await buildReceipt(await inputOf(shape), gateway)) as Json;
      let count = 0;
      for (const { path, value } of tampered(receipt)) {
        count++;
        const check = verifyReceipt(JSON.stringify(value));
        assert.equal(check.ok, false, path);
        assert.ok(check.problems.length > 0);
      }
      assert.ok(count > 200);
    });
  }

  it("names long texts by their hash, which their holder can check", async () => {
    const output = "o".repeat(maxInlinedCharacters + 1);
    const text = await buildReceipt(await inputOf({ output, input: output }), gateway);
    assert.ok(text.length < maxInlinedCharacters);
    assert.equal(verifyReceipt(text, { inputData: output, outputData: output }).ok, true);
    assert.deepEqual(
      verifyReceipt(text, { inputData: "x", outputData: "y" }).problems.map(({ field }) => field),
      ["request.request_hash", "result.result_hash"],
    );
  });

  it("by another wallet than the gateway's fails", async () => {
    const text = await buildReceipt(await inputOf(), signerOf("stranger"));
    assert.deepEqual(fieldsOf(text), ["gateway_signature"]);
  });

  it("that its gateway falsified fails by what others signed", async () => {
    const text = await buildReceipt(
      await inputOf({ reassigned: true, chain: true, signers: validators.slice(0, 3) }),
      gateway,
    );
    const expect = async (field: string, change: (receipt: Record<string, never>) => void) => {
      const fields = fieldsOf(await resigned(text, change));
      assert.ok(fields.includes(field), `${field} not among ${fields.join(", ")}`);
    };
    type Loose = Record<string, never>;
    const at = (receipt: Loose, path: string): { parent: Record<string, unknown>; key: string } => {
      const keys = path.split(".");
      const key = keys.pop() ?? "";
      return {
        parent: keys.reduce<Record<string, unknown>>(
          (one, next) => one[next] as Record<string, unknown>,
          receipt,
        ),
        key,
      };
    };
    const set = (path: string, value: unknown) => (receipt: Loose) => {
      const { parent, key } = at(receipt, path);
      parent[key] = value;
    };
    await expect("network", set("network", "other-00000000"));
    await expect("request.request_hash", set("request.input_data", "another input"));
    await expect("result.result_hash", set("result.output_data", "another output"));
    await expect("result.compute_node_signature", set("result.computation_time_ms", 1));
    await expect("result.compute_node_wallet", set("result.compute_node_wallet", compute.address));
    await expect("completion.digest", set("result.completion_timestamp", nowSec + 41));
    await expect("preprocessing.digest", set("preprocessing.compute_node_id", "node-9"));
    await expect("preprocessing.total_wei", set("preprocessing.total_wei", "1"));
    await expect("preprocessing.payment_tree", set("preprocessing.payment_tree.gateway_gas_wei", "101"));
    await expect("preprocessing.is_paid", set("preprocessing.is_paid", false));
    await expect("reassignments.0.digest", set("reassignments.0.deadline", nowSec + 61));
    await expect("result.compute_node_wallet", set("reassignments", []));
    await expect("payment", set("payment", null));
    await expect("payment.contract", set("payment.contract", client));
    await expect("payment.chain_id", set("payment.chain_id", 1));
    await expect("validators.required", set("validators.required", 2));
    for (const round of ["preprocessing", "reassignments.0", "completion"]) {
      await expect(`${round}.signatures`, (receipt) => {
        const { parent, key } = at(receipt, `${round}.signatures`);
        (parent[key] as unknown[]).pop();
      });
      await expect(`${round}.signatures.1`, (receipt) => {
        const { parent, key } = at(receipt, `${round}.signatures`);
        const list = parent[key] as unknown[];
        list[1] = list[0];
      });
    }
    await expect(
      "completion.signatures.0",
      set("completion.signatures.0.validator_address", signerOf("no validator").address),
    );
    await expect("completion.signatures.0", set("completion.signatures.0.signature", `0x${"1b".repeat(65)}`));
  });

  it("of a network without a chain must carry the genesis' own validators", async () => {
    const text = await buildReceipt(await inputOf(), gateway);
    const changed = await resigned(text, (receipt) => {
      const { entries } = receipt["validators"] as unknown as { entries: { stake_wei: string }[] };
      if (entries[4] !== undefined) entries[4].stake_wei = "7";
    });
    assert.deepEqual(fieldsOf(changed), ["validators.entries"]);
  });

  it("check never throws, whatever it is given", async () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const throwing = {
      get version(): number {
        throw new Error("no");
      },
    };
    for (const odd of [
      cycle,
      throwing,
      undefined,
      null,
      1,
      1n,
      Symbol("s"),
      () => 1,
      "",
      "{",
      "[".repeat(100_000),
      new Date(),
    ]) {
      assert.equal(verifyReceipt(odd).ok, false);
    }
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        assert.equal(verifyReceipt(value).ok, false);
        assert.equal(verifyReceipt(JSON.stringify(value)).ok, false);
      }),
    );
    const receipt = JSON.parse(await buildReceipt(await inputOf(), gateway));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(receipt)), fc.jsonValue({ maxDepth: 4 }), (key, value) => {
        const changed = { ...receipt, [key]: value };
        assert.equal(verifyReceipt(changed).ok, canonicalJson(changed) === canonicalJson(receipt));
      }),
    );
  });
});
