import { join } from "node:path";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import OpenAI, { AuthenticationError } from "openai";
import { WebSocket } from "ws";
import { genesisSchema, silentLogger, utf8 } from "../../src/base/index.ts";
import { callHeaderNames } from "../../src/chain/index.ts";
import { type Front, type LimitsConfig, limitsConfigSchema } from "../../src/facade/front/index.ts";
import { type GrpcServer, startGrpcServer } from "../../src/facade/grpc/index.ts";
import {
  AllowedOrigins,
  type HttpServer,
  startHttpServer,
  TrustedProxies,
} from "../../src/facade/http/index.ts";
import { messageGateway } from "../../src/facade/messages/index.ts";
import { openAiRoutes } from "../../src/facade/openai/index.ts";
import { restFacade } from "../../src/facade/rest/index.ts";
import { acceptUpgrades, WebSockets } from "../../src/facade/websocket/index.ts";
import { createFront } from "../../src/node/create-front.ts";
import { migrations } from "../../src/node/index.ts";
import { messageOperations, type Operation, operation } from "../../src/operations/index.ts";
import { openStore, type Store } from "../../src/storage/index.ts";
import { GrpcClient } from "../../src/wire/grpc-client.ts";
import { gatewayClientService as clients, messageService } from "../../src/wire/index.ts";
import type { LiveMessage } from "./live-door.ts";
import { openFeed, TestLog } from "./live-topics.ts";
import type { ManualClock } from "./manual-clock.ts";
import { tempFolder } from "./temp-folder.ts";

// Every door of a node that wants to know who calls, on real sockets, and how each is called with headers of a test's choice.

export const network = genesisSchema.parse({ name: "test", chain: null });
const never = new AbortController().signal;
const account = (digit: string) => `0x${digit.repeat(40)}`;

export type Headers = Record<string, string>;
/** Of every request there are two, which must not be exchanged. */
export type Variant = "first" | "second";
/** What became of a call: done, refused in the words of the door's own world, or anything else. */
export type Outcome = "done" | "refused" | string;

export interface Door {
  readonly name: string;
  /** The operation that a signature names. */
  readonly operation: string;
  /** What a signature covers. */
  covered(variant: Variant): Uint8Array;
  call(doors: Doors, headers: Headers, variant: Variant): Promise<Outcome>;
}

const answers: Operation[] = [
  operation(
    clients.GetTaskStatus,
    { access: "open", group: "inference", limit: "read" },
    (message) => message as { id: string },
    async ({ id }) => ({ request_id: id, status: "processing" }),
  ),
  operation(
    clients.SubmitInferenceTask,
    { access: "open", group: "inference", limit: "submit" },
    (message) => message,
    async () => ({ request_id: "task", status: "queued" }),
  ),
  operation(
    clients.SubscribeToTaskUpdates,
    { access: "open", group: "inference", limit: "read" },
    (message) => message,
    async function* () {
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const output_data = JSON.stringify({ text: "hello", finish_reason: "stop", usage });
      yield { request_id: "task", status: "completed", output_data };
    },
  ),
  operation(
    clients.CancelTask,
    { access: "open", group: "inference", limit: "act" },
    (message) => message,
    async () => ({ success: true }),
  ),
  operation(
    clients.GetSupportedModels,
    { access: "open", group: "inference", limit: "read" },
    (message) => message,
    async function* () {},
  ),
  ...messageOperations(() => 0n),
];

export class Doors {
  readonly #folder = tempFolder();
  readonly #clock: ManualClock;
  readonly #log: TestLog;
  readonly #limits: LimitsConfig;
  #store: Store | undefined;
  #front: Front | undefined;
  #sockets: WebSockets | undefined;
  #http: HttpServer | undefined;
  #grpc: GrpcServer | undefined;

  private constructor(clock: ManualClock, limits: LimitsConfig) {
    this.#clock = clock;
    this.#limits = limits;
    this.#log = new TestLog(clock);
  }

