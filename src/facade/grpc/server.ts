import { once } from "node:events";
import {
  logVerbosity,
  Metadata,
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  setLogVerbosity,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { CountersignError, type Logger } from "../../base/index.ts";
import type { Operation } from "../../operations/index.ts";
import type { Front, OpenCall } from "../front/index.ts";
import type { TlsFiles } from "../tls/index.ts";
import { credentialsOf } from "./credentials.ts";
import { type Received, requestIn, withBytes } from "./received.ts";
import { addRate, statusOf } from "./status.ts";

/** Largest message either way: more than any request or answer has, so that what is too large is told which field is. */
const maxMessageBytes = 5 * 1024 * 1024;
/** Calls one connection may have open at once. */
const maxConcurrentStreams = 1_024;
/** Silent connections are probed, so that one cut off without a word does not stay open for ever. */
const keepaliveMs = 30_000;

type Call = ServerUnaryCall<Received, unknown> | ServerWritableStream<Received, unknown>;

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly operations: readonly Operation[];
  readonly front: Front;
  readonly logger: Logger;
  /** Without it the server speaks in the clear. */
  readonly tls?: TlsFiles | undefined;
  /** Adds health and reflection; they may come later than the first call. */
  readonly extend?: (server: Server) => void;
}

export interface GrpcServer {
  readonly address: string;
  readonly port: number;
  /** Lets the answers of ended calls go out until the signal aborts; what is open then goes with the process. */
  stop(signal: AbortSignal): Promise<void>;
}

/** Serves operations over gRPC. @throws CountersignError UNAVAILABLE when the address cannot be bound */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  // What goes wrong is told by errors and this program's own log; the library would write to standard error besides.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.max_concurrent_streams": maxConcurrentStreams,
    "grpc.keepalive_time_ms": keepaliveMs,
    "grpc.http2.min_ping_interval_without_data_ms": 5_000,
    // Counters for a debugging service that is not offered.
    "grpc.enable_channelz": 0,
    // Another process on the port must be an error here, not a silent share of the calls.
    "grpc.so_reuseport": 0,
  });
  for (const [service, operations] of byService(options.operations)) {
    const definition = Object.fromEntries(operations.map((one) => [one.name, withBytes(one)]));
    const handlers: UntypedServiceImplementation = Object.fromEntries(
      operations.map((one) => [one.name, handlerFor(one, options.front)]),
    );
    server.addService(definition as never, handlers);
    options.logger.debug({ service, operations: operations.length }, "gRPC service added");
  }
  options.extend?.(server);
  const port = await bind(server, options.listen, credentialsOf(options.tls));
  return {
    port,
    address: `${options.listen.slice(0, options.listen.lastIndexOf(":"))}:${port}`,
    async stop(signal) {
      await new Promise<void>((resolve) => {
        server.tryShutdown(() => resolve());
        // The library waits for the far end of each connection even when forced, and a client that is gone never ends its own.
        const cutOff = () => {
          server.forceShutdown();
          resolve();
        };
        if (signal.aborted) cutOff();
        else signal.addEventListener("abort", cutOff, { once: true });
      });
    },
  };
}

function bind(server: Server, listen: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(listen, credentials, (error, port) => {
      if (error === null) return resolve(port);
      const reason = /EADDRINUSE/.test(error.message)
        ? "the address is in use by another process"
        : /EACCES/.test(error.message)
          ? "this user may not bind it"
          : error.message;
      reject(
        new CountersignError(
          "UNAVAILABLE",
          `cannot listen for gRPC on ${listen}: ${reason}`,
          { listen },
          error,
        ),
      );
    });
  });
}

function byService(operations: readonly Operation[]): Map<string, Operation[]> {
  return Map.groupBy(operations, ({ method }) => method.path.slice(1, method.path.lastIndexOf("/")));
}

function handlerFor(operation: Operation, front: Front) {
  /** Hands the call to the front; what it learns about rates goes out with the first metadata. */
  const begin = (call: Call, metadata: Metadata) => {
    const open = front.open(operation, {
      facade: "grpc",
      ip: ipOf(call.getPeer()),
      header: (name) => call.metadata.get(name)[0]?.toString(),
      body: call.request.bytes,
      onRate: (state) => addRate(metadata, state),
    });
    const onCancel = () => open.hangUp();
    call.on("cancelled", onCancel);
    if (call.cancelled) onCancel();
    const end = (error?: unknown) => {
      call.off("cancelled", onCancel);
      open.end(error);
    };
    return { open, end };
  };

  if (!operation.method.responseStream) {
    return (call: ServerUnaryCall<Received, unknown>, callback: sendUnaryData<unknown>): void => {
      const metadata = new Metadata();
      const { open, end } = begin(call, metadata);
      answer(open, operation, call).then(
        (response) => {
          end();
          call.sendMetadata(metadata);
          callback(null, response);
        },
        (error) => {
          end(error);
          callback(statusOf(error));
        },
      );
    };
  }
  return (call: ServerWritableStream<Received, unknown>): void => {
    const metadata = new Metadata();
    const { open, end } = begin(call, metadata);
    const send = async () => {
      const messages = (await answer(open, operation, call)) as AsyncIterable<unknown>;
      // The stream's start tells the client that it is accepted, long before there may be anything to send.
      call.sendMetadata(metadata);
      for await (const message of messages) {
        if (open.signal.aborted) break;
        if (!call.write(message)) await once(call, "drain", { signal: open.signal });
      }
      open.signal.throwIfAborted();
    };
    send().then(
      () => {
        end();
        call.end();
      },
      (error) => {
        end(error);
        call.emit("error", statusOf(error));
      },
    );
  };
}

async function answer(open: OpenCall, operation: Operation, call: Call): Promise<unknown> {
  return await open.run(await requestIn(operation, call.request));
}

/** The address in `address:port` or `[address]:port`. */
function ipOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
}
