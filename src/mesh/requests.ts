import type { Stream } from "@libp2p/interface";
import {
  type Clock,
  CountersignError,
  type ErrorCode,
  errorCatalogue,
  isAbort,
  messageOf,
  utf8,
} from "../base/index.ts";
import { FrameReader } from "./frame-reader.ts";
import { encodeFrame, FrameError } from "./frames.ts";
import { maxErrorBytes, requestArrivalMs } from "./limits.ts";
import type { AnswerOptions, RequestOptions } from "./mesh.ts";
import { type OpenStream, streamKind } from "./open-stream.ts";
import { byteBucket } from "./stream-quota.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The first byte of an answer: what follows is the answer, or `CODE message` of an error. */
const answerOk = 0;
const answerError = 1;

export type RequestHandler = (peerId: string, data: Uint8Array) => Promise<Uint8Array>;

/** One frame out, one frame back on a fresh stream. */
export async function sendRequest(
  open: OpenStream,
  clock: Clock,
  peerId: string,
  protocol: string,
  data: Uint8Array,
  options: RequestOptions,
): Promise<Uint8Array> {
  const { signal, maxResponseBytes } = options;
  signal.throwIfAborted();
  let stream: Stream;
  try {
    stream = await open(peerId, protocol, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof CountersignError) throw error;
    throw new CountersignError(
      "UNAVAILABLE",
      `peer cannot be reached: ${messageOf(error)}`,
      { peerId },
      error,
    );
  }
  try {
    const frame = await oneFrame(
      stream,
      clock,
      encodeFrame(data, [streamKind.request]),
      maxResponseBytes,
      signal,
    );
    return readAnswer(frame, peerId);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof CountersignError) throw error;
    if (error instanceof FrameError) {
      throw new CountersignError(
        "TOO_LARGE",
        `peer answered with ${error.message}`,
        { peerId, maxResponseBytes },
        error,
      );
    }
    throw new CountersignError("UNAVAILABLE", `peer did not answer: ${messageOf(error)}`, { peerId }, error);
  }
}

function oneFrame(
  stream: Stream,
  clock: Clock,
  request: Uint8Array,
  maxResponseBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | undefined, frame?: Uint8Array): void => {
      signal.removeEventListener("abort", onAbort);
      reader.stop();
      // The answer is here, or nobody waits for it: nothing more is wanted of the stream.
      stream.abort(error ?? new Error("answered"));
      if (frame !== undefined) resolve(frame);
      else reject(error ?? new Error("the stream ended without an answer"));
    };
    const onAbort = (): void => finish(new Error("the request was aborted"));
    signal.addEventListener("abort", onAbort, { once: true });
    const reader = new FrameReader({
      stream,
      clock,
      maxFrameBytes: Math.max(maxErrorBytes, maxResponseBytes) + 1,
      frames: new TokenBucket(1, 1, clock.nowMs()),
      bytes: byteBucket(clock.nowMs()),
      onFrame: (frame) => finish(undefined, frame),
      onEnd: (error) => finish(error),
    });
    try {
      stream.send(request);
    } catch (error) {
      finish(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function readAnswer(frame: Uint8Array, peerId: string): Uint8Array {
  const body = frame.subarray(1);
  if (frame[0] === answerOk) return body;
  if (frame[0] !== answerError)
    throw new CountersignError("UNAVAILABLE", "peer sent no valid answer", { peerId });
  const text = Buffer.from(body).toString("utf8");
  const space = text.indexOf(" ");
  const code = text.slice(0, space);
  const known: ErrorCode = code in errorCatalogue ? (code as ErrorCode) : "UNAVAILABLE";
  throw new CountersignError(known, text.slice(space + 1), { peerId, fromPeer: true });
}

/** Answers the request that a stream brings. The reader has taken the stream's first byte. */
export function serveRequest(handler: RequestHandler, peerId: string, data: Uint8Array): Promise<Uint8Array> {
  return handler(peerId, data).then(
    (answer) => encodeFrame(withStatus(answerOk, answer)),
    (error: unknown) => {
      // Only errors that were made to be shown travel; what a bug says about this node's insides does not.
      const shown =
        error instanceof CountersignError
          ? `${error.code} ${error.message}`
          : isAbort(error)
            ? "DEADLINE_EXCEEDED the node gave up"
            : "INTERNAL the node could not answer";
      return encodeFrame(withStatus(answerError, utf8(shown).subarray(0, maxErrorBytes)));
    },
  );
}

function withStatus(status: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = status;
  bytes.set(body, 1);
  return bytes;
}

/** Resets a request stream that takes too long to arrive whole. */
export function arrivalDeadline(stream: Stream, clock: Clock): () => void {
  return clock.after(requestArrivalMs, () => stream.abort(new Error("the request did not arrive in time")));
}

export interface Answerer {
  readonly options: AnswerOptions;
  readonly handler: RequestHandler;
}
