import type { LightMyRequestResponse } from "fastify";
import { silentLogger, systemClock } from "../../../../src/base/index.ts";
import type { Front, FrontOptions } from "../../../../src/facade/front/index.ts";
import { type HttpServer, startHttpServer } from "../../../../src/facade/http/index.ts";
import {
  healthRoute,
  idempotencyMigrations,
  type RestOptions,
  restFacade,
} from "../../../../src/facade/rest/index.ts";
import {
  gatewayOperations,
  messageOperations,
  type NodeReport,
  nodeOperations,
  registryOperations,
  taskFeed,
} from "../../../../src/operations/index.ts";
import { openFront } from "../../../support/open-front.ts";
import { type TestGateway, testGateway } from "../../gateway/builders.ts";
import { startRegistry, type TestRegistry } from "../../registry/network.ts";

// REST over the real operations of a gateway and a registry in memory.

export interface RestApp {
  readonly net: TestGateway;
  readonly registry: TestRegistry;
  readonly server: HttpServer;
  readonly front: Front;
  /** An answer, its JSON read. */
  ask(method: string, url: string, options?: Asked): Promise<Answered>;
  /** Stops without a word to anybody and starts again on the same database. */
  restart(): Promise<RestApp>;
  stop(): Promise<void>;
}

export interface Asked {
  /** An object goes as JSON, a text or bytes as they are. */
  readonly body?: object | string | Uint8Array;
  readonly headers?: Record<string, string>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
export type Json = any;

export interface Answered {
  readonly status: number;
  readonly headers: LightMyRequestResponse["headers"];
  readonly text: string;
  readonly json: Json;
}

export interface RestAppOptions {
  readonly isPaid?: boolean;
  readonly front?: Partial<FrontOptions>;
  readonly rest?: Partial<RestOptions>;
  readonly gateway?: Parameters<typeof testGateway>[0];
}

const report: NodeReport = {
  status: async () => ({ node_id: "gateway-1", roles: ["gateway"], genesis_json: "{}" }),
  tasks: async () => [],
  sync: async () => ({ in_sync: true }),
  peers: () => [{ peer_id: "peer", state: "connected" }],
};

export async function restApp(options: RestAppOptions = {}): Promise<RestApp> {
  const registry = await startRegistry();
  const net = await testGateway({
    isPaid: options.isPaid === true,
    migrations: idempotencyMigrations,
    ...options.gateway,
  });
  return open(net, registry, options);
}

async function open(net: TestGateway, registry: TestRegistry, options: RestAppOptions): Promise<RestApp> {
  const operations = [
    ...gatewayOperations(net.gateway),
    ...registryOperations(registry.registry),
    ...nodeOperations(report),
    ...messageOperations(() => 0n),
  ];
  const front = openFront(options.front);
  const rest = restFacade({
    front,
    operations: new Map(operations.map((one) => [one.name, one])),
    clock: systemClock,
    store: net.store,
    version: "0.0.0",
    tasks: { feed: taskFeed(net.gateway), events: net.events },
    logger: silentLogger,
    ...options.rest,
  });
  const server = await startHttpServer({
    listen: "127.0.0.1:0",
    mounts: [healthRoute(() => true), rest],
    logger: silentLogger,
  });
  const close = async () => {
    front.stop();
    await server.stop(AbortSignal.abort());
  };
  return {
    net,
    registry,
    server,
    front,
    async ask(method, url, { body, headers = {} } = {}) {
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      const reply = await server.app.inject({
        method: method as "GET",
        url,
        headers:
          body === undefined || "content-type" in headers
            ? headers
            : { "content-type": "application/json", ...headers },
        ...(body === undefined
          ? {}
          : { payload: isRaw ? Buffer.from(body as Uint8Array) : JSON.stringify(body) }),
      });
      const isJson = String(reply.headers["content-type"]).startsWith("application/json");
      return {
        status: reply.statusCode,
        headers: reply.headers,
        text: reply.body,
        json: isJson ? JSON.parse(reply.body) : undefined,
      };
    },
    async restart() {
      await close();
      return open(await net.restart(), registry, options);
    },
    async stop() {
      await close();
      await net.stop();
      await registry.stop();
    },
  };
}
