import { CountersignError, invalidField } from "../base/index.ts";
import type { Gateway } from "../roles/gateway/index.ts";
import { actsFor, type Caller } from "./operation.ts";
import { isUnset, list, type Message, optionalAddress, taskId } from "./request-fields.ts";
import type { Feed } from "./subscribe.ts";

/** More tasks are followed by their wallet. */
const maxRequestIds = 256;

/** Topic `task`: for whoever may ask for the task itself, so a request id is enough, and all of a wallet's for that wallet. */
export function taskFeed({ clients }: Pick<Gateway, "clients">): Feed {
  return {
    topic: "task",
    message: "InferenceResponse",
    group: "inference",
    options: ["request_ids", "wallet"],
    async filter(options, caller) {
      const ids = requestIds(options);
      const wallet = optionalAddress("options.wallet", options["wallet"]);
      if (ids.length > 0 && wallet !== "")
        throw invalidField("options.wallet", wallet, "either request_ids or wallet");
      if (ids.length > 0) {
        const keys = await Promise.all(ids.map((id) => clients.eventKeyOf(id, caller)));
        return { topic: "task", keys: new Set(keys) };
      }
      return { topic: "task", keyPrefix: `${walletOf(wallet, caller)}/` };
    },
    shown: (event) => clients.shownEvent(event),
  };
}

function requestIds(options: Message): string[] {
  const value = options["request_ids"];
  return isUnset(value) ? [] : list("options.request_ids", value, maxRequestIds, taskId);
}

function walletOf(wanted: string, caller: Caller): string {
  const own = actsFor(caller);
  if (wanted === "" && own === undefined)
    throw invalidField("options", "", "request_ids, or wallet with that wallet's signature");
  if (wanted === "" || wanted === own) return own ?? "";
  if (own === undefined) {
    throw new CountersignError(
      "UNAUTHENTICATED",
      `options.wallet: all tasks of ${wanted} are shown to that wallet only; authenticate with it`,
      { field: "options.wallet" },
    );
  }
  throw new CountersignError("ACCESS_DENIED", `options.wallet: you are ${own}, not ${wanted}`, {
    field: "options.wallet",
  });
}
