import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";

// proto/ lies three folders above this file, in a checkout and in the published package alike.
const protoFolder = join(dirname(fileURLToPath(import.meta.url)), "../../../proto");

export interface Health {
  /** Tells watchers whether the node can serve; the empty service name is the whole server's. */
  set(isServing: boolean): void;
}

/** grpc.health.v1 and server reflection (v1 and v1alpha) for the named services. */
export function addHealthAndReflection(server: Server, services: readonly string[]): Health {
  const health = new HealthImplementation(
    Object.fromEntries(["", ...services].map((name) => [name, "NOT_SERVING"])),
  );
  health.addToServer(server);
  const definition = protoLoader.loadSync(["common_types.proto", "node.proto"], {
    includeDirs: [protoFolder],
    keepCase: true,
  });
  new ReflectionService(definition, { services: [...services, "grpc.health.v1.Health"] }).addToServer(server);
  return {
    set(isServing) {
      for (const name of ["", ...services]) health.setStatus(name, isServing ? "SERVING" : "NOT_SERVING");
    },
  };
}
