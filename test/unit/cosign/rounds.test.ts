import assert from "node:assert/strict";
import { sha256, silentLogger, toHex, utf8, zeroAddress } from "../../../src/base/index.ts";
import { recoverSigner, type Signer } from "../../../src/chain/index.ts";
import { encodeFrames, encodeTopicMessages, encodeVerdict } from "../../../src/cosign/frames.ts";
import {
  createCosigner,
  type Guard,
  genesisValidatorSet,
  type Judgement,
  type Outcome,
  type Proposal,
  rankValidators,
  roundIdOf,
  startVerdictService,
} from "../../../src/cosign/index.ts";
import type { countersign } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import {
  completionOf,
  gateway,
  genesisOf,
  networkOf,
  preprocessingOf,
  roundOf,
  signerOf,
  termsOf,
  validators,
} from "./builders.ts";
import { LoopbackNetwork } from "./loopback-mesh.ts";

const signs: Judgement = { outcome: "sign", alsoClaims: [] };
const never = new AbortController().signal;

/** Remembers in memory what the real guard has on disk. */
function memoryGuard(): Guard {
  const signed = new Map<string, Uint8Array>();
  return {
    waitsUntilMs: 0,
    async signedDigest(round, subject) {
      return signed.get(`${round} ${subject}`);
    },
    async admit(claims) {
      for (const { round, subject, digest } of claims) {
        const before = signed.get(`${round} ${subject}`);
        if (before !== undefined && toHex(before) !== toHex(digest)) return false;
        signed.set(`${round} ${subject}`, digest);
      }
      return true;
    },
  };
}

interface Scene {
  judge?: (validator: Signer, proposal: Proposal) => Judgement | Promise<Judgement>;
  members?: readonly Signer[];
  required?: number;
  recordsFor?: () => Uint8Array[];
  peersKnown?: boolean;
}

function scene(options: Scene = {}) {
  const clock = new ManualClock();
  const network = new LoopbackNetwork();
  const members = options.members ?? validators;
  const genesis = genesisOf({
    validators: members,
    ...(options.required === undefined ? {} : { required: options.required }),
  });
  const judged: string[] = [];
  const merged: Uint8Array[] = [];
  const outcomes = new Map<string, Outcome>();
  const knowledge: (() => void)[] = [];
  const services = new Map(
    members.map((signer) => [
      signer.address,
      startVerdictService({
        genesis,
        mesh: network.join(signer.address),
        signer,
        guard: memoryGuard(),
        policy: {
          async judge(proposal) {
            judged.push(signer.address);
            return (await options.judge?.(signer, proposal as unknown as Proposal)) ?? signs;
          },
        },
        clock,
        logger: silentLogger,
        clockOffsetMs: () => offsets.get(signer.address),
        isPeerOf: (wallet, peerId) => (wallet === gateway.address ? peerId === "gateway" : undefined),
        async mergeRecords(records) {
          merged.push(...records);
          for (const tell of knowledge) tell();
        },
        onKnowledge(listener) {
          knowledge.push(listener);
          return () => {};
        },
      }),
    ]),
  );
  const offsets = new Map<string, number>();
  const cosigner = createCosigner({
    genesis,
    mesh: network.join("gateway"),
    clock,
    logger: silentLogger,
    initiator: gateway.address,
    validatorSet: () => genesisValidatorSet(genesis),
    peerOf: (validator) => (options.peersKnown === false ? undefined : validator),
    recordsFor: () => options.recordsFor?.() ?? [],
    onOutcome: (validator, outcome) => outcomes.set(validator, outcome),
  });
  const request = (changes = {}) =>
    roundOf(preprocessingOf(genesis, clock.nowMs(), changes), genesis, clock.nowMs() + 3_000);
  return { clock, network, genesis, cosigner, services, request, judged, merged, outcomes, offsets };
}

async function over<T>(clock: ManualClock, promise: Promise<T>, byMs = 4_000): Promise<T> {
  let isOver = false;
  void promise.finally(() => {
    isOver = true;
  });
  for (let ms = 0; ms < byMs && !isOver; ms += 5) await clock.run(5);
  assert.ok(isOver, "the round is still open");
  return promise;
}

