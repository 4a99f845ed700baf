import { CountersignError } from "../../base/index.ts";
import { gatewayClientService, gatewayComputeService, registryService } from "../../wire/index.ts";

/** An operation that the gateway knows and this node does not serve. */
export function notServed(name: string): CountersignError {
  const role =
    name in gatewayClientService || name in gatewayComputeService
      ? "gateway"
      : name in registryService
        ? "gateway, registry or validator"
        : undefined;
  const who =
    role === undefined ? "another node" : `a node that has the role ${role}, which this one has not`;
  return new CountersignError("NOT_SERVED", `${name} is not served here; ask ${who}`, { role });
}
