import { fromHex, zeroAddress } from "../base/index.ts";
import type { Abis } from "./abis.ts";
import type { BookedEscrow, EscrowChange } from "./escrow-book.ts";
import type { ChainLog } from "./log-reader.ts";

/** What a log of the escrow contract says; undefined for its other events. */
export function escrowChange(abis: Abis, contract: string, log: ChainLog): EscrowChange | undefined {
  if (log.address !== contract) return undefined;
  const event = abis.payment.parseLog(log);
  if (event === null) return undefined;
  const { args } = event;
  const requestId = args["requestId"] as string;
  if (event.name === "InferenceInitiated") {
    const escrow: BookedEscrow = {
      requestId,
      state: "paid",
      payer: String(args["payer"]).toLowerCase(),
      client: String(args["client"]).toLowerCase(),
      gatewayWallet: String(args["gateway"]).toLowerCase(),
      totalWei: args["totalWei"] as bigint,
      expirySec: Number(args["expiry"]),
      validationDigest: fromHex(args["validationDigest"] as string),
      paymentTx: log.transactionHash,
      paidBlock: log.blockNumber,
      closingTx: undefined,
      closedBlock: undefined,
    };
    return { kind: "paid", escrow };
  }
  if (event.name !== "InferenceCompleted" && event.name !== "InferenceRefunded") return undefined;
  return {
    kind: "closed",
    requestId,
    state: event.name === "InferenceCompleted" ? "completed" : "refunded",
    closingTx: log.transactionHash,
    block: log.blockNumber,
  };
}

/** What an id that was never paid looks like. */
export const noEscrow = (requestId: string): BookedEscrow => ({
  requestId,
  state: "none",
  payer: zeroAddress,
  client: zeroAddress,
  gatewayWallet: zeroAddress,
  totalWei: 0n,
  expirySec: 0,
  validationDigest: new Uint8Array(32),
  paymentTx: "",
  paidBlock: 0,
  closingTx: undefined,
  closedBlock: undefined,
});