const outcomesOf = (trail: { verdicts?: { outcome?: string | null }[] | null }): string[] =>
  (trail.verdicts ?? []).map((verdict) => verdict.outcome ?? "").sort();

describe("a co-sign round", () => {
  it("is reached when M validators sign the digest", async () => {
    const { clock, cosigner, request } = scene();
    const asked = request();
    const result = await over(clock, cosigner.run(asked, never));
    assert.equal(result.reached, true);
    assert.ok(result.signatures.length >= 3);
    for (const { validator_address, signature } of result.signatures) {
      const bytes = Buffer.from((signature ?? "").slice(2), "hex");
      assert.equal(recoverSigner(asked.typed.digest, bytes), validator_address);
    }
    const addresses = result.signatures.map((one) => one.validator_address ?? "");
    assert.deepEqual(addresses, [...addresses].sort());
    assert.equal(result.trail.asked, 5);
    assert.equal(result.trail.required, 3);
    assert.equal(result.trail.verdicts?.length, 5);
  });

  it("is reached when two of five are silent", async () => {
    const { clock, network, cosigner, request } = scene();
    for (const signer of validators.slice(0, 2)) network.cutOff.add(signer.address);
    const result = await over(clock, cosigner.run(request(), never));
    assert.equal(result.reached, true);
    assert.deepEqual(
      result.trail.verdicts
        ?.filter((verdict) => verdict.outcome === "no_answer")
        .map((verdict) => verdict.reason),
      ["NOT_AWAITED", "NOT_AWAITED"],
    );
    assert.deepEqual(outcomesOf(result.trail), ["no_answer", "no_answer", "signed", "signed", "signed"]);
    assert.equal(cosigner.counts().reached.preprocessing, 1);
    assert.equal(cosigner.counts().notReached.preprocessing, 0);
  });

  it("is not reached when three of five are silent, and the trail says who", async () => {
    const { clock, network, cosigner, request, outcomes } = scene();
    const silent = validators.slice(0, 3).map((signer) => signer.address);
    for (const address of silent) network.cutOff.add(address);
    const result = await over(clock, cosigner.run(request(), never));
    assert.equal(result.reached, false);
    const missing = result.trail.verdicts?.filter((verdict) => verdict.outcome === "no_answer");
    assert.deepEqual(missing?.map((verdict) => verdict.validator_address).sort(), [...silent].sort());
    assert.ok(missing?.every((verdict) => verdict.latency_ms === 3_000));
    await clock.run(3_000);
    assert.deepEqual(
      silent.map((address) => outcomes.get(address)),
      ["no_answer", "no_answer", "no_answer"],
    );
    assert.equal(cosigner.counts().notReached.preprocessing, 1);
  });

  it("asks again after a third of the deadline those that did not answer", async () => {
    const { clock, network, cosigner, request } = scene();
    for (const signer of validators.slice(0, 3)) network.cutOff.add(signer.address);
    const round = cosigner.run(request(), never);
    await clock.run(900);
    network.cutOff.clear();
    const result = await over(clock, round, 200);
    assert.equal(result.reached, true);
    assert.ok(result.trail.verdicts?.some((verdict) => (verdict.latency_ms ?? 0) >= 1_000));
  });

  it("asks the next in order after two thirds of the deadline", async () => {
    const members = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => signerOf(`member ${index}`));
    const { clock, network, genesis, cosigner, request } = scene({ members });
    const asked = request();
    const id = roundIdOf(networkOf(genesis), asked.round, asked.subject);
    const ranked = rankValidators(id, genesisValidatorSet(genesis).entries).map((entry) => entry.address);
    for (const address of ranked.slice(0, 3)) network.cutOff.add(address);
    const round = cosigner.run(asked, never);
    await clock.run(1_990);
    const result = await over(clock, round, 200);
    assert.equal(result.reached, true);
    assert.deepEqual(
      result.trail.verdicts?.map((verdict) => verdict.validator_address),
      ranked,
    );
  });

  it("asks another at once for a validator that is overloaded or has a wrong clock", async () => {
    const members = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => signerOf(`member ${index}`));
    const { clock, cosigner, request, offsets } = scene({ members });
    for (const signer of members.slice(0, 5)) offsets.set(signer.address, -10_001);
    const result = await over(clock, cosigner.run(request(), never), 500);
    assert.equal(result.reached, true);
    assert.ok(result.trail.verdicts?.some((verdict) => verdict.reason === "CLOCK_SKEW"));
  });

  it("fails as soon as M can no longer sign", async () => {
    const refused: Judgement = { outcome: "refuse", reason: "PRICE_MISMATCH", mayChange: false };
    const { clock, cosigner, request } = scene({
      judge: (validator) => (validators.indexOf(validator) < 3 ? refused : signs),
    });
    const result = await over(clock, cosigner.run(request(), never), 100);
    assert.equal(result.reached, false);
    const refusals = result.trail.verdicts?.filter((verdict) => verdict.outcome === "refused") ?? [];
    assert.deepEqual(
      refusals.map((verdict) => verdict.reason),
      ["PRICE_MISMATCH", "PRICE_MISMATCH", "PRICE_MISMATCH"],
    );
    assert.ok(refusals.every((verdict) => verdict.signature?.length === 132));
  });

  it("that failed early may be asked again at once", async () => {
    let judgement: Judgement = { outcome: "refuse", reason: "NODE_OFFLINE", mayChange: false };
    const { clock, cosigner, request } = scene({ judge: () => judgement });
    const asked = request();
    assert.equal((await over(clock, cosigner.run(asked, never), 100)).reached, false);
    judgement = signs;
    assert.equal((await over(clock, cosigner.run(asked, never), 100)).reached, true);
  });

  it("asks nobody where the network trusts itself", async () => {
    const { cosigner, request, judged } = scene({ required: 0 });
    const result = await cosigner.run(request(), never);
    assert.deepEqual([result.reached, result.signatures, result.trail.verdicts], [true, [], []]);
    assert.deepEqual(judged, []);
  });

  it("is not reached at once where too few validators exist", async () => {
    const { clock, cosigner, request } = scene({ members: validators.slice(0, 2) });
    const result = await over(clock, cosigner.run(request(), never), 5);
    assert.equal(result.reached, false);
  });

  it("works by gossip alone", async () => {
    const { clock, cosigner, request, network } = scene({ peersKnown: false });
    const result = await over(clock, cosigner.run(request(), never), 200);
    assert.equal(result.reached, true);
    assert.equal(network.frames, 0);
  });

  it("works by channels alone", async () => {
    const { clock, cosigner, request, network } = scene();
    network.gossipWorks = false;
    assert.equal((await over(clock, cosigner.run(request(), never), 100)).reached, true);
  });

  it("is judged once by each validator, though asked by channel and by gossip", async () => {
    const { clock, cosigner, request, judged } = scene();
    await over(clock, cosigner.run(request(), never));
    await clock.run(500);
    assert.equal(judged.length, 5);
  });

  it("gives the same signatures when it is run again by a gateway that restarted", async () => {
    const { clock, cosigner, request, services } = scene();
    const asked = request();
    const all = async () => {
      const wire: countersign.v1.CosignRequest.$Properties = {
        round_id: roundIdOf(networkOf(genesisOf()), asked.round, asked.subject),
        deadline_ms: asked.deadlineMs,
        digest: asked.typed.digest,
        asked: [...services.keys()],
        ...asked.proposal,
      };
      return Promise.all(
        [...services.values()].map(async (one) => toHex((await one.ask(wire)).signature ?? new Uint8Array())),
      );
    };
    const first = await all();
    const result = await over(clock, cosigner.run(asked, never));
    for (const { signature } of result.signatures) assert.ok(first.includes(signature ?? ""));
    assert.deepEqual(await all(), first);
  });

  it("of a second digest for the same subject is refused", async () => {
    const { clock, cosigner, request } = scene();
    await over(clock, cosigner.run(request(), never));
    await clock.run(100);
    const result = await over(clock, cosigner.run(request({ compute_node_id: "node-2" }), never));
    assert.equal(result.reached, false);
    assert.ok(result.trail.verdicts?.some((verdict) => verdict.reason === "CONFLICTS_WITH_SIGNED"));
  });

  it("takes the validator of its own process without the mesh", async () => {
    const { clock, network, cosigner, request, services } = scene();
    const local = services.get(validators[0]?.address ?? "");
    cosigner.setLocal(local);
    for (const signer of validators.slice(0, 3)) network.cutOff.add(signer.address);
    const result = await over(clock, cosigner.run(request(), never));
    assert.equal(result.reached, true);
    assert.ok(result.signatures.some((one) => one.validator_address === local?.address));
  });

  it("rejects when its signal aborts", async () => {
    const { clock, network, cosigner, request } = scene();
    for (const signer of validators) network.cutOff.add(signer.address);
    const aborter = new AbortController();
    const round = cosigner.run(request(), aborter.signal);
    aborter.abort(new Error("stopped"));
    await assert.rejects(round, /stopped/);
    await clock.run(3_000);
  });

  it("teaches a validator the records it lacks and asks it again", async () => {
    const record = utf8("a record");
    let hasRecords = () => false;
    const { clock, cosigner, request, merged } = scene({
      judge: () => (hasRecords() ? signs : { outcome: "refuse", reason: "NODE_UNKNOWN", mayChange: true }),
      recordsFor: () => [record],
    });
    hasRecords = () => merged.length > 0;
    const result = await over(clock, cosigner.run(request(), never));
    assert.equal(result.reached, true);
    assert.ok(merged.every((one) => toHex(one) === toHex(record)));
  });

  it("takes the gossiped copy of a refusal upon which it sent records for no second refusal", async () => {
    const judgedBefore = new Set<string>();
    const it = scene({
      judge(validator) {
        if (judgedBefore.has(validator.address)) {
          // Longer than gossip takes.
          return new Promise((resolve) => it.clock.after(200, () => resolve(signs)));
        }
        judgedBefore.add(validator.address);
        return { outcome: "refuse", reason: "NODE_UNKNOWN", mayChange: false };
      },
      recordsFor: () => [utf8("a record")],
    });
    const result = await over(it.clock, it.cosigner.run(it.request(), never));
    assert.equal(result.reached, true);
  });

  it("counts a second refusal of a validator that was sent records", async () => {
    const { clock, cosigner, request, merged } = scene({
      judge: () => ({ outcome: "refuse", reason: "NODE_UNKNOWN", mayChange: false }),
      recordsFor: () => [utf8("a record")],
    });
    const result = await over(clock, cosigner.run(request(), never), 1_000);
    assert.equal(result.reached, false);
    assert.equal(merged.length, 5);
  });

  it("never gossips inputs and outputs", async () => {
    const { clock, cosigner, genesis, network } = scene();
    const nowMs = clock.nowMs();
    const completion = await completionOf(genesis, termsOf(genesis, nowMs), Math.floor(nowMs / 1000));
    const proposal = {
      completion: { ...completion, input_data: "secret prompt", output_data: "secret output" },
    };
    for (const signer of validators) network.withoutChannels.add(signer.address);
    const round = cosigner.run(roundOf(proposal, genesis, nowMs + 3_000), never);
    assert.equal((await over(clock, round)).reached, true);
    assert.ok(network.gossiped.length > 0);
    for (const { data } of network.gossiped) assert.equal(Buffer.from(data).includes("secret"), false);
  });
});

