import { type Clock, type Logger, messageOf } from "../base/index.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { countersign } from "../wire/index.ts";
import { heartbeatIntervalMs, type Liveness, maxHostedPerBeat } from "./liveness.ts";

/** What a node says about its present work. */
export interface HeartbeatState {
  readonly activeTasks: number;
  readonly maxTasks: number;
  /** 0 to 1. */
  readonly load: number;
  /** Compute nodes that heartbeat to this node, with the time each was heard. */
  readonly hosted?: readonly countersign.v1.HostedHeartbeat.$Properties[];
}

export interface HeartbeatOptions {
  readonly mesh: Pick<Mesh, "publish">;
  readonly liveness: Liveness;
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
  /** Does not wait for the interval: on start, after a registration, when a slot became free. */
  beatNow(): void;
  stop(): void;
}

/** A node that nobody hears yet, as just after its start, does not wait a whole interval to be heard. */
const aloneRetryMs = 250;

/** Beats at once and then every interval, until stopped. */
export function startHeartbeats(options: HeartbeatOptions): Heartbeats {
  const { mesh, liveness, clock, logger, nodeId, wallet } = options;
  // Unix milliseconds grow over restarts, and nobody beats a thousand times a second.
  let sequence = clock.nowMs();
  let isStopped = false;

  let cancelSoon = (): void => {};
  const beatSoon = (): void => {
    cancelSoon();
    cancelSoon = clock.after(aloneRetryMs, beatNow);
  };
  const beatNow = (): void => {
    const { activeTasks, maxTasks, load, hosted = [] } = options.state();
    for (let from = 0; from === 0 || from < hosted.length; from += maxHostedPerBeat) {
      const beat = {
        node_id: nodeId,
        wallet,
        sequence: ++sequence,
        time_ms: clock.nowMs(),
        active_tasks: activeTasks,
        max_tasks: maxTasks,
        load: Math.min(1, Math.max(0, load)),
        hosted: hosted.slice(from, from + maxHostedPerBeat),
      };
      liveness.heardOwn(beat);
      mesh
        .publish("heartbeat", countersign.v1.Heartbeat.encode(beat).finish())
        .then((neighbours) => {
          if (neighbours === 0 && !isStopped) beatSoon();
        })
        .catch((error: unknown) => {
          logger.debug({ error: messageOf(error) }, "heartbeat was not gossiped");
        });
    }
  };

  const cancelEvery = clock.every(options.intervalMs ?? heartbeatIntervalMs, beatNow);
  beatNow();
  return {
    beatNow,
    stop() {
      isStopped = true;
      cancelEvery();
      cancelSoon();
    },
  };
}
