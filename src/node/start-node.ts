import { mkdir } from "node:fs/promises";
import {
  type Clock,
  createLogger,
  type Logger,
  messageOf,
  openMetrics,
  type RandomBytes,
  systemClock,
  systemRandom,
} from "../base/index.ts";
import { AccessFile } from "../facade/auth/index.ts";
import type { GrpcServer, Health } from "../facade/grpc/index.ts";
import {
  gatewayOperations,
  messageOperations,
  nodeOperations,
  type Operation,
  registryOperations,
  taskFeed,
} from "../operations/index.ts";
import { lockDataFolder } from "../storage/index.ts";
import { allEnded } from "./all-ended.ts";
import { defaultHttpListen, defaultWebSocketListen, type LoadedConfig, type NodeConfig } from "./config.ts";
import { createFront } from "./create-front.ts";
import { featuresOf } from "./features.ts";
import { startHttpFacades } from "./http-facades.ts";
import { openLiveTopics } from "./live-topics/live-topics.ts";
import { validationTopic } from "./live-topics/validation-topic.ts";
import { type MetricSources, nodeMetrics } from "./metrics.ts";
import { type NodeServices, startServices } from "./node-services.ts";
import { openTls } from "./open-tls.ts";
import { keepOwnRecord } from "./own-record.ts";
import { createReport } from "./report.ts";
import { startRoles } from "./start-roles.ts";
import { StopList } from "./stop-list.ts";
import { startWebSockets } from "./web-sockets.ts";

export interface NodeOptions extends LoadedConfig {
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Gives up the start. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
  readonly logger?: Logger;
}

export interface RunningNode {
  /** What the node listens on, by name: `gateway`, `registry`, `mesh`. */
  readonly endpoints: Record<string, string>;
  readonly services: NodeServices;
  /** Stops in the reverse order of the start; each part gets its time and no more. */
  stop(): Promise<void>;
}

/** Calls under way get this long to end when the node stops. */
const drainMs = 2_000;
const healthPeriodMs = 1_000;

