import assert from "node:assert/strict";
import { CountersignError, type Genesis, sha256, silentLogger, toHex } from "../../../src/base/index.ts";
import type { Escrow, Signer, TypedMessage } from "../../../src/chain/index.ts";
import {
  genesisValidatorSet,
  type Judgement,
  type Proposal,
  paymentTree,
  splitPrice,
  taskLifeSec,
} from "../../../src/cosign/index.ts";
import {
  createPolicy,
  type KnownNode,
  type PolicyOptions,
  validatorConfigSchema,
} from "../../../src/roles/validator/index.ts";
import { rechecker } from "../../../src/roles/validator/recheck.ts";
import type { ValidatorSignature } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import {
  asked,
  client,
  completionOf,
  compute,
  gateway,
  genesisOf,
  networkOf,
  otherCompute,
  preprocessingOf,
  signerOf,
  termsOf,
  validators,
  zeroRandom,
} from "../cosign/builders.ts";

const clock = new ManualClock();
const nowMs = clock.nowMs();
const nowSec = nowMs / 1000;

function node(signer: Signer, nodeId: string, changes: Partial<KnownNode> = {}): KnownNode {
  return {
    info: {
      node_id: nodeId,
      node_type: "compute",
      wallet_address: signer.address,
      supported_models: [{ model_uuid: "model-1", price_wei: "1000" }],
      subnet_id: 7n,
    },
    roles: ["compute"],
    status: "alive",
    peerId: undefined,
    ...changes,
  };
}

const gatewayNode = (changes: Partial<KnownNode> = {}): KnownNode => ({
  info: { node_id: "gateway-1", node_type: "gateway", wallet_address: gateway.address },
  roles: ["gateway"],
  status: "alive",
  peerId: "gateway",
  ...changes,
});

interface World extends Partial<Omit<PolicyOptions, "clock" | "nodes" | "guard">> {
  nodes?: readonly KnownNode[];
  at?: number;
  signed?: ReadonlyMap<string, Uint8Array>;
}

function judge(proposal: Proposal, world: World = {}): Promise<Judgement> {
  const {
    nodes = [gatewayNode(), node(compute, "node-1"), node(otherCompute, "node-2")],
    at,
    signed,
    ...rest
  } = world;
  const genesis = rest.genesis ?? genesisOf();
  const policy = createPolicy({
    genesis,
    clock: new ManualClock((at ?? nowSec) * 1000),
    nodes: { byWallet: (wallet) => nodes.filter(({ info }) => info.wallet_address === wallet) },
    guard: { signedDigest: async (round, subject) => signed?.get(`${round} ${subject}`) },
    validatorSet: () => genesisValidatorSet(genesis),
    payments: undefined,
    subnets: {
      subnetIdOf: (_gateway, quoteId) => BigInt(quoteId.length),
      configHash: (of) => sha256(of),
      subnetFeeWei: (on) => (on.chain === null ? 0n : 500n),
      readQuote: () => undefined,
    },
    recheck: async () => undefined,
    ...rest,
  });
  return policy.judge(asked(proposal, genesis));
}

async function refuses(proposal: Proposal, reason: string, world: World = {}): Promise<void> {
  const judgement = await judge(proposal, world);
  assert.equal(judgement.outcome === "refuse" ? judgement.reason : "signed", reason);
}

async function signs(proposal: Proposal, world: World = {}): Promise<void> {
  await refuses(proposal, "signed", world);
}

async function signaturesBy(
  signers: readonly Signer[],
  message: TypedMessage,
): Promise<ValidatorSignature.$Properties[]> {
  return Promise.all(
    signers.map(async (signer) => ({
      validator_address: signer.address,
      signature: toHex(await signer.signTyped(message)),
      timestamp: nowSec,
    })),
  );
}

