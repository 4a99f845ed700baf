import { Client, type ClientOptions, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { Method, Streamed, Unary } from "./services.ts";

/** Headers of one call, made from the request's bytes as sent, so that a wallet can sign them. */
export type CallHeaders = (operation: string, body: Uint8Array) => Promise<Record<string, string>>;

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly headers?: CallHeaders;
  readonly deadlineMs?: number;
}

/** A message to be encoded: any field may be left out. */
type Sendable<T> = { readonly [K in keyof T]?: T[K] | null };

/** Before an address, it asks for TLS. */
const secureScheme = "https://";

/** A typed client of one gRPC address; the methods come from services.ts. */
export class GrpcClient {
  readonly #client: Client;

  /**
   * @param address `host:port`, or `https://host:port` for TLS
   * @param authorities PEM of those whose certificates are believed; those of the system where not given
   */
  constructor(address: string, options: ClientOptions = {}, authorities?: Buffer) {
    const isSecure = address.startsWith(secureScheme);
    const target = isSecure ? address.slice(secureScheme.length) : address;
    const channel = isSecure ? credentials.createSsl(authorities ?? null) : credentials.createInsecure();
    this.#client = new Client(target, channel, options);
  }

  /** @throws ServiceError as grpc-js makes it; the signal's reason when aborted */
  async call<Req, Res>(method: Unary<Req, Res>, request: Sendable<Req>, options: CallOptions): Promise<Res> {
    const { body, metadata } = await prepare(method, request, options);
    options.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        identity,
        method.responseDeserialize,
        body,
        metadata,
        deadline(options),
        (error: ServiceError | null, response?: Res) => {
          options.signal.removeEventListener("abort", onAbort);
          if (error !== null) reject(options.signal.aborted ? options.signal.reason : error);
          else resolve(response as Res);
        },
      );
      const onAbort = () => call.cancel();
      options.signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Messages until the server ends the stream. */
  async *stream<Req, Res>(
    method: Streamed<Req, Res>,
    request: Sendable<Req>,
    options: CallOptions,
  ): AsyncGenerator<Res> {
    const { body, metadata } = await prepare(method, request, options);
    options.signal.throwIfAborted();
    const call = this.#client.makeServerStreamRequest(
      method.path,
      identity,
      method.responseDeserialize,
      body,
      metadata,
      deadline(options),
    );
    const onAbort = () => call.cancel();
    options.signal.addEventListener("abort", onAbort, { once: true });
    let isOver = false;
    try {
      for await (const message of call) yield message as Res;
      isOver = true;
    } catch (error) {
      isOver = true;
      throw options.signal.aborted ? options.signal.reason : error;
    } finally {
      options.signal.removeEventListener("abort", onAbort);
      // Only a stream that is left early is reset: servers cut off clients that reset many.
      if (!isOver) call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }
}

const identity = (bytes: Buffer): Buffer => bytes;

function deadline(options: CallOptions): { deadline?: number } {
  return options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
}

async function prepare<Req, Res>(
  method: Method<Req, Res>,
  request: Sendable<Req>,
  options: CallOptions,
): Promise<{ body: Buffer; metadata: Metadata }> {
  const body = method.requestSerialize(request as Req);
  const metadata = new Metadata();
  if (options.headers !== undefined) {
    const operation = method.path.slice(method.path.lastIndexOf("/") + 1);
    for (const [name, value] of Object.entries(await options.headers(operation, body)))
      metadata.set(name, value);
  }
  return { body, metadata };
}
