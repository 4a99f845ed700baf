import { type Clock, type ErrorCode, type Logger, messageOf } from "../../../base/index.ts";
import { parseWei } from "../../../proof/terms.ts";
import { nodeKey } from "../../../records/index.ts";
import { type ChoiceRules, chooseNode } from "../choose-node.ts";
import type { Observer, OtherPlaces, Place } from "../placement.ts";
import { type Assignment, assignmentOf, quoteOf, type Task } from "../task.ts";
import { GatewayConduct } from "./gateway-conduct.ts";
import type { GatewayRequests } from "./gateway-requests.ts";
import { isFromPeer } from "./gateway-requests.ts";
import type { ForeignNode, OtherGateways } from "./other-gateways.ts";
import { Releases } from "./releases.ts";
import { encodeMessage, refOf, type TaskAnswer, type TaskRef } from "./task-messages.ts";

// The side of the gateway whose client's task it is.

/** A gateway that has a slot says so at once; the client waits meanwhile. */
const reserveTimeoutMs = 3_000;
/** A prompt of a megabyte over a slow line, made durable at the other end. */
const handOverTimeoutMs = 15_000;
const checkTimeoutMs = 3_000;
/** Gateways asked for a slot in a row before the task waits a while. */
const maxAskedInARow = 8;
/** Of the rounds behind a hand-over only the newest are told of: their signatures go along in any case. */
const maxTrails = 4;
/** Answers of a gateway that has no slot for the model now. */
const forNow: ReadonlySet<ErrorCode> = new Set(["NO_FREE_SLOT", "UNAVAILABLE", "RATE_LIMITED"]);
/** Answers to a hand-over that asking again does not change. */
const handOverFinal: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "TASK_ENDED",
  "ALREADY_EXISTS",
  "TOO_LARGE",
]);
export interface OutsourcingOptions {
  readonly others: OtherGateways;
  readonly requests: GatewayRequests;
  readonly isAllowed: (gateway: string) => boolean;
  /** True for a node that is connected here too: its slots are the same ones, whoever asks for them. */
  readonly isConnected: (nodeKey: string) => boolean;
  /** This gateway's. */
  readonly wallet: string;
  readonly rules: ChoiceRules;
  readonly reputationOf: (wallet: string) => number;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly dice: () => number;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

interface Sending {
  readonly attempt: number;
  readonly stop: AbortController;
  /** The last question was not answered at all. */
  isSilent: boolean;
}

/** Where else this gateway's tasks may run, and how they get there. */
export class Outsourcing implements OtherPlaces {
  readonly #o: OutsourcingOptions;
  readonly #conduct: GatewayConduct;
  readonly #sending = new Map<string, Sending>();
  /** Slots that other gateways may hold for a task: `gateway#attempt` by task. */
  readonly #asked = new Map<string, Map<string, { gateway: string; ref: TaskRef }>>();
  readonly #releases: Releases;
  readonly #background = new Set<Promise<void>>();
  readonly counts = { reserved: 0, refused: 0, silent: 0, handedOver: 0 };

  constructor(options: OutsourcingOptions) {
    this.#o = options;
    this.#conduct = new GatewayConduct(options);
    this.#releases = new Releases(options);
  }

  isServed(task: Task): boolean {
    return this.#nodesFor(task, undefined).length > 0;
  }

