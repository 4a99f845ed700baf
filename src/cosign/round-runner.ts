import {
  type Cancel,
  type Clock,
  CountersignError,
  equalBytes,
  type Genesis,
  type Logger,
  messageOf,
  networkId,
  signingDomain,
  toHex,
} from "../base/index.ts";
import { recoverSigner, refusalMessage, type ValidatorSet } from "../chain/index.ts";
import {
  type Bundler,
  createBundler,
  type GossipMessage,
  type Mesh,
  Nonsense,
  type TopicVerdict,
} from "../mesh/index.ts";
import type { countersign } from "../wire/index.ts";
import { rankValidators, roundIdOf } from "./choose-validators.ts";
import { decodeFrame, decodeVerdicts, encodeRequest, encodeTopicMessages, maxBundleItems } from "./frames.ts";
import { refusalIdOf } from "./proposal.ts";
import {
  type Cosigner,
  type Proposal,
  type RoundName,
  type RoundRequest,
  type RoundResult,
  refusalReasons,
} from "./round.ts";
import { type Answer, type Outcome, RoundState } from "./round-state.ts";
import { ValidatorLinks } from "./validator-links.ts";

type CosignRequest = countersign.v1.CosignRequest.$Properties;
type CosignVerdict = countersign.v1.CosignVerdict.$Properties;

/** The validator in this very process, asked without the mesh. */
export interface LocalValidator {
  readonly address: string;
  ask(request: CosignRequest): Promise<CosignVerdict>;
}

export interface CosignerOptions {
  readonly genesis: Genesis;
  readonly mesh: Pick<Mesh, "channel" | "publish" | "subscribe">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Wallet of this node. */
  readonly initiator: string;
  validatorSet(): ValidatorSet;
  /** Peer id of a validator's node; undefined while its record is not known: then only gossip reaches it. */
  peerOf(validator: string): string | undefined;
  /** Encoded records that a validator needs to judge a proposal: of its gateway and its compute node. */
  recordsFor(proposal: Proposal): Uint8Array[];
  /** Told once per validator and round, when the round's deadline is over: what its reputation should know. */
  onOutcome?(validator: string, outcome: Outcome): void;
  /** Told of each round once it is over, reached or not. */
  onResult?(roundId: string, result: RoundResult): void;
}

/** Rounds that ended since the start, by name. */
export interface RoundCounts {
  readonly reached: Readonly<Record<RoundName, number>>;
  readonly notReached: Readonly<Record<RoundName, number>>;
}

export interface RunningCosigner extends Cosigner {
  counts(): RoundCounts;
  /** The validator role of this process comes or goes. */
  setLocal(local: LocalValidator | undefined): void;
  /** Ends all rounds as not reached. */
  stop(): void;
}

/** Gossip is the slower way anyway, and each of its messages is checked and forwarded by everyone. */
const topicDelayMs = 25;
/** Rounds held: ten seconds of twice the rate one gateway reaches. */
const maxRounds = 4_096;
const reasons: ReadonlySet<string> = new Set(refusalReasons);

interface Running {
  readonly state: RoundState;
  readonly result: Promise<RoundResult>;
  finish(result: RoundResult): void;
  isDecided: boolean;
  cancelTimer: Cancel;
}

/** Runs co-sign rounds over channels and gossip; whichever brings a verdict first counts. */
export function createCosigner(options: CosignerOptions): RunningCosigner {
  return new RoundRunner(options);
}

class RoundRunner implements RunningCosigner {
  readonly #o: CosignerOptions;
  readonly #network: string;
  /** By round id and digest: until the round's deadline, also when it is decided. */
  readonly #rounds = new Map<string, Running>();
  readonly #links: ValidatorLinks;
  readonly #topic: Bundler<Uint8Array>;
  readonly #counts = { reached: noRounds(), notReached: noRounds() };
  #local: LocalValidator | undefined;

