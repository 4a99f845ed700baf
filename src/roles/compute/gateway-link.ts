import { status } from "@grpc/grpc-js";
import {
  type Cancel,
  type Clock,
  isAbort,
  type Logger,
  messageOf,
  type RandomBytes,
  sleep,
} from "../../base/index.ts";
import { type CallHeaders, GrpcClient } from "../../wire/grpc-client.ts";
import {
  type Ack,
  gatewayComputeService,
  type HeartbeatRequest,
  type InferenceRequest,
  type InferenceResponse,
  type NodeInfo,
} from "../../wire/index.ts";
import { backoffMs } from "./backoff.ts";

/** A gateway that takes longer is treated as unreachable for this call. */
const callDeadlineMs = 10_000;
/** Load may be reported out of turn this often. */
const earlyHeartbeatGapMs = 1_000;
/** Load may drift this far before it is worth a heartbeat of its own. */
const materialLoadChange = 0.25;
/** Heartbeats that may fail before the whole link is made anew. */
const heartbeatFailures = 3;
/** The registration is made again this often: the record that the gateway made of it expires after a day. */
const registerAgainMs = 3_600_000;
/** A stream that lived this long was a good one: the next attempt comes quickly, at most about once per this time. */
const goodStreamMs = 1_000;

/** The channel's own reconnection must not outlast the link's. Keep-alive notices a connection that died silently. */
const channelOptions = {
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
};

/** Statuses by which a gateway says no for good. Others may pass: it is unreachable, starting, busy or out of time. */
const finalStatuses: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
]);

/** The gateway's answer, when it gave one that will not change. */
export type Answer<T> = { readonly value: T } | { readonly refusal: string };

export interface GatewayLinkOptions {
  readonly address: string;
  readonly headers: CallHeaders;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  readonly heartbeatIntervalMs: number;
  nodeInfo(): NodeInfo.$Properties;
  /** From 0 to 1. */
  load(): number;
  heartbeat(): HeartbeatRequest.$Properties;
  onTask(request: InferenceRequest): void;
  /** The gateway took the registration. */
  onRegistered(): void;
}

/** One gateway: registration, heartbeats and the stream of tasks, made anew whenever they break, for ever. */
export class GatewayLink {
  readonly address: string;
  readonly #options: GatewayLinkOptions;
  readonly #client: GrpcClient;
  readonly #receiving = new AbortController();
  readonly #calls = new AbortController();
  #session: AbortController | undefined;
  #loop: Promise<void> = Promise.resolve();
  #reportedLoad = 0;
  #reportedAtMs = 0;
  #earlyHeartbeat: Cancel | undefined;
  #failedHeartbeats = 0;
  #isRegistered = false;

  constructor(options: GatewayLinkOptions) {
    this.#options = options;
    this.address = options.address;
    this.#client = new GrpcClient(options.address, channelOptions);
  }

  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  start(): void {
    this.#loop = this.#keepReceiving();
  }

  /** Takes no more tasks; results can still be submitted until `close`. */
  async stopReceiving(): Promise<void> {
    this.#receiving.abort();
    await this.#loop;
  }

  close(): void {
    this.#receiving.abort();
    this.#calls.abort();
    this.#client.close();
  }

