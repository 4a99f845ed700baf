import { type RpcName, requestChecks } from "./requests.ts";
import { subscribeName } from "./subscribe.ts";

/** Every operation that some node serves, over connections that stay too. */
export const operationNames = [...(Object.keys(requestChecks) as RpcName[]), subscribeName] as const;
