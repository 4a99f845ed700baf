import type { ErrorDescription } from "ethers/abi";
import { CountersignError, type ErrorCode } from "../base/index.ts";
import type { Abis } from "./abis.ts";
import { RpcError } from "./rpc.ts";

/** Turns a revert's data into an error that says which contract rule refused, with its values. */
export function revertError(abis: Abis, data: unknown, fallback: string): CountersignError {
  const bytes = typeof data === "string" && data.startsWith("0x") ? data : undefined;
  if (bytes !== undefined && bytes.length >= 10) {
    for (const [code, abi] of [
      ["PAYMENT_INVALID", abis.payment],
      ["STAKE_INVALID", abis.registry],
      ["PAYMENT_INVALID", abis.token],
    ] as const satisfies readonly (readonly [ErrorCode, unknown])[]) {
      const found = abi.parseError(bytes);
      if (found !== null) {
        return new CountersignError(code, `the contract refused: ${described(found)}`, {
          revert: found.name,
        });
      }
    }
  }
  return new CountersignError("PAYMENT_INVALID", `the contract refused: ${fallback}`, { revert: undefined });
}

/** Name of the contract's error behind a failure, when that is what it was. */
export function revertName(error: unknown): string | undefined {
  const name = error instanceof CountersignError ? error.data["revert"] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** True when a node's error is a contract's refusal and not the node's own trouble. */
export function isRevert(error: unknown): error is RpcError {
  return error instanceof RpcError && (error.rpcCode === 3 || /revert/i.test(error.message));
}

/** The revert data inside an RpcError; nodes wrap it differently. */
export function revertData(error: RpcError): unknown {
  const { data } = error;
  if (typeof data === "object" && data !== null && "data" in data) return data.data;
  return data;
}

function described(error: ErrorDescription): string {
  const values = error.fragment.inputs.map((input, index) => `${input.name || index} ${error.args[index]}`);
  return values.length === 0 ? error.name : `${error.name} (${values.join(", ")})`;
}