  /** @throws the call's error when the gateway gave no final answer */
  submit(response: InferenceResponse.$Properties, signal?: AbortSignal): Promise<Answer<Ack>> {
    return this.#answerOf(
      () =>
        this.#client.call(
          gatewayComputeService.SubmitResult,
          response as InferenceResponse,
          this.#callOptions(signal),
        ),
      (ack) => (ack.success ? undefined : ack.message),
    );
  }

  /** @throws the call's error when the gateway gave no final answer */
  getTask(requestId: string, signal: AbortSignal): Promise<Answer<InferenceRequest>> {
    return this.#answerOf(
      () => this.#client.call(gatewayComputeService.GetTask, { id: requestId }, this.#callOptions(signal)),
      () => undefined,
    );
  }

  /** Tells the gateway soon when the load is another than it knows. */
  loadChanged(): void {
    if (!this.#isRegistered || this.#earlyHeartbeat !== undefined) return;
    const load = this.#options.load();
    const hasTurned = load >= 1 !== this.#reportedLoad >= 1;
    if (!hasTurned && Math.abs(load - this.#reportedLoad) < materialLoadChange) return;
    const { clock } = this.#options;
    const delayMs = Math.max(0, this.#reportedAtMs + earlyHeartbeatGapMs - clock.nowMs());
    this.#earlyHeartbeat = clock.after(delayMs, () => {
      this.#earlyHeartbeat = undefined;
      void this.#sendHeartbeat();
    });
  }

  async #keepReceiving(): Promise<void> {
    const { clock, random, logger } = this.#options;
    const { signal } = this.#receiving;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const startedAtMs = clock.nowMs();
      try {
        await this.#receive();
        logger.info({}, "gateway ended the stream of tasks");
      } catch (error) {
        if (signal.aborted) return;
        // Told once; the attempts that follow matter to nobody while the gateway stays away.
        const level = attempt === 0 ? "warn" : "debug";
        logger[level]({ reason: messageOf(error) }, "link to gateway broke");
      }
      if (clock.nowMs() - startedAtMs >= goodStreamMs) attempt = 0;
      // The only rejection is the stop, which the loop's condition sees.
      await sleep(clock, backoffMs(attempt, random), signal).catch(() => {});
    }
  }

  /** Registers, then takes tasks until the stream ends or breaks. */
  async #receive(): Promise<void> {
    const { clock, logger, heartbeatIntervalMs, onRegistered, onTask } = this.#options;
    this.#session = new AbortController();
    const signal = AbortSignal.any([this.#receiving.signal, this.#session.signal]);
    await this.#register(signal);
    this.#isRegistered = true;
    this.#failedHeartbeats = 0;
    logger.info({}, "registered with gateway");
    const stopHeartbeats = clock.every(heartbeatIntervalMs, () => void this.#sendHeartbeat());
    const stopRegistering = clock.every(registerAgainMs, () => {
      this.#register(signal).catch((error) => this.#session?.abort(error));
    });
    try {
      void this.#sendHeartbeat();
      onRegistered();
      const { deadlineMs: _, ...endless } = this.#callOptions(signal);
      const tasks = this.#client.stream(
        gatewayComputeService.ReceiveTask,
        this.#options.nodeInfo() as NodeInfo,
        endless,
      );
      for await (const request of tasks) onTask(request);
    } finally {
      this.#isRegistered = false;
      stopHeartbeats();
      stopRegistering();
      this.#earlyHeartbeat?.();
      this.#earlyHeartbeat = undefined;
    }
  }

  async #register(signal: AbortSignal): Promise<void> {
    const registration = await this.#client.call(
      gatewayComputeService.RegisterComputeNode,
      this.#options.nodeInfo() as NodeInfo,
      this.#callOptions(signal),
    );
    if (!registration.success) throw new Error(`gateway refused the registration: ${registration.message}`);
  }

  async #sendHeartbeat(): Promise<void> {
    const heartbeat = this.#options.heartbeat();
    this.#reportedLoad = heartbeat.load ?? 0;
    this.#reportedAtMs = this.#options.clock.nowMs();
    const session = this.#session;
    const { UpdateHeartbeat } = gatewayComputeService;
    try {
      const answer = await this.#answerOf(
        () => this.#client.call(UpdateHeartbeat, heartbeat as HeartbeatRequest, this.#callOptions()),
        (ack) => (ack.success ? undefined : ack.message),
      );
      this.#failedHeartbeats = 0;
      // It has forgotten this node, after a restart for example: register again.
      if ("refusal" in answer) session?.abort(new Error(`gateway refused a heartbeat: ${answer.refusal}`));
    } catch (error) {
      if (this.#calls.signal.aborted) return;
      this.#options.logger.debug({ reason: messageOf(error) }, "heartbeat failed");
      this.#failedHeartbeats++;
      if (this.#failedHeartbeats >= heartbeatFailures)
        session?.abort(new Error("gateway answers no heartbeat"));
    }
  }

  async #answerOf<T>(
    call: () => Promise<T>,
    refusalOf: (value: T) => string | undefined,
  ): Promise<Answer<T>> {
    try {
      const value = await call();
      const refusal = refusalOf(value);
      return refusal === undefined ? { value } : { refusal };
    } catch (error) {
      if (isAbort(error) || !finalStatuses.has((error as { code?: number }).code ?? -1)) throw error;
      return { refusal: (error as { details?: string }).details ?? messageOf(error) };
    }
  }

  #callOptions(signal?: AbortSignal) {
    return {
      signal: signal === undefined ? this.#calls.signal : AbortSignal.any([this.#calls.signal, signal]),
      headers: this.#options.headers,
      deadlineMs: callDeadlineMs,
    };
  }
}
