import {
  BoundedMap,
  type Cancel,
  type Clock,
  equalBytes,
  type Genesis,
  type Logger,
  messageOf,
  networkId,
  signingDomain,
  toHex,
} from "../base/index.ts";
import { refusalMessage, type Signer } from "../chain/index.ts";
import {
  type Bundler,
  clockRefuseMs,
  createBundler,
  type GossipMessage,
  type Mesh,
  Nonsense,
  type TopicVerdict,
} from "../mesh/index.ts";
import type { countersign } from "../wire/index.ts";
import { roundIdOf } from "./choose-validators.ts";
import { FairQueue } from "./fair-queue.ts";
import {
  decodeFrame,
  decodeRequests,
  encodeTopicMessages,
  encodeVerdict,
  maxBundleItems,
  maxFrameBytes,
} from "./frames.ts";
import type { Claim, Guard } from "./guard.ts";
import { type AskedProposal, readProposal, refusalIdOf } from "./proposal.ts";
import { Repliers } from "./repliers.ts";
import type { RefusalReason } from "./round.ts";
import type { LocalValidator } from "./round-runner.ts";

type CosignRequest = countersign.v1.CosignRequest.$Properties;
type CosignVerdict = countersign.v1.CosignVerdict.$Properties;

export type Judgement =
  | { readonly outcome: "sign"; readonly alsoClaims: readonly Claim[] }
  /** `mayChange`: a record or a block that is still on its way would make it acceptable. */
  | { readonly outcome: "refuse"; readonly reason: RefusalReason; readonly mayChange: boolean };

/** What a validator thinks of a proposal that is well-formed and in time. */
export interface Policy {
  judge(proposal: AskedProposal): Promise<Judgement>;
}

export interface VerdictServiceOptions {
  readonly genesis: Genesis;
  readonly mesh: Pick<Mesh, "acceptChannels" | "publish" | "subscribe">;
  readonly signer: Signer;
  readonly guard: Guard;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How far this node's clock is from its peers'; undefined while nothing is known. */
  clockOffsetMs(): number | undefined;
  /** Whether the peer is a node of the wallet; undefined while the wallet is not known. */
  isPeerOf(wallet: string, peerId: string): boolean | undefined;
  /** Merges records that an initiator sent because this validator lacked them. */
  mergeRecords(records: readonly Uint8Array[]): Promise<unknown>;
  /** Calls back when a node or a payment became known: parked requests are judged again. */
  onKnowledge(listener: () => void): Cancel;
  onVerdict?(request: CosignRequest, verdict: CosignVerdict): void;
}

export interface VerdictService extends LocalValidator {
  stop(): void;
}

const topicDelayMs = 25;
/** No network's rounds last longer; a deadline past it keeps a place in every table for nothing. */
const maxRoundMs = 60_000;
/** Judged at once: enough to fill one group commit of the guard, and to wait for some chain reads. */
const maxJudging = 256;
const queueBounds = { perSender: 2_048, total: 8_192 };
/** Requests whose node or payment is not known yet. */
const maxParked = 1_024;
/** Parked requests are judged again this long after the first change, with all that changed meanwhile. */
const unparkDelayMs = 20;
/** Requests remembered, to answer a repeated one alike: ten seconds of a busy validator. */
const maxRemembered = 16_384;
/** The same request by channel and by gossip comes within this time; after it, it is asked again. */
const sameRequestMs = 500;
/** A gateway sends a frame each few milliseconds. */
const framesPerSecond = 2_000;

type Reply = (encoded: Uint8Array, verdict: CosignVerdict) => void;

interface Job {
  readonly key: string;
  readonly request: CosignRequest;
  /** Peer id of the initiator, or `local`. */
  readonly sender: string;
  /** Until when it may wait for what is not known yet. */
  readonly parkUntilMs: number;
  readonly replies: Reply[];
}

interface Given {
  readonly encoded: Uint8Array;
  readonly verdict: CosignVerdict;
  gossipedAtMs: number;
}

const localSender = "local";

/** The validator's side of co-sign rounds. */
export function startVerdictService(options: VerdictServiceOptions): VerdictService {
  return new Service(options);
}

class Service implements VerdictService {
  readonly address: string;
  readonly #o: VerdictServiceOptions;
  readonly #network: string;
  readonly #queue = new FairQueue<Job>(queueBounds);
  readonly #running = new Map<string, Job>();
  readonly #parked = new Map<Job, Cancel>();
  readonly #given = new BoundedMap<string, Given>(maxRemembered);
  readonly #repliers: Repliers;
  readonly #topic: Bundler<Uint8Array>;
  readonly #cancelKnowledge: Cancel;
  #cancelUnpark: Cancel | undefined;
  #judging = 0;
  #stopped = false;

