import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "@grpc/grpc-js";
import type { HealthImplementation } from "grpc-health-check";
import { addLazyServices } from "./lazy-services.ts";

// proto/ lies three folders above this file, in a checkout and in the published package alike.
const protoFolder = join(dirname(fileURLToPath(import.meta.url)), "../../../proto");

export interface Health {
  /** Tells watchers whether the node can serve; the empty service name is the whole server's. */
  set(isServing: boolean): void;
}

/**
 * grpc.health.v1 and server reflection (v1 and v1alpha) for the named services. Both libraries parse .proto files
 * when they are loaded, an eighth of a node's start; most nodes are never asked.
 */
export function addHealthAndReflection(server: Server, services: readonly string[]): Health {
  addLazyServices(
    server,
    {
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": "bidirectional",
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "bidirectional",
    },
    async (taker) => {
      const [{ default: protoLoader }, { ReflectionService }, { protoPath }] = await Promise.all([
        import("@grpc/proto-loader"),
        import("@grpc/reflection"),
        import("grpc-health-check"),
      ]);
      const definition = protoLoader.loadSync(["common_types.proto", "node.proto", basename(protoPath)], {
        includeDirs: [protoFolder, dirname(protoPath)],
        keepCase: true,
      });
      const reflected = [...services, "grpc.health.v1.Health"];
      const service = new ReflectionService(definition, { services: reflected.flatMap(bothNames) });
      for (const version of Object.values(service)) nameWithoutDot(version as ReflectionIndex);
      service.addToServer(taker);
    },
  );

  const names = ["", ...services];
  let state: "SERVING" | "NOT_SERVING" = "NOT_SERVING";
  let health: HealthImplementation | undefined;
  addLazyServices(
    server,
    {
      "/grpc.health.v1.Health/Check": "unary",
      "/grpc.health.v1.Health/List": "unary",
      "/grpc.health.v1.Health/Watch": "serverStream",
    },
    async (taker) => {
      const library = await import("grpc-health-check");
      health = new library.HealthImplementation(Object.fromEntries(names.map((name) => [name, state])));
      health.addToServer(taker as Server);
    },
  );
  return {
    set(isServing) {
      state = isServing ? "SERVING" : "NOT_SERVING";
      for (const name of names) health?.setStatus(name, state);
    },
  };
}

/** What the library knows, by name. */
interface ReflectionIndex {
  readonly symbols: Record<string, unknown>;
  readonly services: Record<string, unknown>;
}

/** The library names what is in no package `.Name`, everybody else `Name`. */
const bothNames = (name: string): string[] => (name.includes(".") ? [name] : [name, `.${name}`]);

function nameWithoutDot({ symbols, services }: ReflectionIndex): void {
  for (const index of [symbols, services]) {
    for (const name of Object.keys(index).filter((one) => one.startsWith("."))) {
      index[name.slice(1)] = index[name];
      if (index === services) delete index[name];
    }
  }
}
