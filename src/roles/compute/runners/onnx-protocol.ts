import type { ErrorCode, ErrorData } from "../../../base/index.ts";

// What the ONNX runner and its worker thread say to each other.

export interface OnnxWorkerData {
  readonly folder: string;
  readonly maxTokens: number;
}

export type OnnxRequest =
  | { readonly type: "run"; readonly id: number; readonly input: string }
  | { readonly type: "abort"; readonly id: number };

export interface OnnxFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: ErrorData;
}

export type OnnxReply =
  | { readonly type: "ready" }
  | { readonly type: "unusable"; readonly failure: OnnxFailure }
  | { readonly type: "piece"; readonly id: number; readonly piece: string }
  | { readonly type: "done"; readonly id: number; readonly output: string }
  | { readonly type: "failed"; readonly id: number; readonly failure: OnnxFailure };
