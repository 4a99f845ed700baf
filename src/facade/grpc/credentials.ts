import { ServerCredentials } from "@grpc/grpc-js";
import type { TlsContext, TlsFiles } from "../tls/index.ts";

export function credentialsOf(tls: TlsFiles | undefined): ServerCredentials {
  return tls === undefined ? ServerCredentials.createInsecure() : new RenewedCredentials(tls);
}

/** Certificates that are renewed while the server runs. */
class RenewedCredentials extends ServerCredentials {
  constructor(tls: TlsFiles) {
    const asksClients = tls.context.ca !== undefined && tls.config.client_cert === "required";
    super({ requestCert: asksClients, rejectUnauthorized: asksClients }, optionsOf(tls.context));
    tls.onChange((context) => this.updateSecureContextOptions(optionsOf(context)));
  }

  _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

const optionsOf = ({ cert, key, ca }: TlsContext) => ({ cert, key, ...(ca === undefined ? {} : { ca }) });