  constructor(options: CosignerOptions) {
    this.#o = options;
    this.#network = networkId(options.genesis);
    this.#links = new ValidatorLinks(options.mesh, options.clock, (peerId, frame) =>
      this.#onFrame(peerId, frame),
    );
    this.#topic = createBundler({
      maxItems: maxBundleItems,
      maxDelayMs: topicDelayMs,
      clock: options.clock,
      flush: (items) => this.#publish(items),
    });
    options.mesh.subscribe("signatures", (message) => this.#onTopic(message));
  }

  setLocal(local: LocalValidator | undefined): void {
    this.#local = local;
  }

  counts(): RoundCounts {
    return this.#counts;
  }

  async run(request: RoundRequest, signal: AbortSignal): Promise<RoundResult> {
    signal.throwIfAborted();
    const running = this.#start(request);
    return await abortable(running.result, signal);
  }

  stop(): void {
    for (const running of this.#rounds.values()) {
      running.cancelTimer();
      running.finish(running.state.result(this.#o.clock.nowMs()));
    }
    this.#rounds.clear();
    this.#topic.stop();
    this.#links.stop();
  }

  #start(request: RoundRequest): Running {
    const id = roundIdOf(this.#network, request.round, request.subject);
    const key = keyOf(id, request.typed.digest);
    const known = this.#rounds.get(key);
    // A round that failed early may be asked again at once: what it lacked may have come.
    if (known?.isDecided && known.state.decided() !== true) this.#expire(key, known);
    else if (known !== undefined) return known;
    this.#makeRoom();

    const { clock } = this.#o;
    const set = this.#o.validatorSet();
    const state = new RoundState(id, request, rankValidators(id, set.entries), set);
    const { promise, resolve } = Promise.withResolvers<RoundResult>();
    void promise.then((result) => {
      this.#counts[result.reached ? "reached" : "notReached"][request.round]++;
      this.#o.onResult?.(id, result);
    });
    const running: Running = {
      state,
      result: promise,
      finish: resolve,
      isDecided: false,
      cancelTimer: () => {},
    };
    if (set.required === 0) {
      resolve(state.result(clock.nowMs()));
      return running;
    }
    this.#rounds.set(key, running);
    const startedAtMs = clock.nowMs();
    const lifeMs = Math.max(0, request.deadlineMs - startedAtMs);
    const at = (share: number, act: () => void) => {
      running.cancelTimer = clock.after(Math.max(0, startedAtMs + share * lifeMs - clock.nowMs()), act);
    };
    at(1 / 3, () => {
      this.#askAgain(running);
      at(2 / 3, () => {
        if (!running.isDecided) this.#ask(running, state.askNext(state.waiting().length, clock.nowMs()));
        at(1, () => this.#expire(key, running));
      });
    });
    this.#ask(running, state.askNext(set.asked, startedAtMs));
    this.#decide(running);
    return running;
  }

  /** Rounds that are decided are kept for late verdicts only, so the oldest of them makes room. */
  #makeRoom(): void {
    if (this.#rounds.size < maxRounds) return;
    for (const [key, running] of this.#rounds) {
      if (!running.isDecided) continue;
      this.#expire(key, running);
      return;
    }
    throw new CountersignError("UNAVAILABLE", `${maxRounds} co-sign rounds are open already`);
  }

  #askAgain(running: Running): void {
    if (running.isDecided) return;
    const waiting = running.state.waiting().map((answer) => answer.address);
    this.#ask(running, waiting, true);
  }

  #expire(key: string, running: Running): void {
    const { state } = running;
    running.cancelTimer();
    this.#rounds.delete(key);
    if (!running.isDecided) running.finish(state.result(this.#o.clock.nowMs()));
    for (const { address, outcome, answeredLate } of state.answers.values()) {
      if (outcome !== "no_answer" || !answeredLate) this.#o.onOutcome?.(address, outcome);
    }
  }

  #ask(running: Running, validators: readonly string[], isRepeated = false): void {
    if (validators.length === 0) return;
    const request = this.#wire(running.state);
    const encoded = encodeRequest(request);
    let isGossiped = false;
    for (const address of validators) {
      if (address === this.#local?.address) {
        void this.#askLocal(running, this.#local, request);
        continue;
      }
      const peerId = this.#o.peerOf(address);
      if (peerId !== undefined) this.#links.ask(peerId, encoded);
      // Prompts and outputs never travel by gossip. A validator that gets its request without them cannot compare
      // them, so gossip is the last resort for such a request.
      isGossiped ||= !hasTexts(request) || isRepeated || peerId === undefined;
    }
    if (isGossiped) this.#topic.add(hasTexts(request) ? encodeRequest(withoutTexts(request)) : encoded);
  }

  #wire(state: RoundState): CosignRequest {
    const { typed, proposal, deadlineMs } = state.request;
    return {
      round_id: state.id,
      initiator: this.#o.initiator,
      deadline_ms: deadlineMs,
      digest: typed.digest,
      asked: state.asked(),
      ...proposal,
    };
  }

  async #askLocal(running: Running, local: LocalValidator, request: CosignRequest): Promise<void> {
    try {
      this.#onVerdict(await local.ask(request), local.address);
    } catch (error) {
      this.#o.logger.error(
        { round: running.state.id, error: messageOf(error) },
        "the local validator failed",
      );
    }
  }

  #publish(items: readonly Uint8Array[]): void {
    for (const message of encodeTopicMessages(items)) {
      this.#o.mesh.publish("cosign", message).catch((error: unknown) => {
        this.#o.logger.debug({ error: messageOf(error) }, "co-sign requests were not gossiped");
      });
    }
  }

  #onFrame(peerId: string, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame?.kind !== "verdicts") throw new Nonsense("a co-sign frame that is no bundle of verdicts");
    for (const verdict of frame.verdicts) this.#onVerdict(verdict, peerId);
  }

  #onTopic(message: GossipMessage): TopicVerdict {
    const verdicts = decodeVerdicts(message.data);
    if (verdicts === undefined) return "reject";
    for (const verdict of verdicts) this.#onVerdict(verdict, message.author);
    return "accept";
  }

  /** `source`: peer id that sent the verdict or wrote the gossip message, or the local validator's address. */
  #onVerdict(verdict: CosignVerdict, source: string): void {
    const digest = verdict.digest ?? new Uint8Array(0);
    const running = this.#rounds.get(keyOf(verdict.round_id ?? "", digest));
    const answer = running?.state.answers.get((verdict.validator_address ?? "").toLowerCase());
    if (running === undefined || answer === undefined || answer.outcome === "signed") return;
    // Anyone can write a false verdict in somebody's name; only from the validator's own peer does that say anything.
    const isItsOwn = source === answer.address || source === this.#o.peerOf(answer.address);
    if (running.isDecided) {
      answer.answeredLate ||= isItsOwn;
      return;
    }
    const signature = verdict.signature ?? new Uint8Array(0);
    const reason = verdict.reason ?? "";
    // The same verdict comes by channel and by gossip; comparing is a thousand times cheaper than checking again.
    if (answer.signature !== undefined && answer.reason === reason && equalBytes(answer.signature, signature))
      return;
    if (!this.#isGenuine(running.state, answer, digest, signature, reason)) {
      if (isItsOwn && answer.outcome === "no_answer") this.#record(running, answer, "invalid", "", undefined);
      return;
    }
    if (reason === "") {
      this.#record(running, answer, "signed", reason, signature);
      return;
    }
    const refusedAtMs = verdict.time_ms ?? 0;
    const { taughtAtMs } = answer;
    // Whoever was sent records may refuse again, but the copy of its first refusal is no second one.
    if (taughtAtMs !== undefined && (!isItsOwn || refusedAtMs <= taughtAtMs)) return;
    if (this.#teach(running, answer, reason, refusedAtMs)) return;
    this.#record(running, answer, "refused", reason, signature);
  }

  #isGenuine(
    state: RoundState,
    answer: Answer,
    digest: Uint8Array,
    signature: Uint8Array,
    reason: string,
  ): boolean {
    if (reason === "") return recoverSigner(digest, signature) === answer.address;
    if (!reasons.has(reason)) return false;
    const refusal = refusalMessage(signingDomain(this.#o.genesis, true), {
      requestId: refusalIdOf(state.request.proposal),
      round: state.id,
      reason,
    });
    return recoverSigner(refusal.digest, signature) === answer.address;
  }

  /** Sends a validator the records that it lacks, once, and asks again; false when there is nothing to teach. */
  #teach(running: Running, answer: Answer, reason: string, refusedAtMs: number): boolean {
    if (reason !== "NODE_UNKNOWN" || answer.taughtAtMs !== undefined) return false;
    const records = this.#o.recordsFor(running.state.request.proposal);
    const peerId = this.#o.peerOf(answer.address);
    if (records.length === 0 || peerId === undefined) return false;
    answer.taughtAtMs = refusedAtMs;
    this.#links.sendRecords(peerId, records);
    this.#ask(running, [answer.address]);
    return true;
  }

  #record(
    running: Running,
    answer: Answer,
    outcome: Outcome,
    reason: string,
    signature: Uint8Array | undefined,
  ): void {
    const nowMs = this.#o.clock.nowMs();
    answer.outcome = outcome;
    answer.reason = reason;
    answer.signature = signature;
    answer.latencyMs = Math.max(0, nowMs - answer.askedAtMs);
    answer.signedAtSec = Math.floor(nowMs / 1000);
    this.#decide(running);
  }

  #decide(running: Running): void {
    const { state } = running;
    const { clock } = this.#o;
    this.#ask(running, state.askNext(state.replacementsDue(), clock.nowMs()));
    if (running.isDecided || state.decided() === undefined) return;
    running.isDecided = true;
    running.finish(state.result(clock.nowMs()));
  }
}

const noRounds = (): Record<RoundName, number> => ({
  preprocessing: 0,
  completion: 0,
  reassignment: 0,
  subnet: 0,
});

const keyOf = (roundId: string, digest: Uint8Array): string => `${roundId} ${toHex(digest)}`;

function hasTexts({ completion }: CosignRequest): boolean {
  return completion?.input_data != null || completion?.output_data != null;
}

function withoutTexts(request: CosignRequest): CosignRequest {
  return { ...request, completion: { ...request.completion, input_data: null, output_data: null } };
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
