import { messageService as rpc } from "../wire/index.ts";
import { type Operation, operation, rulesOf } from "./operation.ts";
import { requestChecks as checks } from "./requests.ts";

/** What is at stake behind an account, in wei; 0 for one that is no active validator. */
export type WeightOf = (address: string) => bigint;

const rules = rulesOf("node");

/** The operations that came with the message gateway's conventions. Any node can answer them. */
export function messageOperations(weightOf: WeightOf): Operation[] {
  return [
    operation(rpc.AccountWeight, rules("open", "read"), checks.AccountWeight, async ({ account }) => ({
      voting_weight: weightOf(account).toString(),
    })),
    operation(rpc.IsAlive, rules("open", "free"), checks.IsAlive, async () => ({})),
  ];
}
