import type { TokenUsage } from "../../../base/index.ts";

/** What runs a model. One runner serves one model and may be asked for several tasks at once. */
export interface Runner {
  /**
   * Runs one task. `input` is the request's `input_data`; the result is the response's `output_data`, both JSON.
   * @throws CountersignError INVALID_ARGUMENT for bad input, COMPUTE_FAILED, or the signal's reason when aborted
   */
  run(input: string, options: RunOptions): Promise<string>;
  /** Ends what is running and frees everything. */
  close(): Promise<void>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Called with each further piece of text, in order. Never called after `run` settled. */
  onPartial(piece: string): void;
}

/** The output of the runners that make text; others may answer any JSON. */
export interface TextOutput {
  readonly text: string;
  readonly finish_reason: string;
  readonly usage: TokenUsage;
}

/** Largest `input_data`: well above a long chat, and far below what gRPC's 4 MiB default message can carry. */
export const maxInputBytes = 1024 * 1024;
/** Largest `output_data`, for the same reason. */
export const maxOutputBytes = 2 * 1024 * 1024;
