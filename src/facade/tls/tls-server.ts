import type { Server, TLSSocket, TlsOptions } from "node:tls";
import type { TlsFiles } from "./tls-files.ts";

/** The certificate, and what is asked of clients, as Node.js' servers take it. */
export function tlsOptions({ context, config }: TlsFiles): TlsOptions {
  const asksClients = context.ca !== undefined;
  return {
    ...context,
    requestCert: asksClients,
    rejectUnauthorized: asksClients && config.client_cert === "required",
  };
}

/** Renews the certificate while the server runs, and refuses clients' certificates that are no good, also where none is needed. */
export function keepCertificates(server: Server, tls: TlsFiles): void {
  tls.onChange((context) => server.setSecureContext(context));
  server.on("secureConnection", (socket: TLSSocket) => {
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if (tls.context.ca !== undefined && hasCertificate && !socket.authorized) socket.destroy();
  });
}
