// The SDK's public door, for Node.js and browsers: docs/sdk.md.
export type { Clock } from "../base/clock.ts";
export type { ReceiptProblem, ReceiptSummary, ReceiptTexts } from "../proof/receipt-verify.ts";
export { type Client, createClient } from "./client.ts";
export type * from "./client-types.ts";
export { SdkError } from "./errors.ts";
export type * from "./messages.ts";
export { type SdkReceiptCheck, type VerifyReceiptOptions, verifyReceipt } from "./receipts.ts";
export * from "./wallets.ts";