describe("false verdicts", () => {
  function forged(address: string, digest: Uint8Array, roundId: string, reason = ""): Uint8Array {
    return encodeVerdict({
      round_id: roundId,
      validator_address: address,
      digest,
      signature: new Uint8Array(65).fill(27),
      reason,
      time_ms: 1,
    });
  }

  function idOf(
    genesis: ReturnType<typeof genesisOf>,
    asked: { round: "preprocessing"; subject: string },
  ): string {
    return roundIdOf(networkOf(genesis), asked.round, asked.subject);
  }

  it("from the validator's own peer are recorded invalid", async () => {
    const { clock, cosigner, request, network, genesis } = scene();
    const asked = request();
    const silent = validators.slice(0, 3).map((one) => one.address);
    for (const address of silent) network.cutOff.add(address);
    const round = cosigner.run(asked, never);
    await clock.run(5);
    network.cutOff.clear();
    const id = idOf(genesis, { round: "preprocessing", subject: asked.subject });
    for (const address of silent) {
      for (const message of encodeTopicMessages([forged(address, asked.typed.digest, id)])) {
        network.gossip(address, "signatures", message);
      }
    }
    const result = await over(clock, round, 100);
    assert.equal(result.reached, false);
    assert.equal(result.trail.verdicts?.filter((verdict) => verdict.outcome === "invalid").length, 3);
  });

  it("from anyone else harm nobody", async () => {
    const { clock, cosigner, request, network, genesis } = scene();
    const asked = request();
    const id = idOf(genesis, { round: "preprocessing", subject: asked.subject });
    for (const signer of validators) network.cutOff.add(signer.address);
    const round = cosigner.run(asked, never);
    await clock.run(30);
    for (const reason of ["", "PRICE_MISMATCH", "no such reason"]) {
      const items = validators.map(({ address }) => forged(address, asked.typed.digest, id, reason));
      for (const message of encodeTopicMessages(items)) network.gossip("stranger", "signatures", message);
    }
    await clock.run(30);
    network.cutOff.clear();
    const result = await over(clock, round);
    assert.equal(result.reached, true);
    assert.ok(result.trail.verdicts?.every((verdict) => verdict.outcome !== "invalid"));
  });

  it("by a signature over another digest, or by a validator that was not asked, do not count", async () => {
    const { clock, cosigner, request, network, genesis } = scene();
    const asked = request();
    const id = idOf(genesis, { round: "preprocessing", subject: asked.subject });
    for (const signer of validators) network.cutOff.add(signer.address);
    const round = cosigner.run(asked, never);
    await clock.run(30);
    const outsider = signerOf("outsider");
    const items = await Promise.all(
      [...validators.slice(0, 3), outsider].map(async (signer) =>
        encodeVerdict({
          round_id: id,
          validator_address: signer.address,
          digest: asked.typed.digest,
          signature: await signer.signTyped(
            signer === outsider ? asked.typed : { ...asked.typed, digest: sha256("another") },
          ),
        }),
      ),
    );
    for (const message of encodeTopicMessages(items)) network.gossip("stranger", "signatures", message);
    const result = await over(clock, round);
    assert.equal(result.reached, false);
    assert.equal(result.trail.verdicts?.length, 5);
  });
});

