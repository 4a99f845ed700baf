import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { type Cancel, type Clock, CountersignError, type Logger, messageOf } from "../base/index.ts";
import { FrameReader } from "./frame-reader.ts";
import { encodeFrame, FrameError } from "./frames.ts";
import {
  maxChannelQueueBytes,
  maxInboundStreamsPerProtocol,
  maxOutboundStreamsPerProtocol,
} from "./limits.ts";
import type { AnswerOptions, ProtocolName } from "./mesh.ts";
import { Nonsense } from "./nonsense.ts";
import type { OnOffence } from "./offences.ts";
import { streamKind } from "./open-stream.ts";
import type { PeerGuard } from "./peer-guard.ts";
import { protocolId } from "./protocol-ids.ts";
import { type Answerer, arrivalDeadline, serveRequest } from "./requests.ts";
import type { StreamQuota } from "./stream-quota.ts";

export type ChannelAcceptor = (
  peerId: string,
  frame: Uint8Array,
  reply: (frame: Uint8Array) => boolean,
) => void;

interface Served {
  answerer?: Answerer;
  channels?: { readonly options: AnswerOptions; readonly onFrame: ChannelAcceptor };
}

export interface StreamProtocolsOptions {
  readonly libp2p: Libp2p;
  readonly network: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly guard: PeerGuard;
  /** Called for a peer that sent what no honest peer sends. */
  readonly onOffence: OnOffence;
}

/** The serving side of the direct protocols: requests and channels that peers open. */
export class StreamProtocols {
  readonly #options: StreamProtocolsOptions;
  readonly #served = new Map<ProtocolName, Served>();
  /** The channel each peer has open, by protocol and peer; a newer one replaces it. */
  readonly #accepted = new Map<string, Stream>();

  constructor(options: StreamProtocolsOptions) {
    this.#options = options;
  }

  answer(protocol: ProtocolName, answerer: Answerer): void {
    const served = this.#serve(protocol);
    if (served.answerer !== undefined)
      throw new CountersignError("INTERNAL", `${protocol} is answered already`);
    served.answerer = answerer;
  }

  acceptChannels(protocol: ProtocolName, options: AnswerOptions, onFrame: ChannelAcceptor): void {
    const served = this.#serve(protocol);
    if (served.channels !== undefined)
      throw new CountersignError("INTERNAL", `${protocol} has its channels already`);
    served.channels = { options, onFrame };
  }

  #serve(protocol: ProtocolName): Served {
    const known = this.#served.get(protocol);
    if (known !== undefined) return known;
    const served: Served = {};
    this.#served.set(protocol, served);
    const { libp2p, network, logger } = this.#options;
    libp2p
      .handle(
        protocolId(network, protocol),
        (stream, connection) => this.#onStream(protocol, served, stream, connection),
        {
          maxInboundStreams: maxInboundStreamsPerProtocol,
          maxOutboundStreams: maxOutboundStreamsPerProtocol,
        },
      )
      .catch((error: unknown) =>
        logger.error({ protocol, error: messageOf(error) }, "protocol could not be served"),
      );
    return served;
  }

  #onStream(protocol: ProtocolName, served: Served, stream: Stream, connection: Connection): void {
    const { clock, guard, onOffence } = this.#options;
    const peerId = connection.remotePeer.toString();
    const largest = Math.max(
      served.answerer?.options.maxRequestBytes ?? 0,
      served.channels?.options.maxRequestBytes ?? 0,
    );
    const fastest = Math.max(
      served.answerer?.options.framesPerSecond ?? 0,
      served.channels?.options.framesPerSecond ?? 0,
    );
    const quota = guard.quota(peerId, protocol, fastest);
    if (!quota.open()) {
      stream.abort(new Error("the peer has too many streams of this protocol open"));
      return;
    }
    stream.addEventListener("close", () => quota.close());
    let onFrame: (frame: Uint8Array) => void = () => {};
    let cancelDeadline: Cancel | undefined = arrivalDeadline(stream, clock);
    const arrived = (): void => {
      cancelDeadline?.();
      cancelDeadline = undefined;
    };
    const reader = new FrameReader({
      stream,
      clock,
      maxFrameBytes: largest,
      frames: quota.frames,
      bytes: quota.bytes,
      onKind: (kind) => {
        if (kind === streamKind.request && served.answerer !== undefined) {
          onFrame = this.#requestFrame(served.answerer, quota, stream, peerId, () => {
            arrived();
            reader.stop();
          });
        } else if (kind === streamKind.channel && served.channels !== undefined) {
          arrived();
          onFrame = this.#channelFrame(served.channels, protocol, stream, peerId);
        } else {
          // Another version's use of the protocol, which is no crime.
          arrived();
          reader.stop();
          stream.abort(new Error("this use of the protocol is not served"));
        }
      },
      onFrame: (frame) => onFrame(frame),
      onEnd: (error) => {
        arrived();
        if (error instanceof FrameError) onOffence(peerId, "garbage", error.message);
        if (error instanceof Nonsense) onOffence(peerId, "nonsense", error.message);
        stream.abort(error ?? new Error("the other side has closed the stream"));
      },
    });
  }

  #requestFrame(
    answerer: Answerer,
    quota: StreamQuota,
    stream: Stream,
    peerId: string,
    onWhole: () => void,
  ): (frame: Uint8Array) => void {
    return (frame) => {
      if (frame.length > answerer.options.maxRequestBytes) throw new FrameError("a request over its bound");
      onWhole();
      quota.requests
        .run(() => serveRequest(answerer.handler, peerId, frame))
        .then(async (answer) => {
          if (answer === undefined) throw new Error("too many of the peer's requests wait");
          if (stream.writeStatus !== "writable") return;
          stream.send(answer);
          stream.addEventListener("close", arrivalDeadline(stream, this.#options.clock));
          await stream.close();
        })
        .catch((error: unknown) => stream.abort(error instanceof Error ? error : new Error(String(error))));
    };
  }

  #channelFrame(
    channels: NonNullable<Served["channels"]>,
    protocol: ProtocolName,
    stream: Stream,
    peerId: string,
  ): (frame: Uint8Array) => void {
    const key = `${protocol} ${peerId}`;
    this.#accepted.get(key)?.abort(new Error("the peer opened its channel anew"));
    this.#accepted.set(key, stream);
    stream.addEventListener("close", () => {
      if (this.#accepted.get(key) === stream) this.#accepted.delete(key);
    });
    const reply = (frame: Uint8Array): boolean => {
      if (stream.writeStatus !== "writable") return false;
      if (stream.writeBufferLength + frame.length > maxChannelQueueBytes) return false;
      try {
        stream.send(encodeFrame(frame));
        return true;
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)));
        return false;
      }
    };
    return (frame) => {
      if (frame.length > channels.options.maxRequestBytes) throw new FrameError("a frame over its bound");
      channels.onFrame(peerId, frame, reply);
    };
  }
}
