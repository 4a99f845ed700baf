import type { MethodDefinition, Server } from "@grpc/grpc-js";

// Services of libraries that are slow to load and seldom called. Their paths are served from the start; the
// library is loaded by the first call.

type Definition = Readonly<Record<string, MethodDefinition<unknown, unknown>>>;
type Streams = "unary" | "serverStream" | "bidirectional";

/** Where a library may add its services. */
export interface ServiceTaker {
  addService(definition: object, handlers: object): void;
}

interface Loaded {
  readonly method: MethodDefinition<unknown, unknown>;
  readonly handler: (call: unknown, callback?: unknown) => void;
}

/** What a handler of either library uses of its call. */
interface RawCall {
  readonly request?: Buffer;
  on(event: string, listener: (value: never) => void): unknown;
  emit(event: string, value: unknown): unknown;
  write(message: unknown): unknown;
  end(): unknown;
}

type RawCallback = (error: unknown, message?: Buffer) => void;

/**
 * Serves the methods, `/package.Service/Method` with its kind.
 * @param load hands the services to `taker`, when the first of the methods is called
 */
export function addLazyServices(
  server: Server,
  methods: Readonly<Record<string, Streams>>,
  load: (taker: ServiceTaker) => Promise<void>,
): void {
  let loading: Promise<ReadonlyMap<string, Loaded>> | undefined;
  const loaded = (): Promise<ReadonlyMap<string, Loaded>> => {
    loading ??= collect(load);
    return loading;
  };
  const paths = Object.entries(methods);
  const byService = Map.groupBy(paths, ([path]) => path.slice(0, path.lastIndexOf("/")));
  for (const group of byService.values()) {
    const definition = Object.fromEntries(group.map(([path, kind]) => [path, rawMethod(path, kind)]));
    const handlers = Object.fromEntries(
      group.map(([path]) => [
        path,
        (call: RawCall, callback?: RawCallback) => {
          const fail = (error: unknown) =>
            callback === undefined ? call.emit("error", error) : callback(error);
          loaded()
            .then((all) => passOn(all.get(path), call, callback))
            .catch(fail);
        },
      ]),
    );
    server.addService(definition as never, handlers as never);
  }
}

async function collect(load: (taker: ServiceTaker) => Promise<void>): Promise<ReadonlyMap<string, Loaded>> {
  const found = new Map<string, Loaded>();
  await load({
    addService(definition, handlers) {
      for (const [name, method] of Object.entries(definition as Definition)) {
        const named = handlers as Readonly<Record<string, Loaded["handler"]>>;
        const handler = named[name] ?? named[method.originalName ?? ""];
        if (handler !== undefined) found.set(method.path, { method, handler });
      }
    },
  });
  return found;
}

const asIs = (bytes: Buffer): Buffer => bytes;

function rawMethod(path: string, kind: Streams): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: kind === "bidirectional",
    responseStream: kind !== "unary",
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

/** Decodes what comes in and encodes what goes out, as the server does for methods that it knows. */
function passOn(loaded: Loaded | undefined, call: RawCall, callback: RawCallback | undefined): void {
  if (loaded === undefined) throw new Error("the library has no such method");
  const { method, handler } = loaded;
  const typed = {
    request: call.request === undefined ? undefined : method.requestDeserialize(call.request),
    on: (event: string, listener: (value: unknown) => void) =>
      call.on(
        event,
        event === "data" ? (bytes: Buffer) => listener(method.requestDeserialize(bytes)) : listener,
      ),
    write: (message: unknown) => call.write(method.responseSerialize(message)),
    end: () => call.end(),
  };
  handler(
    typed,
    callback &&
      ((error: unknown, message?: unknown) =>
        callback(error, message == null ? undefined : method.responseSerialize(message))),
  );
}