/**
 * Config in, started node out: folder, storage, chain, mesh, replica, roles, facades, in this order.
 * @throws CountersignError naming what is wrong; what was started before is stopped
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { config, genesis, version, environment, signal } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const logger = options.logger ?? createLogger(config.log_level);
  const startedAtMs = clock.nowMs();
  const stops = new StopList(logger);
  try {
    await mkdir(config.data_dir, { recursive: true, mode: 0o700 });
    const lock = lockDataFolder(config.data_dir);
    stops.add("data folder", () => lock.release());
    // The facades' libraries take long to load; that goes on while storage, chain and mesh start.
    const facade = import("../facade/grpc/index.ts");
    facade.catch(() => {});
    const services = await startServices({
      config,
      genesis,
      version,
      environment,
      features: () => featuresOf(config, genesis),
      clock,
      random,
      logger,
      signal,
      onStarted: (name, stop) => stops.add(name, stop),
    });
    const ports = portsOf(config);
    const isWatched = ports.http !== "" || ports.webSocket !== "";
    const watcher = isWatched ? validationTopic(services.events, logger) : undefined;
    const running = await startRoles(options, services, stops, watcher);
    const { signer } = services;
    const nodeId = running.nodeId;
    const report = createReport({
      services,
      nodeId,
      roles: config.roles,
      version,
      gateway: running.gateway,
      startedAtMs,
    });
    const access = await openAccess(config.access.file, { clock, logger });
    if (access !== undefined) stops.add("access file", () => access.stop());
    const tls = await openTls(config, { clock, logger }, stops);
    const front = createFront({ config, genesis, clock, logger, access, store: services.store });
    const { addHealthAndReflection, startGrpcServer } = await facade;
    const healths: Health[] = [];
    const drain = async (stop: (signal: AbortSignal) => Promise<void>): Promise<void> => {
      // Not AbortSignal.timeout: once listened to, it keeps the process up until its time is over.
      const over = new AbortController();
      const cancel = clock.after(drainMs, () => over.abort());
      await stop(over.signal).finally(cancel);
    };
    const serve = async (name: string, listen: string, operations: Operation[]): Promise<GrpcServer> => {
      const server = await startGrpcServer({
        listen,
        operations: [...operations, ...nodeOperations(report)],
        front,
        tls: tls.grpc,
        logger: logger.child({ component: name }),
        extend: (grpc) =>
          healths.push(addHealthAndReflection(grpc, servicesOf([...operations, ...nodeOperations(report)]))),
      });
      stops.add(name, () => drain((signal) => server.stop(signal)));
      return server;
    };
    const ofGateway = running.gateway && gatewayOperations(running.gateway);
    const ofRegistry = running.registry && registryOperations(running.registry);
    const weightOf = (address: string) =>
      services.validatorSet().entries.find((entry) => entry.address === address)?.stakeWei ?? 0n;
    const all = [
      ...(ofGateway ?? []),
      ...(ofRegistry ?? []),
      ...nodeOperations(report),
      ...messageOperations(weightOf),
    ];
    const servesRegistryGrpc = config.roles.some((role) => role === "registry" || role === "validator");
    const isServing = () => services.chain?.status().connected !== false;
    const [gatewayServer, registryServer, httpServer] = await allEnded([
      ofGateway && serve("gateway gRPC", config.grpc.gateway, ofGateway),
      // A gateway's registry is for its HTTP facades.
      servesRegistryGrpc ? serve("registry gRPC", config.grpc.registry, ofRegistry ?? []) : undefined,
      ports.http === ""
        ? undefined
        : startHttpFacades({
            listen: ports.http,
            tls: tls.http,
            config: config.http,
            isOpen: config.auth === "optional",
            front,
            operations: new Map(all.map((one) => [one.name, one])),
            isServing,
            clock,
            store: services.store,
            version,
            tasks:
              running.gateway === undefined
                ? undefined
                : { feed: taskFeed(running.gateway), events: services.events },
            logger: logger.child({ component: "http" }),
          }),
    ]);
    if (httpServer !== undefined) stops.add("http", () => drain((signal) => httpServer.stop(signal)));
    const topics = isWatched
      ? await openLiveTopics({
          services,
          heartbeatIntervalMs: config.heartbeat_interval_ms,
          gateway: running.gateway,
          registry: running.registry,
        })
      : undefined;
    if (topics !== undefined) stops.add("live topics", () => topics.stop());
    const webSockets = await startWebSockets({
      listen: ports.webSocket,
      http: httpServer,
      tls: tls.http,
      config: config.http,
      feeds: topics?.feeds ?? [],
      events: services.events,
      front,
      maxConnectionsPerIp: config.limits.websocket_connections,
      clock,
      logger: logger.child({ component: "websocket" }),
    });
    if (webSockets !== undefined) stops.add("websocket", () => drain((signal) => webSockets.stop(signal)));
    // Stops first: calls under way are told before their servers wait for them.
    stops.add("calls", () => front.stop());
    const endpoints: Record<string, string> = {
      ...(gatewayServer === undefined ? {} : { gateway: gatewayServer.address }),
      ...(registryServer === undefined ? {} : { registry: registryServer.address }),
      ...(httpServer === undefined ? {} : { http: httpServer.address }),
      ...(webSockets?.address === undefined ? {} : { websocket: webSockets.address }),
      mesh: services.mesh.addresses()[0] ?? "",
    };
    const { cosigner, gateway, hosted } = running;
    const metrics = await serveMetrics(
      config.metrics.listen,
      { services, cosigner, gateway, hosted, calls: front.counts, access },
      logger,
    );
    if (metrics !== undefined) {
      stops.add("metrics", () => metrics.stop());
      endpoints["metrics"] = metrics.address;
    }
    const cancelRecord = await keepOwnRecord({
      services,
      nodeId,
      roles: config.roles,
      version,
      grpcAddress:
        gatewayServer === undefined
          ? ""
          : `${tls.grpc === undefined ? "" : "https://"}${gatewayServer.address}`,
      registryAddress: registryServer?.address ?? "",
      computeInfo: running.computeInfo,
      logger,
    });
    stops.add("own record", cancelRecord);
    running.beatNow();
    const showHealth = () => {
      for (const health of healths) health.set(isServing());
    };
    showHealth();
    stops.add("health", clock.every(healthPeriodMs, showHealth));
    signal.throwIfAborted();
    logger.info(
      {
        nodeId,
        wallet: signer.address,
        peerId: services.mesh.peerId,
        network: services.network,
        endpoints,
        startMs: clock.nowMs() - startedAtMs,
      },
      "node ready",
    );
    return { endpoints, services, stop: () => stops.run() };
  } catch (error) {
    logger.debug({ error: messageOf(error) }, "node could not start");
    await stops.run();
    throw error;
  }
}

/** @throws CountersignError CONFIG_INVALID naming what is wrong in the file */
async function openAccess(
  file: string | undefined,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<AccessFile | undefined> {
  if (file === undefined) return undefined;
  return await AccessFile.open({ file, clock, logger: logger.child({ component: "access" }) });
}

/** Loads what it takes only where figures are wanted. */
async function serveMetrics(listen: string | null, sources: MetricSources, logger: Logger) {
  if (!listen) return undefined;
  const { startMetricsServer } = await import("../facade/metrics/index.ts");
  return await startMetricsServer(listen, await openMetrics(nodeMetrics(sources), logger));
}

/** `host:port` where the node speaks HTTP and WebSocket; empty where it does not. */
function portsOf({ http, websocket, roles }: NodeConfig): {
  readonly http: string;
  readonly webSocket: string;
} {
  const isGateway = roles.includes("gateway");
  return {
    http: http.listen ?? (isGateway ? defaultHttpListen : ""),
    webSocket: websocket.listen ?? (isGateway ? defaultWebSocketListen : ""),
  };
}

/** Fully qualified service names, for health and reflection. */
function servicesOf(operations: readonly Operation[]): string[] {
  return [...new Set(operations.map(({ method }) => method.path.slice(1, method.path.lastIndexOf("/"))))];
}