/** Terms with the signatures of the first round. */
async function agreed(genesis: Genesis = genesisOf(), signers: readonly Signer[] = validators.slice(0, 3)) {
  const proposal = preprocessingOf(genesis, nowMs);
  const { typed } = asked(proposal, genesis);
  return { ...termsOf(genesis, nowMs), validator_signatures: await signaturesBy(signers, typed) };
}

describe("a validator's policy on a quote", () => {
  const genesis = genesisOf();
  const quote = (changes = {}, totalWei = 1_000n): Proposal =>
    preprocessingOf(genesis, nowMs, changes, totalWei);

  it("signs what is in order", async () => {
    await signs(quote());
    await signs(quote({}, 0n));
    await signs({ preprocessing: { ...quote().preprocessing, subnet_id: 7n } });
  });

  it("NODE_UNKNOWN: gateway or compute node not known, or under another wallet; it may yet become known", async () => {
    for (const nodes of [[], [gatewayNode()], [node(compute, "node-1")]]) {
      await refuses(quote(), "NODE_UNKNOWN", { nodes });
      const judgement = await judge(quote(), { nodes });
      assert.ok(judgement.outcome === "refuse" && judgement.mayChange);
    }
    await refuses(quote({ compute_node_wallet: otherCompute.address }), "NODE_UNKNOWN");
    await refuses(quote({ gateway_wallet: compute.address }), "NODE_UNKNOWN");
  });

  it("NODE_OFFLINE: gateway or compute node missed too many heartbeats; a suspect one may still be chosen", async () => {
    await refuses(quote(), "NODE_OFFLINE", {
      nodes: [gatewayNode({ status: "offline" }), node(compute, "node-1")],
    });
    await refuses(quote(), "NODE_OFFLINE", {
      nodes: [gatewayNode(), node(compute, "node-1", { status: "offline" })],
    });
    await signs(quote(), { nodes: [gatewayNode(), node(compute, "node-1", { status: "suspect" })] });
  });

  it("MODEL_NOT_SERVED: by that node, or not in that subnet", async () => {
    const proposal = quote().preprocessing ?? {};
    await refuses({ preprocessing: { ...proposal, model_uuid: "model-2" } }, "MODEL_NOT_SERVED");
    await refuses({ preprocessing: { ...proposal, subnet_id: 8n } }, "MODEL_NOT_SERVED");
  });

  it("PRICE_MISMATCH: more than the node asks, or another split", async () => {
    await refuses(quote({}, 1_001n), "PRICE_MISMATCH");
    const tree = paymentTree(splitPrice(1_000n, genesis));
    await refuses(
      quote({ payment_tree: { ...tree, compute_price_wei: "799", gateway_gas_wei: "101" } }),
      "PRICE_MISMATCH",
    );
    await refuses(quote({ payment_tree: { ...tree, compute_price_wei: "799" } }), "PRICE_MISMATCH");
  });

  it("EXPIRED: the payment deadline is over", async () => {
    await signs(quote(), { at: nowSec + 119 });
    await refuses(quote(), "EXPIRED", { at: nowSec + 120 });
  });

  it("TOO_FAR_AHEAD: more than a task's life and two seconds", async () => {
    const life = taskLifeSec(genesis);
    await signs(quote({ expiry_timestamp: nowSec + life + 2 }));
    await refuses(quote({ expiry_timestamp: nowSec + life + 3 }), "TOO_FAR_AHEAD");
  });
});

