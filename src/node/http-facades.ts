import type { Clock, Logger } from "../base/index.ts";
import type { Front } from "../facade/front/index.ts";
import type { HttpServer } from "../facade/http/index.ts";
import type { TaskSource } from "../facade/rest/index.ts";
import type { TlsFiles } from "../facade/tls/index.ts";
import type { Operation } from "../operations/index.ts";
import type { Store } from "../storage/index.ts";
import type { NodeConfig } from "./config.ts";

export interface HttpFacadeOptions {
  readonly listen: string;
  readonly tls: TlsFiles | undefined;
  readonly config: Pick<NodeConfig["http"], "cors_origins" | "trusted_proxies">;
  /** Callers need show nothing. */
  readonly isOpen: boolean;
  readonly front: Front;
  /** Everything that this node can be asked, by name. */
  readonly operations: ReadonlyMap<string, Operation>;
  readonly isServing: () => boolean;
  readonly clock: Clock;
  readonly store: Store;
  readonly version: string;
  /** Where the events of tasks are; undefined on a node that is no gateway. */
  readonly tasks: TaskSource | undefined;
  readonly logger: Logger;
}

/** All facades that speak HTTP, on one port. Their libraries are loaded here, so that nodes without them do not pay. */
export async function startHttpFacades(options: HttpFacadeOptions): Promise<HttpServer> {
  const { listen, tls, config, isOpen, isServing, logger } = options;
  const [http, messages, openai, rest] = await Promise.all([
    import("../facade/http/index.ts"),
    import("../facade/messages/index.ts"),
    import("../facade/openai/index.ts"),
    import("../facade/rest/index.ts"),
  ]);
  const mounts = [
    rest.healthRoute(isServing),
    rest.restFacade(options),
    messages.messageGateway(options),
    openai.openAiRoutes(options),
  ];
  return await http.startHttpServer({
    listen,
    logger,
    tls,
    isOpen,
    origins: new http.AllowedOrigins(config.cors_origins),
    proxies: new http.TrustedProxies(config.trusted_proxies),
    mounts,
  });
}