  async reserve(
    task: Task,
    attempt: number,
    maxPriceWei: bigint | undefined,
    signal: AbortSignal,
  ): Promise<Place | undefined> {
    const asked = new Set<string>();
    while (asked.size < maxAskedInARow) {
      const nodes = this.#nodesFor(task, maxPriceWei).filter(({ gateway }) => !asked.has(gateway));
      const gateway = this.#choose(task.modelUuid, nodes);
      if (gateway === undefined) return undefined;
      asked.add(gateway);
      const place = await this.#reserveAt(gateway, task, attempt, maxPriceWei, signal);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #nodesFor(task: Task, maxPriceWei: bigint | undefined): ForeignNode[] {
    const { others, wallet, isAllowed, isConnected } = this.#o;
    return others
      .nodesServing(task.modelUuid, task.subnetId)
      .filter(
        (node) =>
          node.gateway !== wallet &&
          isAllowed(node.gateway) &&
          !isConnected(nodeKey(node.wallet, node.nodeId)) &&
          (maxPriceWei === undefined || node.priceWei <= maxPriceWei) &&
          !task.triedNodes.includes(nodeKey(node.wallet, node.nodeId)),
      );
  }

  /** The gateway of the best node, by the same rules as among own nodes. */
  #choose(modelUuid: string, nodes: readonly ForeignNode[]): string | undefined {
    const { rules, dice, reputationOf } = this.#o;
    const candidates = nodes
      .filter(({ gateway }) => this.#conduct.mayBeAsked(gateway, modelUuid))
      .map((node) => {
        const reputation = Math.min(reputationOf(node.wallet), reputationOf(node.gateway));
        return this.#conduct.candidate(node, reputation);
      });
    return chooseNode(candidates, rules, dice())?.nodeKey;
  }

  async #reserveAt(
    gateway: string,
    task: Task,
    attempt: number,
    maxPriceWei: bigint | undefined,
    signal: AbortSignal,
  ): Promise<Place | undefined> {
    const { others, requests, wallet, logger } = this.#o;
    const ref: TaskRef = { gateway: wallet, client: task.client, requestId: task.requestId, attempt };
    const message = encodeMessage(ref, "reserve", {
      model_uuid: task.modelUuid,
      subnet_id: task.subnetId ?? null,
      max_price_wei: maxPriceWei?.toString() ?? "",
      except: task.triedNodes,
    });
    this.#note(task.key, gateway, ref);
    this.#conduct.asked(gateway);
    let answer: TaskAnswer;
    try {
      answer = await requests.ask(gateway, message, reserveTimeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.debug({ gateway, key: task.key, error: messageOf(error) }, "another gateway gave no slot");
      if (isFromPeer(error)) {
        this.counts.refused++;
        this.heard(gateway);
        if (forNow.has(error.code)) this.#conduct.busy(gateway, task.modelUuid);
        this.#asked.get(task.key)?.delete(nameOf(gateway, attempt));
      } else {
        // It may have heard and hold a slot.
        this.#unanswered(gateway);
        this.#release(task.key, gateway, ref);
      }
      return undefined;
    }
    const { node_id: nodeId, wallet: nodeWallet, price_wei: price } = answer.reserved ?? {};
    const priceWei = parseWei(price);
    const node = { wallet: nodeWallet ?? "", nodeId: nodeId ?? "" };
    const published = others.find(gateway, node, task.modelUuid);
    if (published === undefined || priceWei === undefined || priceWei > published.priceWei) {
      logger.warn(
        { gateway, nodeId, nodeWallet, price },
        "another gateway offered what it has not published",
      );
      this.#release(task.key, gateway, ref);
      return undefined;
    }
    this.counts.reserved++;
    this.heard(gateway);
    return { nodeId: published.nodeId, wallet: published.wallet, priceWei, gateway };
  }

  send(task: Task): void {
    const { attempt, gateway } = assignmentOf(task);
    const before = this.#sending.get(task.key);
    if (gateway === undefined || before?.attempt === attempt) return;
    before?.stop.abort();
    const sending: Sending = { attempt, stop: new AbortController(), isSilent: false };
    this.#sending.set(task.key, sending);
    this.#inBackground(this.#handOver(task, gateway, sending));
  }

  async #handOver(task: Task, gateway: string, sending: Sending): Promise<void> {
    const { requests, logger, stopping, wallet } = this.#o;
    const ref = refOf(task, assignmentOf(task), wallet);
    this.#note(task.key, gateway, ref);
    const message = encodeMessage(ref, "hand_over", {
      model_uuid: task.modelUuid,
      input_data: task.inputData,
      subnet_id: task.subnetId ?? null,
      validation: quoteOf(task).validation,
      grants: task.grants,
      trails: task.trails.slice(-maxTrails),
    });
    const signal = AbortSignal.any([sending.stop.signal, stopping]);
    try {
      await requests.askUntilAnswered(gateway, message, handOverTimeoutMs, handOverFinal, signal);
      this.counts.handedOver++;
      logger.debug({ key: task.key, gateway, attempt: ref.attempt }, "task handed over");
    } catch (error) {
      if (signal.aborted) return;
      // The lease ends, and the task goes to the next candidate.
      logger.warn({ key: task.key, gateway, error: messageOf(error) }, "another gateway refused a task");
    }
  }