describe("a validator's policy on a result", () => {
  const doneSec = nowSec + 40;
  const at = nowSec + 41;

  async function result(
    changes = {},
    options: Parameters<typeof completionOf>[3] = {},
    genesis = genesisOf(),
  ) {
    const completion = await completionOf(genesis, await agreed(genesis), doneSec, options);
    return { completion: { ...completion, ...changes } };
  }

  async function grantOf(
    attempt: number,
    deadline: number,
    signers: readonly Signer[] = validators.slice(0, 3),
    genesis = genesisOf(),
  ) {
    const grant = {
      attempt,
      compute_node_id: "node-2",
      compute_node_wallet: otherCompute.address,
      deadline,
      validator_signatures: [],
    };
    const { completion } = await result({}, {}, genesis);
    const previous = Array.from({ length: attempt - 1 }, (_, index) => ({ ...grant, attempt: index + 1 }));
    const { typed } = asked(
      {
        reassignment: {
          client,
          model_uuid: "model-1",
          preprocessing: completion.preprocessing ?? null,
          ...grant,
          previous,
        },
      },
      genesis,
    );
    return { ...grant, validator_signatures: await signaturesBy(signers, typed) };
  }

  it("signs what is in order", async () => {
    await signs(await result(), { at });
    await signs(await result({ output_data: "output", input_data: "input" }), { at });
  });

  it("signs without others' signatures what it signed itself in the first round", async () => {
    const genesis = genesisOf();
    const validation = await agreed(genesis, []);
    const completion = await completionOf(genesis, validation, doneSec);
    const { typed, subject } = asked(preprocessingOf(genesis, nowMs), genesis);
    await signs({ completion }, { at, signed: new Map([[`preprocessing ${subject}`, typed.digest]]) });
  });

  it("NOT_PREPROCESSED: fewer than M active validators signed the quote, or another quote", async () => {
    const genesis = genesisOf();
    const twice = [validators[0], validators[0], validators[1]].filter((one) => one !== undefined);
    const outsiders = [...validators.slice(0, 2), signerOf("outsider")];
    for (const signers of [[], validators.slice(0, 2), twice, outsiders]) {
      const completion = await completionOf(genesis, await agreed(genesis, signers), doneSec);
      await refuses({ completion }, "NOT_PREPROCESSED", { at });
    }
    const other = { ...(await agreed(genesis)), compute_node_id: "node-9" };
    await refuses({ completion: await completionOf(genesis, other, doneSec) }, "NOT_PREPROCESSED", { at });
  });

  it("NOT_PREPROCESSED: a re-assignment without its quorum", async () => {
    const reassignments = [await grantOf(1, nowSec + 60, validators.slice(0, 2))];
    const forged = await result({ reassignments }, { signer: otherCompute });
    await refuses(forged, "NOT_PREPROCESSED", { at });
    const granted = await result(
      { reassignments: [await grantOf(1, nowSec + 60)] },
      { signer: otherCompute },
    );
    await signs(granted, { at });
  });

  it("BAD_COMPUTE_SIGNATURE: not by the node last assigned", async () => {
    await refuses(await result({}, { signer: otherCompute }), "BAD_COMPUTE_SIGNATURE", { at });
    await refuses(
      await result({}, { signer: otherCompute, wallet: compute.address }),
      "BAD_COMPUTE_SIGNATURE",
      { at },
    );
    const reassignments = [await grantOf(1, nowSec + 60)];
    await refuses(await result({ reassignments }), "BAD_COMPUTE_SIGNATURE", { at });
    const good = await result();
    for (const compute_node_signature of ["", "0x", "0x12", `0x${"00".repeat(65)}`]) {
      const completion = { ...good.completion.completion, compute_node_signature };
      await refuses({ completion: { ...good.completion, completion } }, "BAD_COMPUTE_SIGNATURE", { at });
    }
    const changed = { ...good.completion.completion, computation_time_ms: 801 };
    await refuses({ completion: { ...good.completion, completion: changed } }, "BAD_COMPUTE_SIGNATURE", {
      at,
    });
  });

  it("HASH_MISMATCH: the output shown is another", async () => {
    await refuses(await result({ output_data: "other" }), "HASH_MISMATCH", { at });
  });

  it("LATE: after the execution deadline, before the quote, or longer than there was time", async () => {
    const genesis = genesisOf();
    const validation = await agreed(genesis);
    const done = async (sec: number, computation_time_ms = 800) => {
      const completion = await completionOf(genesis, validation, sec);
      return { completion: { ...completion, completion: { ...completion.completion, computation_time_ms } } };
    };
    await refuses(await done(nowSec + 241), "LATE", { at: nowSec + 242 });
    await signs(await done(nowSec + 240), { at: nowSec + 242 });
    await refuses(await done(nowSec - 3), "LATE", { at });
    await refuses(await done(nowSec + 40, 42_001), "LATE", { at });
  });

  it("EXPIRED: everything is over", async () => {
    await refuses(await result(), "EXPIRED", { at: nowSec + 300 });
  });

  it("TOO_FAR_AHEAD: completed in the future", async () => {
    await refuses(await result(), "TOO_FAR_AHEAD", { at: doneSec - 3 });
    await signs(await result(), { at: doneSec - 2 });
  });

  describe("of a paid task", () => {
    const genesis = genesisOf({ chain: true });
    const { typed } = asked(preprocessingOf(genesis, nowMs), genesis);
    const paid: Escrow = {
      requestId: "task-1",
      state: "paid",
      payer: client,
      client,
      gatewayWallet: gateway.address,
      totalWei: 1_000n,
      expirySec: nowSec + 300,
      validationDigest: typed.digest,
      paymentTx: `0x${"ab".repeat(32)}`,
      paidBlock: 10,
      depth: 2,
      closingTx: undefined,
    };
    const world = (escrow: () => Promise<Escrow>): World => ({
      at,
      genesis,
      payments: { escrow, tokenPaid: async () => 0n },
    });

    it("signs once it is paid deep enough", async () => {
      await signs(
        await result({}, {}, genesis),
        world(async () => paid),
      );
    });

    it("NOT_PAID: not at all, not deep enough, not any more, or for another task", async () => {
      const proposal = await result({}, {}, genesis);
      const bad: Partial<Escrow>[] = [
        { state: "none" },
        { depth: 1 },
        { state: "refunded" },
        { state: "completed" },
        { client: otherCompute.address },
        { gatewayWallet: otherCompute.address },
        { totalWei: 999n },
        { validationDigest: sha256("another") },
      ];
      for (const change of bad) {
        await refuses(
          proposal,
          "NOT_PAID",
          world(async () => ({ ...paid, ...change })),
        );
      }
      await refuses(proposal, "NOT_PAID", { at, genesis, payments: undefined });
    });

    it("OVERLOADED: its own chain node does not answer", async () => {
      const escrow = () => Promise.reject(new CountersignError("CHAIN_UNAVAILABLE", "no answer"));
      await refuses(await result({}, {}, genesis), "OVERLOADED", world(escrow));
    });

    it("is not asked of an unpaid one, whose signatures open no escrow", async () => {
      const free = preprocessingOf(genesis, nowMs, {}, 0n);
      const message = asked(free, genesis).typed;
      assert.equal(message.domain.verifyingContract, `0x${"0".repeat(40)}`);
      const validation = {
        ...termsOf(genesis, nowMs, {}, 0n),
        validator_signatures: await signaturesBy(validators.slice(0, 3), message),
      };
      const completion = await completionOf(genesis, validation, doneSec);
      await signs({ completion }, { at, genesis, payments: undefined });
    });
  });

  describe("run again", () => {
    const shown = { output_data: "output", input_data: "input" };
    const again = (
      run: (input: string, signal: AbortSignal) => Promise<string>,
      share = 1,
      ownClock = clock,
    ) =>
      rechecker({
        config: validatorConfigSchema.parse({ recheck_share: share }),
        recheck: {
          canRun: (model) => model === "model-1",
          run: (_model, input, signal) => run(input, signal),
        },
        clock: ownClock,
        random: zeroRandom,
        logger: silentLogger,
      });

    it("RESULT_DIFFERS: another output than the node's", async () => {
      await refuses(await result(shown), "RESULT_DIFFERS", { at, recheck: again(async () => "other") });
      await signs(await result(shown), {
        at,
        recheck: again(async (input) => (input === "input" ? "output" : "")),
      });
    });

    it("is signed when the run fails, takes too long, or is not among the share", async () => {
      await signs(await result(shown), { at, recheck: again(() => Promise.reject(new Error("no memory"))) });
      await signs(await result(shown), { at, recheck: again(async () => "other", 0) });
      await signs(await result(), { at, recheck: again(async () => "other") });
      const ownClock = new ManualClock();
      const slow = again(
        (_input, signal) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        1,
        ownClock,
      );
      const judged = judge(await result(shown), { at, recheck: slow });
      await ownClock.run(2_000);
      assert.equal((await judged).outcome, "sign");
    });
  });
});

