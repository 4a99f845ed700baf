import { type Clock, silentLogger, systemClock } from "../../src/base/index.ts";
import type { Front } from "../../src/facade/front/index.ts";
import { type HttpServer, startHttpServer } from "../../src/facade/http/index.ts";
import {
  decodeEnvelope,
  type Envelope,
  type Format,
  formOf,
  messageGateway,
} from "../../src/facade/messages/index.ts";
import { messageOperations, type Operation } from "../../src/operations/index.ts";
import { openFront } from "./open-front.ts";

export interface DoorOptions {
  readonly front?: Front;
  /** Beside AccountWeight, which knows the one account, and IsAlive. */
  readonly operations?: readonly Operation[];
  readonly clock?: Clock;
}

/** An account with a weight, for those who ask a door for tests. */
export const weightyAccount = `0x${"ab".repeat(20)}`;
export const weightWei = 668657804547735335568510480612620716n;

/** The message gateway's door on a free port of loopback. */
export class TestDoor {
  readonly server: HttpServer;
  readonly front: Front;

  private constructor(server: HttpServer, front: Front) {
    this.server = server;
    this.front = front;
  }

  static async start({
    front = openFront(),
    operations = [],
    clock = systemClock,
  }: DoorOptions = {}): Promise<TestDoor> {
    const own = messageOperations((address) => (address === weightyAccount ? weightWei : 0n));
    const all = new Map([...own, ...operations].map((one) => [one.name, one]));
    const mount = messageGateway({ front, operations: all, clock, logger: silentLogger });
    const server = await startHttpServer({ listen: "127.0.0.1:0", mounts: [mount], logger: silentLogger });
    return new TestDoor(server, front);
  }

  get port(): number {
    return Number(this.server.address.split(":").at(-1));
  }

  /** A call over HTTP; `path` goes behind `/api/v2`. */
  async post(
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    // Bytes: to a text, fetch would add a media type of its own.
    const bytes = Buffer.from(body as string);
    return await answered(await this.fetch(path, { method: "POST", body: bytes, headers }));
  }

  fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(`http://${this.server.address}/api/v2${path}`, init);
  }

  async stop(): Promise<void> {
    this.front.stop();
    await this.server.stop(AbortSignal.abort());
  }
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly correlationId: string | undefined;
  readonly bytes: Uint8Array;
}

/** Reads the envelope of any format. */
export async function answered(response: Response): Promise<Answered> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const format = formatNamed(response.headers.get("content-type") ?? "");
  const envelope = readAnswer(format, bytes);
  return {
    status: response.status,
    headers: response.headers,
    type: envelope.member.name,
    message: { ...envelope.value },
    correlationId: envelope.correlationId,
    bytes,
  };
}

function formatNamed(contentType: string): Format {
  const found = Object.values(formOf).find(({ type }) => type === contentType);
  if (found === undefined) throw new Error(`no answer's form: ${contentType}`);
  return found.format;
}

const readAnswer = (format: Format, bytes: Uint8Array): Envelope => decodeEnvelope(format, bytes);