  async isStillRunning(task: Task, signal: AbortSignal): Promise<boolean> {
    const { requests, wallet } = this.#o;
    const assignment = assignmentOf(task);
    const { gateway } = assignment;
    const sending = this.#sending.get(task.key);
    if (gateway === undefined || sending === undefined) return false;
    try {
      const message = encodeMessage(refOf(task, assignment, wallet), "check", {});
      const answer = await requests.ask(gateway, message, checkTimeoutMs, signal);
      sending.isSilent = false;
      this.heard(gateway);
      return answer.checked?.is_running === true;
    } catch (error) {
      signal.throwIfAborted();
      sending.isSilent = !isFromPeer(error);
      if (sending.isSilent) this.#unanswered(gateway);
      return false;
    }
  }

  leave(task: Task, assignment: Assignment): void {
    this.#stopSending(task.key);
    if (assignment.gateway === undefined) return;
    this.#release(task.key, assignment.gateway, refOf(task, assignment, this.#o.wallet));
  }

  free(task: Task): void {
    const { wallet } = this.#o;
    const { assignment, proposedGrant, proposedGateway } = task;
    this.#stopSending(task.key);
    if (assignment?.gateway !== undefined) {
      this.#note(task.key, assignment.gateway, refOf(task, assignment, wallet));
    }
    if (proposedGateway !== undefined) {
      const attempt = proposedGrant?.attempt ?? 1;
      this.#note(task.key, proposedGateway, { ...refOf(task, assignmentOf(task), wallet), attempt });
    }
    for (const { gateway, ref } of [...(this.#asked.get(task.key)?.values() ?? [])]) {
      // Who sent the result has freed its slot, and hears of its arrival by the answer to it.
      const isDone =
        task.result !== undefined && gateway === assignment?.gateway && ref.attempt === assignment.attempt;
      if (!isDone) this.#release(task.key, gateway, ref);
    }
    this.#asked.delete(task.key);
  }

  observe(task: Task, succeeded: boolean): boolean {
    const gateway = task.assignment?.gateway;
    if (gateway === undefined) return false;
    const isSilent = this.#sending.get(task.key)?.isSilent === true;
    return this.#conduct.observe(gateway, task, succeeded, isSilent);
  }

  /** A gateway that is heard may be asked again. */
  heard(gateway: string): void {
    this.#conduct.heard(gateway);
  }

  /** Waits for what is under way; the signal in the options has aborted it. */
  async stop(): Promise<void> {
    await Promise.all([...this.#background, this.#releases.stop()]);
  }

  #unanswered(gateway: string): void {
    this.counts.silent++;
    this.#conduct.silent(gateway);
  }

  #stopSending(key: string): void {
    this.#sending.get(key)?.stop.abort();
    this.#sending.delete(key);
  }

  #note(key: string, gateway: string, ref: TaskRef): void {
    const asked = this.#asked.get(key) ?? new Map();
    this.#asked.set(key, asked);
    asked.set(nameOf(gateway, ref.attempt), { gateway, ref });
    this.#releases.cancel(gateway, ref);
  }

  #release(key: string, gateway: string, ref: TaskRef): void {
    this.#asked.get(key)?.delete(nameOf(gateway, ref.attempt));
    this.#releases.release(gateway, ref);
  }

  #inBackground(work: Promise<void>): void {
    this.#background.add(work);
    work.finally(() => this.#background.delete(work));
  }
}

function nameOf(gateway: string, attempt: number): string {
  return `${gateway}#${attempt}`;
}
