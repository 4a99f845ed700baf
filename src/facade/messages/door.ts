import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Clock, CountersignError, type Logger, messageOf } from "../../base/index.ts";
import type { Operation } from "../../operations/index.ts";
import { type Front, isUnexpected, type OpenCall } from "../front/index.ts";
import { fromFramework, type HttpMount, hangUpSignal, incomingOf, maxBodyBytes } from "../http/index.ts";
import { type Call, decodeCall } from "./calls.ts";
import { type Message, operationsByName } from "./descriptors.ts";
import { Exchange } from "./exchange.ts";
import { repeated } from "./invalid-format.ts";
import { notServed } from "./roles-of-operations.ts";
import { addSchemaRoutes, schemaPaths } from "./schema-routes.ts";
import { started } from "./started.ts";

/** Where the message gateway is. */
export const messagesPath = "/api/v2";

export interface MessageGatewayOptions {
  readonly front: Front;
  /** What this node can be asked, by name. */
  readonly operations: ReadonlyMap<string, Operation>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * `POST /api/v2/<Message>` with the bare message and `POST /api/v2` with an envelope, as the reference's "IPC 2.0 RPC
 * gateway" has them. Whatever is sent under this path, the answer is an envelope and its status tells the truth.
 */
export function messageGateway(options: MessageGatewayOptions): HttpMount {
  return async (app, shapes) => {
    const door = new Door(options);
    shapes.set(messagesPath, door.refuse);
    const routes = (api: FastifyInstance) => {
      api.setErrorHandler((error, request, reply) => door.refuse(error, request, reply));
      api.setNotFoundHandler(door.notFound);
      api.post("/", (request, reply) => door.call(request, reply, undefined));
      api.post<{ Params: { name: string } }>("/:name", (request, reply) =>
        door.call(request, reply, request.params.name),
      );
      addSchemaRoutes(api);
      // Else they would be taken for operations.
      for (const path of schemaPaths) api.post(`/${path}`, door.notFound);
    };
    await app.register(async (api) => routes(api), { prefix: messagesPath });
  };
}

class Door {
  readonly #o: MessageGatewayOptions;

  constructor(options: MessageGatewayOptions) {
    this.#o = options;
  }

  async call(request: FastifyRequest, reply: FastifyReply, name: string | undefined): Promise<FastifyReply> {
    const exchange = new Exchange(request, reply, this.#o.clock);
    try {
      await this.#answer(exchange, request, reply, this.#read(exchange, request, reply, name));
    } catch (error) {
      exchange.refuse(error);
    }
    return reply;
  }

  /** Answers with an error what came before any operation. */
  readonly refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (isUnexpected(error) && (error as { statusCode?: number }).statusCode === undefined)
      this.#o.logger.error({ error: messageOf(error) }, "a message could not be answered");
    new Exchange(request, reply, this.#o.clock).refuse(fromFramework(error, maxBodyBytes));
  };

  readonly notFound = (request: FastifyRequest, reply: FastifyReply): void => {
    const name = nameIn(request.url);
    const allow = schemaPaths.has(name) ? "GET, HEAD" : "POST";
    if (name !== "" && allow === "POST" && !operationsByName.has(name)) {
      const message = `there is no path ${repeated(request.url)}; there are POST ${messagesPath}, POST ${messagesPath}/<Message> and GET ${[...schemaPaths].map((path) => `${messagesPath}/${path}`).join(", ")}`;
      return this.refuse(new CountersignError("NOT_FOUND", message), request, reply);
    }
    reply.header("allow", allow);
    const message = `${repeated(request.method)} is not allowed on ${repeated(request.url)}; expected ${allow}`;
    this.refuse(new CountersignError("METHOD_NOT_ALLOWED", message), request, reply);
  };

  #read(exchange: Exchange, request: FastifyRequest, reply: FastifyReply, name: string | undefined): Call {
    try {
      const format = exchange.checkedFormat();
      const head = exchange.head(name);
      return decodeCall(format, head, exchange.body, (id) => {
        exchange.correlationId = id;
      });
    } catch (error) {
      this.#o.front.unreadable(incomingOf("messages", request, reply), error);
      throw error;
    }
  }

  async #answer(exchange: Exchange, request: FastifyRequest, reply: FastifyReply, call: Call): Promise<void> {
    const { front, clock } = this.#o;
    const { name, response, isStream } = call.operation;
    const operation = this.#o.operations.get(name);
    if (operation === undefined) throw notServed(name);
    exchange.correlationId = call.correlationId;
    const incoming = incomingOf("messages", request, reply, call.credentials);
    if (!isStream) {
      const value = await unary(front.open(operation, incoming), call.message, reply);
      return exchange.answer(response.name, value as Message);
    }
    const messages = await front.stream(operation, incoming, call.message, hangUpSignal(reply));
    exchange.stream(response.name, (await started(messages, clock)) as AsyncIterator<Message>);
  }
}

/** `Front.unary` without the signal of its own that each call would need. */
function unary(open: OpenCall, message: unknown, reply: FastifyReply): Promise<unknown> {
  reply.raw.on("close", () => {
    if (!reply.raw.writableFinished) open.hangUp();
  });
  return open.whole(message);
}

/** The path's part behind the gateway's own. */
function nameIn(url: string): string {
  const path = url.slice(messagesPath.length).split("?")[0] ?? "";
  return path.replace(/^\/|\/$/g, "");
}
