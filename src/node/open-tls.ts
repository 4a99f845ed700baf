import type { Clock, Logger } from "../base/index.ts";
import { type TlsConfig, TlsFiles } from "../facade/tls/index.ts";
import type { NodeConfig } from "./config.ts";
import type { StopList } from "./stop-list.ts";

/**
 * The certificates of a node's listening addresses, by section; undefined where one speaks in the clear.
 * @throws CountersignError CONFIG_INVALID naming the key whose file cannot be used
 */
export async function openTls(
  { grpc, http }: Pick<NodeConfig, "grpc" | "http">,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  stops: StopList,
): Promise<{ readonly grpc: TlsFiles | undefined; readonly http: TlsFiles | undefined }> {
  const open = async (name: string, config: TlsConfig | undefined) => {
    if (config === undefined) return undefined;
    const files = await TlsFiles.open({ name, config, clock, logger: logger.child({ component: "tls" }) });
    stops.add(name, () => files.stop());
    return files;
  };
  return { grpc: await open("grpc.tls", grpc.tls), http: await open("http.tls", http.tls) };
}
