import { type Cancel, type Clock, type Logger, messageOf } from "../base/index.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { countersign } from "../wire/index.ts";
import { digestMessage, type HostedDigest } from "./hosted-digest.ts";
import { heartbeatIntervalMs, type Liveness } from "./liveness.ts";

/** What a node says about its present work. */
export interface HeartbeatState {
  readonly activeTasks: number;
  readonly maxTasks: number;
  /** 0 to 1. */
  readonly load: number;
  /** Of the nodes that it vouches for. */
  readonly hosted?: HostedDigest;
}

export interface HeartbeatOptions {
  readonly mesh: Pick<Mesh, "publish">;
  readonly liveness: Pick<Liveness, "heardOwn">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeId: string;
  /** Lower-case address. */
  readonly wallet: string;
  readonly intervalMs?: number;
  /** Asked before every heartbeat. */
  state(): HeartbeatState;
}

export interface Heartbeats {
  /** Does not wait for the interval: on start, or when a node is back that others believe gone. */
  beatNow(): void;
  stop(): void;
}

/** A node that nobody hears yet, as just after its start, does not wait a whole interval to be heard. */
const aloneRetryMs = 250;
/** Heartbeats between the regular ones are this far apart: when a thousand nodes come back, one tells of hundreds. */
const earlyPauseMs = 1_000;

/** Beats at once and then every interval, until stopped. */
export function startHeartbeats(options: HeartbeatOptions): Heartbeats {
  const { mesh, liveness, clock, logger, nodeId, wallet } = options;
  // Unix milliseconds grow over restarts, and nobody beats a thousand times a second.
  let sequence = clock.nowMs();
  let isStopped = false;
  let beatMs = Number.NEGATIVE_INFINITY;
  let cancelEarly: Cancel | undefined;

  const beatIn = (delayMs: number): void => {
    cancelEarly ??= clock.after(delayMs, beat);
  };
  const beat = (): void => {
    cancelEarly?.();
    cancelEarly = undefined;
    beatMs = clock.nowMs();
    const { activeTasks, maxTasks, load, hosted } = options.state();
    const said = {
      node_id: nodeId,
      wallet,
      sequence: ++sequence,
      time_ms: beatMs,
      active_tasks: activeTasks,
      max_tasks: maxTasks,
      load: Math.min(1, Math.max(0, load)),
    };
    liveness.heardOwn({ ...said, digest: hosted });
    const message = { ...said, ...(hosted === undefined ? {} : { hosted: digestMessage(hosted) }) };
    mesh
      .publish("heartbeat", countersign.v1.Heartbeat.encode(message).finish())
      .then((neighbours) => {
        if (neighbours === 0 && !isStopped) beatIn(aloneRetryMs);
      })
      .catch((error: unknown) => {
        logger.debug({ error: messageOf(error) }, "heartbeat was not gossiped");
      });
  };

  const cancelEvery = clock.every(options.intervalMs ?? heartbeatIntervalMs, beat);
  beat();
  return {
    beatNow() {
      const waitMs = beatMs + earlyPauseMs - clock.nowMs();
      if (waitMs <= 0) beat();
      else beatIn(waitMs);
    },
    stop() {
      isStopped = true;
      cancelEvery();
      cancelEarly?.();
    },
  };
}