describe("the validator's side", () => {
  const wire = (
    genesis: ReturnType<typeof genesisOf>,
    asked: ReturnType<typeof roundOf>,
    changes: countersign.v1.CosignRequest.$Properties = {},
  ): countersign.v1.CosignRequest.$Properties => ({
    round_id: roundIdOf(networkOf(genesis), asked.round, asked.subject),
    initiator: gateway.address,
    deadline_ms: asked.deadlineMs,
    digest: asked.typed.digest,
    asked: validators.map(({ address }) => address),
    ...asked.proposal,
    ...changes,
  });

  async function reasonOf(
    changes: (asked: ReturnType<typeof roundOf>) => countersign.v1.CosignRequest.$Properties,
    setUp: (it: ReturnType<typeof scene>) => void = () => {},
  ): Promise<string> {
    const it = scene();
    setUp(it);
    const asked = it.request();
    const service = [...it.services.values()][0];
    const verdict = await service?.ask(wire(it.genesis, asked, changes(asked)));
    return verdict?.reason ?? "none";
  }

  it("refuses MALFORMED what its digest, its round id or its proposal contradict", async () => {
    assert.equal(await reasonOf(() => ({})), "");
    assert.equal(await reasonOf(() => ({ digest: new Uint8Array(32) })), "MALFORMED");
    assert.equal(await reasonOf(() => ({ round_id: "00" })), "MALFORMED");
    assert.equal(await reasonOf(() => ({ preprocessing: null })), "MALFORMED");
    assert.equal(await reasonOf(() => ({ preprocessing: { client: zeroAddress } })), "MALFORMED");
  });

  it("refuses EXPIRED after the deadline, TOO_FAR_AHEAD long before it", async () => {
    assert.equal(await reasonOf((asked) => ({ deadline_ms: asked.deadlineMs - 3_000 })), "EXPIRED");
    assert.equal(await reasonOf((asked) => ({ deadline_ms: asked.deadlineMs + 70_000 })), "TOO_FAR_AHEAD");
  });

  it("refuses CLOCK_SKEW while its clock is more than ten seconds off", async () => {
    const first = validators[0]?.address ?? "";
    assert.equal(
      await reasonOf(
        () => ({}),
        (it) => it.offsets.set(first, 10_001),
      ),
      "CLOCK_SKEW",
    );
    assert.equal(
      await reasonOf(
        () => ({}),
        (it) => it.offsets.set(first, 9_999),
      ),
      "",
    );
  });

  it("refuses MALFORMED a round that a peer runs in another's name", async () => {
    const it = scene();
    const asked = it.request();
    const stranger = it.network.join("stranger");
    const answers: Uint8Array[] = [];
    const target = validators[0]?.address ?? "";
    const channel = stranger.channel(target, "cosign", (frame) => answers.push(frame));
    const { encodeRequest } = await import("../../../src/cosign/frames.ts");
    for (const frame of encodeFrames("requests", [encodeRequest(wire(it.genesis, asked))]))
      channel.send(frame);
    await it.clock.run(50);
    assert.equal(answers.length, 1);
    assert.ok(Buffer.from(answers[0] ?? new Uint8Array()).includes("MALFORMED"));
    assert.deepEqual(it.judged, []);
  });

  it("refuses OVERLOADED past its queue, and serves other initiators meanwhile", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const genesis = genesisOf();
    const clock = new ManualClock();
    const network = new LoopbackNetwork();
    const signer = validators[0] as Signer;
    const served: string[] = [];
    const service = startVerdictService({
      genesis,
      mesh: network.join(signer.address),
      signer,
      guard: memoryGuard(),
      policy: {
        async judge(proposal) {
          await gate;
          served.push(proposal.subject);
          return signs;
        },
      },
      clock,
      logger: silentLogger,
      clockOffsetMs: () => undefined,
      isPeerOf: () => true,
      mergeRecords: async () => {},
      onKnowledge: () => () => {},
    });
    const { encodeRequest, decodeFrame } = await import("../../../src/cosign/frames.ts");
    const send = (peerId: string, ids: readonly string[], onReason: (reason: string) => void) => {
      const channel = network.join(peerId).channel(signer.address, "cosign", (bytes) => {
        const frame = decodeFrame(bytes);
        if (frame?.kind === "verdicts") for (const verdict of frame.verdicts) onReason(verdict.reason ?? "");
      });
      const items = ids.map((id) => {
        const asked = roundOf(
          preprocessingOf(genesis, clock.nowMs(), { request_id: id }),
          genesis,
          clock.nowMs() + 3_000,
        );
        return encodeRequest(wire(genesis, asked));
      });
      for (const frame of encodeFrames("requests", items)) channel.send(frame);
    };
    const greedy: string[] = [];
    const modest: string[] = [];
    send(
      "greedy",
      Array.from({ length: 3_000 }, (_, index) => `greedy-${index}`),
      (reason) => greedy.push(reason),
    );
    await clock.run(5);
    send("modest", ["modest-1"], (reason) => modest.push(reason));
    await clock.run(5);
    // 256 are being judged and 2,048 wait; the rest has been refused.
    assert.equal(greedy.filter((reason) => reason === "OVERLOADED").length, 3_000 - 256 - 2_048);
    release();
    for (let turn = 0; turn < 400 && (modest.length < 1 || greedy.length < 3_000); turn++) await clock.run(5);
    assert.deepEqual(modest, [""]);
    const place = served.findIndex((subject) => subject.endsWith("modest-1"));
    assert.ok(place <= 300, `served as number ${place}`);
    service.stop();
  });

  it("parks what it does not know yet, for a third of the deadline at most", async () => {
    let isKnown = false;
    const { clock, cosigner, request, judged } = scene({
      judge: () => (isKnown ? signs : { outcome: "refuse", reason: "NODE_UNKNOWN", mayChange: true }),
    });
    const round = cosigner.run(request(), never);
    await clock.run(900);
    assert.equal(judged.length, 5);
    const result = await over(clock, round);
    assert.equal(result.reached, false);
    assert.ok(result.trail.verdicts?.some((verdict) => verdict.reason === "NODE_UNKNOWN"));
    isKnown = true;
  });
});
