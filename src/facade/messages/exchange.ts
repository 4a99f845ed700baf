import { isUtf8 } from "node:buffer";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Clock, CountersignError } from "../../base/index.ts";
import { errorView, rateHeaders } from "../front/index.ts";
import { bodyOf } from "../http/index.ts";
import { maxCorrelationIdCharacters } from "./bounds.ts";
import { type CallHead, errorAnswer } from "./calls.ts";
import type { Message } from "./descriptors.ts";
import { type Answer, encodeEnvelope, envelopeText } from "./envelope.ts";
import { frameOf, frames } from "./frames.ts";
import { repeated } from "./invalid-format.ts";
import { type AnswerForm, acceptedForm, type Format, formatOf, formOf, mediaTypes } from "./media-types.ts";

const noBody = Buffer.alloc(0);
const ours = Object.values(mediaTypes).join(", ");

/** A request over HTTP and how it is answered, whatever becomes of it. */
export class Exchange {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #clock: Clock;
  /** Of the request; undefined where its headers name none of ours. */
  readonly #format: Format | undefined;
  readonly #accepted: AnswerForm | undefined;
  /** What every answer repeats. */
  correlationId: string | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply, clock: Clock) {
    this.#request = request;
    this.#reply = reply;
    this.#clock = clock;
    const { "content-type": contentType, accept } = request.headers;
    this.#format = formatOf(contentType);
    this.#accepted = acceptedForm(accept, this.#format ?? "json");
    const id = textOf(request.headers["nano-correlation-id"]);
    if (id !== undefined && id.length <= maxCorrelationIdCharacters) this.correlationId = id;
  }

  get body(): Buffer {
    return bodyOf(this.#request) ?? noBody;
  }

  /** What path and headers say. */
  head(operation: string | undefined): CallHead {
    const { "nano-api-key": credentials, "nano-correlation-id": correlationId } = this.#request.headers;
    return { operation, credentials: textOf(credentials), correlationId: textOf(correlationId) };
  }

  /** The request's format. @throws CountersignError UNSUPPORTED_MEDIA_TYPE, NOT_ACCEPTABLE */
  checkedFormat(): Format {
    const { "content-encoding": encoding, "content-type": contentType = "", accept } = this.#request.headers;
    if (encoding !== undefined && !/^\s*(?:identity\s*)?$/i.test(encoding)) {
      this.#reply.header("accept-encoding", "identity");
      throw unsupported("Content-Encoding", encoding, "none, or identity");
    }
    if (this.#format === undefined) {
      this.#reply.header("accept", ours);
      throw unsupported("Content-Type", contentType, `one of ${ours}, in UTF-8`);
    }
    if (this.#accepted !== undefined) return this.#format;
    throw new CountersignError(
      "NOT_ACCEPTABLE",
      `Accept: "${repeated(accept ?? "")}" takes none of what there is: ${ours}`,
      { field: "Accept", allowed: ours },
    );
  }

  /** Answers with one envelope. */
  answer(type: string, value: Message): void {
    this.#send(200, this.#encoded(type, value));
  }

  /** Answers with an envelope for each message as it comes, the last one with the error where it fails. */
  stream(type: string, messages: AsyncIterator<Message>): void {
    const { format, streamType } = this.#form;
    const stream = frames(messages, {
      message: (value) => frameOf(format, this.#encoded(type, value)),
      error: (error) => frameOf(format, this.#encodedError(error)),
    });
    // The answer's head tells that the call is accepted, long before there may be a message.
    const { raw } = this.#reply;
    raw.once("pipe", () => raw.flushHeaders());
    this.#reply.code(200).header("content-type", streamType).send(stream);
  }

  refuse(error: unknown): void {
    if (this.#reply.sent) return;
    const { http, rate } = errorView(error);
    if (rate !== undefined) this.#reply.headers(rateHeaders(rate, this.#clock.nowMs()));
    this.#send(http, this.#encodedError(error));
  }

  /** Of the answer: what is asked for or else the request's own. */
  get #form(): AnswerForm {
    return this.#accepted ?? formOf[this.#format ?? "json"];
  }

  #send(http: number, envelope: string | Uint8Array): void {
    const { format, type, isLine } = this.#form;
    this.#reply
      .code(http)
      .header("content-type", type)
      .serializer(asIs)
      .send(isLine ? frameOf(format, envelope) : envelope);
  }

  #encoded(type: string, value: Message): string | Uint8Array {
    const { correlationId } = this;
    return this.#encodedAnswer({ timeMs: this.#clock.nowMs(), correlationId, type, value });
  }

  #encodedError(error: unknown): string | Uint8Array {
    return this.#encodedAnswer(errorAnswer(error, this.correlationId, this.#clock.nowMs()));
  }

  /** JSON stays text: head and body then go out in one write. */
  #encodedAnswer(answer: Answer): string | Uint8Array {
    const { format } = this.#form;
    return format === "json" ? envelopeText(answer) : encodeEnvelope(format, answer);
  }
}

/** Without a serializer the library would add a charset, which JSON's media type has none of. */
const asIs = (text: string): string => text;

function unsupported(field: string, value: string, allowed: string): CountersignError {
  return new CountersignError(
    "UNSUPPORTED_MEDIA_TYPE",
    `${field}: "${repeated(value)}" is not allowed; expected ${allowed}`,
    { field, allowed },
  );
}

const ascii = /^[\x20-\x7e\t]*$/;

/** A header's bytes come as a character each; what is UTF-8 is read as that. */
function textOf(value: string | string[] | undefined): string | undefined {
  if (typeof value !== "string" || ascii.test(value)) return value as string | undefined;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString() : value;
}
