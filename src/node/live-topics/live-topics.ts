import { ToldStates, type ToldView } from "../../events/index.ts";
import { type Feed, taskFeed } from "../../operations/index.ts";
import type { Gateway } from "../../roles/gateway/index.ts";
import type { Registry } from "../../roles/registry/index.ts";
import type { NodeServices } from "../node-services.ts";
import { nodeView } from "./node-view.ts";
import { subnetView, validatorView } from "./registry-views.ts";

export interface LiveTopics {
  readonly feeds: readonly Feed[];
  stop(): Promise<void>;
}

export interface LiveTopicsOptions {
  readonly services: NodeServices;
  readonly heartbeatIntervalMs: number;
  readonly gateway: Gateway | undefined;
  readonly registry: Registry | undefined;
}

/** A topic that is the same for everybody. */
const common = (topic: string, message: string): Feed => ({
  topic,
  message,
  group: "registry",
  options: [],
  filter: async () => ({ topic }),
});

/** Begins to write down what the live topics tell. Nodes without a port for them spare themselves the writing. */
export async function openLiveTopics(options: LiveTopicsOptions): Promise<LiveTopics> {
  const { services, heartbeatIntervalMs, gateway, registry } = options;
  const { replica, kinds, events, store, clock, directory } = services;
  const stopping = new AbortController();
  const logger = services.logger.child({ component: "topics" });
  const keep = (view: ToldView): Promise<ToldStates> =>
    ToldStates.open({ view, events, store, clock, periodMs: heartbeatIntervalMs, logger });
  const nodes = await keep(nodeView({ directory, heartbeatIntervalMs, clock }));
  const stops = [
    replica.onChange(kinds.node, ({ id, deleted, payload }) => {
      const wallet = (payload.info?.wallet_address ?? "").toLowerCase();
      // A deletion does not say whose node it was.
      nodes.changed(deleted ? undefined : `${wallet}/${id}`);
    }),
  ];
  const kept = [nodes];
  const feeds = [common("node", "NodeInfo"), common("validation", "QuorumTrail")];
  if (gateway !== undefined) feeds.push(taskFeed(gateway));
  if (registry !== undefined) {
    const subnets = await keep(subnetView(registry, stopping.signal));
    const validators = await keep(validatorView(registry, stopping.signal));
    kept.push(subnets, validators);
    stops.push(replica.onChange(kinds.subnet, () => subnets.changed()));
    stops.push(replica.onChange(kinds.validator, () => validators.changed()));
    feeds.push(common("subnet", "SubnetMetadata"), common("validator", "ValidatorInfoMessage"));
  }
  return {
    feeds,
    async stop() {
      for (const stop of stops) stop();
      stopping.abort();
      await Promise.all(kept.map((one) => one.stop()));
    },
  };
}