  static async open(clock: ManualClock, limits: object = {}): Promise<Doors> {
    const doors = new Doors(clock, limitsConfigSchema.parse(limits));
    await doors.#start();
    return doors;
  }

  get http(): string {
    return this.#http?.address ?? "";
  }

  get grpc(): string {
    return this.#grpc?.address ?? "";
  }

  /** Everything anew but for what is on disk. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#log.remove();
    this.#folder.remove();
  }

  async #start(): Promise<void> {
    const clock = this.#clock;
    const logger = silentLogger;
    const store = await openStore({ path: join(this.#folder.path, "db"), migrations });
    const config = { auth: "required" as const, limits: this.#limits };
    const front = createFront({ config, genesis: network, clock, logger, store, access: undefined });
    const operations = new Map(answers.map((one) => [one.name, one]));
    const options = { front, operations, store, tasks: undefined, version: "0.0.0", clock, logger };
    this.#http = await startHttpServer({
      listen: "127.0.0.1:0",
      logger,
      mounts: [restFacade(options), messageGateway(options), openAiRoutes(options)],
    });
    this.#sockets = new WebSockets({
      feeds: new Map([["node", openFeed]]),
      events: await this.#log.open(),
      front,
      maxConnectionsPerIp: 100,
      origins: new AllowedOrigins([]),
      proxies: new TrustedProxies([]),
      clock,
      logger,
    });
    acceptUpgrades(this.#http.app.server, ["/ws"], this.#sockets);
    this.#grpc = await startGrpcServer({ listen: "127.0.0.1:0", operations: answers, front, logger });
    this.#store = store;
    this.#front = front;
  }

  async #stop(): Promise<void> {
    const now = AbortSignal.abort();
    this.#front?.stop();
    await this.#sockets?.stop(now);
    await Promise.all([this.#http?.stop(now), this.#grpc?.stop(now)]);
    await this.#store?.close();
  }
}

const restBody = (variant: Variant) =>
  JSON.stringify({ model_uuid: "model", input_data: `{"prompt":"${variant}"}` });
const messageBody = (variant: Variant) =>
  JSON.stringify({ account: account(variant === "first" ? "1" : "2") });
const chat = (variant: Variant) => ({
  model: "model",
  messages: [{ role: "user" as const, content: variant }],
});

async function overHttp(
  url: string,
  headers: Headers,
  body?: string,
): Promise<{ status: number; json: never }> {
  const init = body === undefined ? {} : { method: "POST", body };
  const answer = await fetch(url, { ...init, headers: { "content-type": "application/json", ...headers } });
  return { status: answer.status, json: (await answer.json()) as never };
}

/** @returns the code of an error that was told to the connection's first subscription, or that refused it */
async function overWebSocket(url: string, headers: Headers, actions: readonly object[]): Promise<Outcome> {
  const ws = new WebSocket(url, { headers });
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      ws.once("unexpected-response", (_request, answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        answer.once("end", () => {
          const { error } = JSON.parse(text) as { error: { code: string } };
          resolve(answer.statusCode === 401 && error.code === "UNAUTHENTICATED" ? "refused" : text);
        });
      });
      ws.once("error", reject);
      ws.on("open", () => {
        for (const action of actions) ws.send(JSON.stringify(action));
      });
      ws.on("message", (data) => {
        const { error, ack } = JSON.parse(String(data)) as LiveMessage;
        if (error !== undefined) resolve(error.code === "UNAUTHENTICATED" ? "refused" : String(data));
        else if (ack === "subscribe") resolve("done");
      });
    });
  } finally {
    ws.on("error", () => {});
    ws.terminate();
  }
}

const subscribe = { action: "subscribe", topic: "node", ack: true, id: "s" };