describe("a validator's policy on a re-assignment", () => {
  const genesis = genesisOf();

  async function proposal(changes: NonNullable<Proposal["reassignment"]> = {}): Promise<Proposal> {
    return {
      reassignment: {
        client,
        model_uuid: "model-1",
        preprocessing: await agreed(),
        attempt: 1,
        compute_node_id: "node-2",
        compute_node_wallet: otherCompute.address,
        deadline: nowSec + 60,
        previous: [],
        ...changes,
      },
    };
  }

  async function second(firstDeadline: number): Promise<Proposal> {
    const { typed } = asked(await proposal({ deadline: firstDeadline }), genesis);
    const first = {
      attempt: 1,
      compute_node_id: "node-2",
      compute_node_wallet: otherCompute.address,
      deadline: firstDeadline,
      validator_signatures: await signaturesBy(validators.slice(0, 3), typed),
    };
    return proposal({
      attempt: 2,
      compute_node_id: "node-1",
      compute_node_wallet: compute.address,
      deadline: nowSec + 120,
      previous: [first],
    });
  }

  it("signs the first once the quote's lease is over, the second once the first's is", async () => {
    await signs(await proposal(), { at: nowSec + 30 });
    await signs(await second(nowSec + 60), { at: nowSec + 60 });
  });

  it("TOO_FAR_AHEAD: before the last lease is over, or past the execution deadline", async () => {
    await refuses(await proposal(), "TOO_FAR_AHEAD", { at: nowSec + 27 });
    await signs(await proposal(), { at: nowSec + 28 });
    await refuses(await second(nowSec + 60), "TOO_FAR_AHEAD", { at: nowSec + 57 });
    await refuses(await proposal({ deadline: nowSec + 241 }), "TOO_FAR_AHEAD", { at: nowSec + 60 });
  });

  it("EXPIRED: its deadline or the execution deadline is over", async () => {
    await refuses(await proposal(), "EXPIRED", { at: nowSec + 60 });
    await refuses(await proposal({ deadline: nowSec + 240 }), "EXPIRED", { at: nowSec + 240 });
  });

  it("NOT_PREPROCESSED: the quote or an earlier re-assignment lacks its quorum", async () => {
    const preprocessing = await agreed(genesis, validators.slice(0, 2));
    await refuses(await proposal({ preprocessing }), "NOT_PREPROCESSED", { at: nowSec + 31 });
    const { reassignment } = await second(nowSec + 60);
    const previous = (reassignment?.previous ?? []).map((grant) => ({
      ...grant,
      validator_signatures: grant.validator_signatures?.slice(0, 2) ?? [],
    }));
    await refuses({ reassignment: { ...reassignment, previous } }, "NOT_PREPROCESSED", { at: nowSec + 61 });
  });

  it("NODE_UNKNOWN, NODE_OFFLINE, MODEL_NOT_SERVED: of the new node", async () => {
    const at = nowSec + 31;
    await refuses(await proposal({ compute_node_id: "node-9" }), "NODE_UNKNOWN", { at });
    await refuses(await proposal(), "NODE_OFFLINE", {
      at,
      nodes: [gatewayNode(), node(otherCompute, "node-2", { status: "offline" })],
    });
    const info = { ...node(otherCompute, "node-2").info, supported_models: [] };
    await refuses(await proposal(), "MODEL_NOT_SERVED", {
      at,
      nodes: [gatewayNode(), node(otherCompute, "node-2", { info })],
    });
  });
});