  constructor(options: VerdictServiceOptions) {
    this.#o = options;
    this.address = options.signer.address;
    this.#network = networkId(options.genesis);
    const { mesh, clock } = options;
    this.#repliers = new Repliers(clock);
    this.#topic = createBundler({
      maxItems: maxBundleItems,
      maxDelayMs: topicDelayMs,
      clock,
      flush: (items) => this.#publish(items),
    });
    this.#cancelKnowledge = options.onKnowledge(() => this.#unparkSoon());
    mesh.acceptChannels(
      "cosign",
      { maxRequestBytes: maxFrameBytes, framesPerSecond },
      (peerId, frame, reply) => this.#onFrame(peerId, frame, reply),
    );
    mesh.subscribe("cosign", (message) => this.#onTopic(message));
  }

  ask(request: CosignRequest): Promise<CosignVerdict> {
    return new Promise((resolve) =>
      this.#take(request, localSender, (_encoded, verdict) => resolve(verdict)),
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelKnowledge();
    this.#cancelUnpark?.();
    for (const cancel of this.#parked.values()) cancel();
    this.#parked.clear();
    this.#topic.stop();
    this.#repliers.stop();
  }

  #onFrame(peerId: string, bytes: Uint8Array, reply: (frame: Uint8Array) => boolean): void {
    const frame = decodeFrame(bytes);
    if (frame?.kind === "records") {
      this.#o.mergeRecords(frame.records).catch((error: unknown) => {
        this.#o.logger.warn({ peerId, error: messageOf(error) }, "records from an initiator were not merged");
      });
      return;
    }
    if (frame?.kind !== "requests") throw new Nonsense("a co-sign frame that is no bundle of requests");
    this.#repliers.use(peerId, reply);
    const send = (encoded: Uint8Array) => this.#repliers.add(peerId, encoded);
    for (const request of frame.requests) this.#take(request, peerId, send);
  }

  #onTopic(message: GossipMessage): TopicVerdict {
    const requests = decodeRequests(message.data);
    if (requests === undefined || requests.some(hasTexts)) return "reject";
    const nowMs = this.#o.clock.nowMs();
    const current = requests.filter((request) => (request.deadline_ms ?? 0) > nowMs);
    if (current.length === 0) return "ignore";
    for (const request of current) this.#take(request, message.author, undefined);
    return "accept";
  }

  #take(request: CosignRequest, sender: string, reply: Reply | undefined): void {
    if (this.#stopped || !(request.asked ?? []).includes(this.address)) return;
    const { clock } = this.#o;
    const nowMs = clock.nowMs();
    // Per sender: what a stranger sends in an initiator's name must not become the initiator's answer.
    const key = `${sender} ${request.round_id} ${toHex(request.digest ?? new Uint8Array(0))}`;
    const running = this.#running.get(key);
    if (running !== undefined) {
      // A peer has one channel, so one answer; every local caller waits for its own.
      if (reply !== undefined && (sender === localSender || running.replies.length === 0)) {
        running.replies.push(reply);
      }
      return;
    }
    const given = this.#given.get(key);
    // A signature is for ever. A refusal is judged again, unless this is the same request by the other way.
    const isSigned = given?.verdict.reason === "";
    const isSame = given !== undefined && reply === undefined && nowMs - given.gossipedAtMs < sameRequestMs;
    if (given !== undefined && (isSigned || isSame)) {
      this.#repeat(given, reply, nowMs);
      return;
    }
    const lifeMs = Math.max(0, (request.deadline_ms ?? 0) - nowMs);
    const job: Job = {
      key,
      request,
      sender,
      parkUntilMs: nowMs + Math.floor(Math.min(lifeMs, maxRoundMs) / 3),
      replies: reply === undefined ? [] : [reply],
    };
    this.#running.set(key, job);
    if (this.#queue.push(sender, job)) this.#pump();
    else void this.#refuse(job, "OVERLOADED");
  }

  #repeat(given: Given, reply: Reply | undefined, nowMs: number): void {
    reply?.(given.encoded, given.verdict);
    if (reply !== undefined || nowMs - given.gossipedAtMs < sameRequestMs) return;
    given.gossipedAtMs = nowMs;
    this.#topic.add(given.encoded);
  }

  #pump(): void {
    while (this.#judging < maxJudging) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      this.#judging++;
      this.#judge(job)
        .catch((error: unknown) => {
          this.#o.logger.error({ error: messageOf(error) }, "a co-sign request could not be judged");
          return this.#refuse(job, "OVERLOADED");
        })
        .finally(() => {
          this.#judging--;
          this.#pump();
        });
    }
  }

  async #judge(job: Job): Promise<void> {
    const { clock, guard, genesis, policy, signer } = this.#o;
    const trouble = this.#timeTrouble(job.request);
    if (trouble !== undefined) return this.#refuse(job, trouble);
    const asked = readProposal(job.request, genesis);
    if (asked === undefined || !this.#isConsistent(job.request, asked)) return this.#refuse(job, "MALFORMED");
    const judgement = await this.#judgeSender(job, () => policy.judge(asked));
    if (judgement.outcome === "refuse") {
      const isParked = judgement.mayChange && this.#park(job);
      return isParked ? undefined : this.#refuse(job, judgement.reason);
    }
    if (clock.nowMs() < guard.waitsUntilMs) return this.#refuse(job, "OVERLOADED");
    const claim = { round: asked.round, subject: asked.subject, digest: asked.typed.digest };
    if (!(await guard.admit([claim, ...judgement.alsoClaims])))
      return this.#refuse(job, "CONFLICTS_WITH_SIGNED");
    this.#give(job, "", await signer.signTyped(asked.typed));
  }

  #timeTrouble(request: CosignRequest): RefusalReason | undefined {
    const { clock } = this.#o;
    const nowMs = clock.nowMs();
    const deadlineMs = request.deadline_ms ?? 0;
    if (Math.abs(this.#o.clockOffsetMs() ?? 0) > clockRefuseMs) return "CLOCK_SKEW";
    if (deadlineMs <= nowMs) return "EXPIRED";
    return deadlineMs > nowMs + maxRoundMs + clockRefuseMs ? "TOO_FAR_AHEAD" : undefined;
  }

  #isConsistent(request: CosignRequest, asked: AskedProposal): boolean {
    return (
      request.round_id === roundIdOf(this.#network, asked.round, asked.subject) &&
      equalBytes(request.digest ?? new Uint8Array(0), asked.typed.digest)
    );
  }

  /** A round is run by a node that the network knows, under its own name. */
  async #judgeSender(job: Job, judge: () => Promise<Judgement>): Promise<Judgement> {
    if (job.sender === localSender) return judge();
    const isKnown = this.#o.isPeerOf((job.request.initiator ?? "").toLowerCase(), job.sender);
    if (isKnown === undefined) return { outcome: "refuse", reason: "NODE_UNKNOWN", mayChange: true };
    return isKnown ? judge() : { outcome: "refuse", reason: "MALFORMED", mayChange: false };
  }

  /** Lays a request aside until something becomes known; false when it has waited long enough or there is no room. */
  #park(job: Job): boolean {
    const leftMs = job.parkUntilMs - this.#o.clock.nowMs();
    if (leftMs <= 0 || this.#parked.size >= maxParked || this.#stopped) return false;
    const cancel = this.#o.clock.after(leftMs, () => this.#unpark(job));
    this.#parked.set(job, cancel);
    return true;
  }

  #unpark(job: Job): void {
    this.#parked.get(job)?.();
    this.#parked.delete(job);
    if (this.#queue.push(job.sender, job)) this.#pump();
    else void this.#refuse(job, "OVERLOADED");
  }

  #unparkSoon(): void {
    if (this.#parked.size === 0) return;
    this.#cancelUnpark ??= this.#o.clock.after(unparkDelayMs, () => {
      this.#cancelUnpark = undefined;
      for (const job of [...this.#parked.keys()]) this.#unpark(job);
    });
  }

  async #refuse(job: Job, reason: RefusalReason): Promise<void> {
    const { genesis, signer, logger } = this.#o;
    const message = refusalMessage(signingDomain(genesis, true), {
      requestId: refusalIdOf(job.request),
      round: job.request.round_id ?? "",
      reason,
    });
    try {
      this.#give(job, reason, await signer.signTyped(message));
    } catch (error) {
      this.#running.delete(job.key);
      logger.error({ error: messageOf(error) }, "the wallet did not sign a refusal");
    }
  }

  #give(job: Job, reason: RefusalReason | "", signature: Uint8Array): void {
    this.#running.delete(job.key);
    if (this.#stopped) return;
    const nowMs = this.#o.clock.nowMs();
    const verdict: CosignVerdict = {
      round_id: job.request.round_id ?? "",
      validator_address: this.address,
      digest: job.request.digest ?? new Uint8Array(0),
      signature,
      reason,
      time_ms: nowMs,
    };
    const encoded = encodeVerdict(verdict);
    this.#given.delete(job.key);
    this.#given.set(job.key, { encoded, verdict, gossipedAtMs: nowMs });
    for (const reply of job.replies) reply(encoded, verdict);
    if (job.sender !== localSender) this.#topic.add(encoded);
    this.#o.onVerdict?.(job.request, verdict);
    if (reason !== "") this.#o.logger.debug({ round: verdict.round_id, reason }, "a proposal was refused");
  }

  #publish(items: readonly Uint8Array[]): void {
    for (const message of encodeTopicMessages(items)) {
      this.#o.mesh.publish("signatures", message).catch((error: unknown) => {
        this.#o.logger.debug({ error: messageOf(error) }, "verdicts were not gossiped");
      });
    }
  }
}

function hasTexts({ completion }: CosignRequest): boolean {
  return completion?.input_data != null || completion?.output_data != null;
}