/** Every place where a wallet's signature is looked at. */
export const signedDoors: readonly Door[] = [
  {
    name: "gRPC metadata",
    operation: "AccountWeight",
    covered: (variant) =>
      messageService.AccountWeight.requestSerialize(JSON.parse(messageBody(variant)) as never),
    async call(doors, headers, variant) {
      const client = new GrpcClient(doors.grpc);
      const request = JSON.parse(messageBody(variant)) as { account: string };
      try {
        await client.call(messageService.AccountWeight, request, {
          signal: never,
          headers: async () => headers,
        });
        return "done";
      } catch (error) {
        const { code, metadata = new Metadata() } = error as ServiceError;
        const isRefused = code === 16 && metadata.get("countersign-code")[0] === "UNAUTHENTICATED";
        return isRefused ? "refused" : String(error);
      } finally {
        client.close();
      }
    },
  },
  {
    name: "REST with a body",
    operation: "SubmitInferenceTask",
    covered: (variant) => utf8(restBody(variant)),
    async call(doors, headers, variant) {
      const { status, json } = await overHttp(
        `http://${doors.http}/api/v1/inference`,
        headers,
        restBody(variant),
      );
      return restOutcome(status, json);
    },
  },
  {
    name: "REST without a body",
    operation: "GetTaskStatus",
    covered: (variant) => utf8(`/api/v1/inference/${variant}?wait=0s`),
    async call(doors, headers, variant) {
      const { status, json } = await overHttp(
        `http://${doors.http}/api/v1/inference/${variant}?wait=0s`,
        headers,
      );
      return restOutcome(status, json);
    },
  },
  {
    name: "message gateway",
    operation: "AccountWeight",
    covered: (variant) => utf8(messageBody(variant)),
    async call(doors, headers, variant) {
      const url = `http://${doors.http}/api/v2/AccountWeight`;
      const { status, json } = await overHttp(url, headers, messageBody(variant));
      const { message_type, message } = json as { message_type: string; message: { code?: number } };
      if (status === 200 && message_type === "AccountWeightResponse") return "done";
      return status === 401 && message_type === "Error" && message.code === 100
        ? "refused"
        : JSON.stringify(json);
    },
  },
  {
    name: "OpenAI's client",
    operation: "SubmitInferenceTask",
    covered: (variant) => utf8(JSON.stringify(chat(variant))),
    async call(doors, headers, variant) {
      // The client would show a key of its own, which is no part of this.
      const defaultHeaders = { authorization: null, ...headers };
      const client = new OpenAI({
        baseURL: `http://${doors.http}/v1`,
        apiKey: "-",
        maxRetries: 0,
        defaultHeaders,
      });
      try {
        await client.chat.completions.create(chat(variant));
        return "done";
      } catch (error) {
        const isRefused = error instanceof AuthenticationError && error.code === "invalid_api_key";
        return isRefused ? "refused" : String(error);
      }
    },
  },
  {
    name: "WebSocket upgrade",
    operation: "Subscribe",
    covered: (variant) => utf8(`/ws?${variant}`),
    call: (doors, headers, variant) =>
      overWebSocket(`ws://${doors.http}/ws?${variant}`, headers, [subscribe]),
  },
  {
    name: "WebSocket's authenticate",
    operation: "Subscribe",
    covered: (variant) => utf8(`/ws?${variant}`),
    call(doors, headers, variant) {
      const { authorization, ...signature } = headers;
      const fields = Object.entries(callHeaderNames).map(([field, name]) => [field, signature[name]]);
      const credentials = authorization?.replace(/^Bearer ?/, "");
      const authenticate = { action: "authenticate", credentials, ...Object.fromEntries(fields) };
      const actions = Object.keys(headers).length === 0 ? [subscribe] : [authenticate, subscribe];
      return overWebSocket(`ws://${doors.http}/ws?${variant}`, {}, actions);
    },
  },
];

function restOutcome(status: number, json: { error?: { code: string; number: number } }): Outcome {
  if (status < 300) return "done";
  return status === 401 && json.error?.code === "UNAUTHENTICATED" ? "refused" : JSON.stringify(json);
}