describe("a validator's policy on a subnet", () => {
  const genesis = genesisOf({ chain: true });
  const registry = signerOf("registry");
  const paymentTx = `0x${"ab".repeat(32)}`;
  const metadata = {
    subnet_id: 5n,
    gateway_address: gateway.address,
    models: [{ model_uuid: "model-1" }],
    network_fee_wei: "500",
    payment_tx: paymentTx,
    fee_quote_id: "quote",
    config_hash: sha256(gateway.address),
  };
  const quote = { gateway: gateway.address, feeWei: "500", expirySec: 0 };

  function world(changes: { paid?: () => Promise<bigint>; quote?: object; signer?: string } = {}): World {
    return {
      genesis,
      nodes: [
        gatewayNode(),
        { ...gatewayNode(), info: { wallet_address: registry.address }, roles: ["registry"] },
      ],
      payments: {
        escrow: () => Promise.reject(new Error("not asked")),
        tokenPaid:
          changes.paid ?? (async (tx, from) => (tx === paymentTx && from === gateway.address ? 500n : 0n)),
      },
      subnets: {
        subnetIdOf: (_gateway, quoteId) => BigInt(quoteId.length),
        configHash: (of) => sha256(of),
        subnetFeeWei: () => 500n,
        readQuote: () => ({
          quote: { ...quote, network: networkOf(genesis), ...changes.quote },
          signer: changes.signer ?? registry.address,
        }),
      },
    };
  }

  const subnet = (changes = {}): Proposal => ({ subnet: { metadata: { ...metadata, ...changes } } });

  it("signs what is in order, and claims its payment for this subnet alone", async () => {
    const judgement = await judge(subnet(), world());
    assert.equal(judgement.outcome, "sign");
    assert.deepEqual(
      judgement.outcome === "sign" ? judgement.alsoClaims.map(({ round, subject }) => [round, subject]) : [],
      [["subnet_payment", paymentTx]],
    );
  });

  it("MALFORMED: an id that the quote does not yield, no models, or another's quote", async () => {
    await refuses(subnet({ subnet_id: 6n }), "MALFORMED", world());
    await refuses(subnet({ models: [] }), "MALFORMED", world());
    await refuses(subnet(), "MALFORMED", world({ quote: { gateway: client } }));
    await refuses(subnet(), "MALFORMED", world({ quote: { network: "other" } }));
  });

  it("HASH_MISMATCH: of the configuration", async () => {
    await refuses(subnet({ config_hash: sha256("other") }), "HASH_MISMATCH", world());
  });

  it("NODE_UNKNOWN: gateway, or the registry that quoted", async () => {
    await refuses(subnet(), "NODE_UNKNOWN", { ...world(), nodes: [] });
    await refuses(subnet(), "NODE_UNKNOWN", world({ signer: client }));
  });

  it("PRICE_MISMATCH: another fee than the genesis yields", async () => {
    await refuses(subnet({ network_fee_wei: "499" }), "PRICE_MISMATCH", world());
    await refuses(subnet(), "PRICE_MISMATCH", world({ quote: { feeWei: "1" } }));
  });

  it("NOT_PAID: too little, no such transaction, or none named", async () => {
    await refuses(subnet(), "NOT_PAID", world({ paid: async () => 499n }));
    await refuses(
      subnet(),
      "NOT_PAID",
      world({ paid: () => Promise.reject(new CountersignError("NOT_FOUND", "no such transaction")) }),
    );
    await refuses(subnet({ payment_tx: "" }), "NOT_PAID", world());
  });
});
