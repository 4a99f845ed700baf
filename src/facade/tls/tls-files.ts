import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { z } from "zod";
import { type Cancel, type Clock, CountersignError, type Logger, messageOf } from "../../base/index.ts";

/** The `tls` section of a listening address. */
export const tlsConfigSchema = z.strictObject({
  /** The certificate with its chain, PEM. */
  cert_file: z.string().min(1),
  /** Its private key, PEM. */
  key_file: z.string().min(1),
  /** Authorities whose certificates clients may show, PEM; without it none is asked for. */
  client_ca_file: z.string().min(1).optional(),
  /** Whether a client without a certificate is let in, where there is a `client_ca_file`. */
  client_cert: z.enum(["optional", "required"]).default("required"),
});

export type TlsConfig = z.infer<typeof tlsConfigSchema>;

/** What a server needs, as Node.js names it. */
export interface TlsContext {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

export interface TlsFilesOptions {
  readonly config: TlsConfig;
  /** The configuration's key, for messages: `http.tls`. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A renewed certificate is in use within this time. */
export const tlsLookEveryMs = 30_000;

/** A certificate and its key, read again when they are renewed. */
export class TlsFiles {
  readonly config: TlsConfig;
  readonly #o: TlsFilesOptions;
  readonly #listeners = new Set<(context: TlsContext) => void>();
  readonly #stopLooking: Cancel;
  #context: TlsContext;
  #problem = "";

  /** @throws CountersignError CONFIG_INVALID naming the key whose file cannot be used */
  static async open(options: TlsFilesOptions): Promise<TlsFiles> {
    return new TlsFiles(options, await read(options));
  }

  private constructor(options: TlsFilesOptions, context: TlsContext) {
    this.config = options.config;
    this.#o = options;
    this.#context = context;
    this.#stopLooking = options.clock.every(tlsLookEveryMs, () => void this.look());
  }

  get context(): TlsContext {
    return this.#context;
  }

  onChange(listener: (context: TlsContext) => void): void {
    this.#listeners.add(listener);
  }

  /** Takes over files that have changed; those of before stay in use while the new ones do not fit together. */
  async look(): Promise<void> {
    const { name, logger } = this.#o;
    try {
      const context = await read(this.#o);
      this.#problem = "";
      if (isSame(context, this.#context)) return;
      this.#context = context;
      for (const listener of this.#listeners) listener(context);
      logger.info({ key: name }, "certificate read again");
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem)
        logger.error({ key: name, error: problem }, "certificate cannot be used; the one before stays");
      this.#problem = problem;
    }
  }

  stop(): void {
    this.#stopLooking();
  }
}

async function read({ config, name }: Pick<TlsFilesOptions, "config" | "name">): Promise<TlsContext> {
  const { cert_file, key_file, client_ca_file } = config;
  const [cert, key, ca] = await Promise.all([
    readPem(`${name}.cert_file`, cert_file),
    readPem(`${name}.key_file`, key_file),
    client_ca_file === undefined ? undefined : readPem(`${name}.client_ca_file`, client_ca_file),
  ]);
  const context: TlsContext = { cert, key, ...(ca === undefined ? {} : { ca }) };
  try {
    createSecureContext(context);
  } catch (error) {
    throw new CountersignError(
      "CONFIG_INVALID",
      `${name}: ${cert_file} and ${key_file} are no certificate with its private key, both PEM: ${messageOf(error)}`,
    );
  }
  return context;
}

async function readPem(key: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CountersignError("CONFIG_INVALID", `${key}: cannot read ${file}: ${messageOf(error)}`);
  }
}

function isSame(a: TlsContext, b: TlsContext): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key) && (a.ca?.equals(b.ca ?? a.key) ?? b.ca === undefined);
}
