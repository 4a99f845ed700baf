import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger } from "../../src/base/index.ts";
import { type TlsConfig, TlsFiles } from "../../src/facade/tls/index.ts";
import { ManualClock } from "./manual-clock.ts";

/** Certificates for tests; its README says whose is whose. */
export const certFolder = fileURLToPath(new URL("certs", import.meta.url));
export const testPem = (name: string) => readFileSync(join(certFolder, name));
export const testAuthority = testPem("ca.pem");

/** The certificate of a server for tests. */
export function testTls(config: Partial<TlsConfig> = {}, folder = certFolder): Promise<TlsFiles> {
  const files = { cert_file: join(folder, "server.pem"), key_file: join(folder, "server.key") };
  return TlsFiles.open({
    name: "http.tls",
    config: { ...files, client_cert: "required", ...config },
    clock: new ManualClock(),
    logger: silentLogger,
  });
}
